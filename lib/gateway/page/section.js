/* section.js - a part of the page for who keeps the service: a table that is
 * loaded page by page, and what stands there where it has no rows. */
import { SessionOver } from './api.js';
import { sentence } from './format.js';
import { put } from './put.js';
import { Table } from './table.js';
import { T } from './words.js';

const el = (id) => document.getElementById(id);

function paragraph(look) {
	const p = document.createElement('p');
	p.className = look;
	return p;
}

export class Section {
	/* name: of its place, and with "-title" of its heading.  load(after)
	 * gives { rows, next, more }, where next, which is null at the end,
	 * leads to the next page, and more is true where there is more to
	 * which nothing leads. */
	constructor(name, { columns, key, none, load, title = `${name}-title` }) {
		this.load = load;
		this.none = none;
		this.rows = [];
		this.next = null;
		this.isCut = false;
		this.pages = 1;
		this.round = 0;
		this.table = new Table(el(name), title, columns, key);
		this.table.show([]);
		this.empty = paragraph('none');
		this.trouble = paragraph('section-trouble');
		this.trouble.setAttribute('role', 'alert');
		this.more = document.createElement('button');
		this.more.type = 'button';
		this.more.className = 'under';
		this.more.textContent = T.loadMore;
		this.more.hidden = true;
		this.more.addEventListener('click', () => this.loadMore());
		el(name).append(this.empty, this.more, this.trouble);
	}

	show() {
		this.table.show(this.rows);
		put(this.empty, this.isCut ? T.moreThere : this.rows.length > 0 ||
		    this.next !== null ? '' : this.none);
		const had = document.activeElement === this.more;
		this.more.hidden = this.next === null;
		this.more.setAttribute('aria-label',
		    T.loadMoreOf(this.table.heading.textContent));
		if (had && this.more.hidden)
			this.table.heading.focus();
	}

	/* null: somebody asked anew meanwhile, or it was told what went
	 * wrong. */
	async ask(after) {
		const mine = this.round;
		try {
			const page = await this.load(after);
			if (mine !== this.round)
				return null;
			put(this.trouble, '');
			return page;
		} catch (e) {
			if (!(e instanceof SessionOver) && mine === this.round)
				put(this.trouble, sentence(e.message));
			return null;
		}
	}

	/* true: it is shown. */
	async loadMore() {
		const page = await this.ask(this.next);
		if (page === null)
			return false;
		this.pages++;
		this.rows = this.merge(this.rows, page.rows);
		this.next = page.next;
		this.show();
		return true;
	}

	/* Up to the last page; false: it was told what went wrong. */
	async loadAll() {
		while (this.next !== null) {
			const mine = this.round;
			if (!await this.loadMore() && mine === this.round)
				return false;
		}
		return true;
	}

	/* What is known now of a row that was shown. */
	find(row) {
		const key = this.table.key(row);
		return this.rows.find((r) => this.table.key(r) === key);
	}

	/* What comes again on a later page, as some do, is one row. */
	merge(rows, more) {
		const all = new Map(rows.map((r) => [this.table.key(r), r]));
		for (const r of more) {
			const key = this.table.key(r);
			all.set(key, all.has(key) && this.add ?
			    this.add(all.get(key), r) : r);
		}
		return [...all.values()];
	}

	/* As many pages as there were; true: they are shown. */
	async reload() {
		this.round++;
		let rows = [], next = null, isCut = false, n = 0;
		do {
			const page = await this.ask(next);
			if (page === null)
				return false;
			rows = this.merge(rows, page.rows);
			next = page.next;
			isCut = page.more === true;
		} while (++n < this.pages && next !== null);
		this.rows = rows;
		this.next = next;
		this.isCut = isCut;
		this.show();
		return true;
	}

	/* From the first page. */
	restart() {
		this.pages = 1;
		return this.reload();
	}

	clear() {
		this.round++;
		this.rows = [];
		this.next = null;
		this.isCut = false;
		this.pages = 1;
		this.table.show([]);
		put(this.empty, '');
		put(this.trouble, '');
		this.more.hidden = true;
	}
}
