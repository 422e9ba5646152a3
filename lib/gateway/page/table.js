/* table.js - a table that is shown anew while somebody reads it: a row keeps its
 * place and its buttons as long as it is there, so that the focus stays.
 *
 * A column has a title, cell(row), and perhaps a class.  A cell is text, or
 * buttons: [{ text, name, act, look }], where name is for who does not see the
 * row, and act(row, button) is called.
 */
import { put } from './put.js';

function make(tag, role, text = '') {
	const e = document.createElement(tag);
	e.setAttribute('role', role);
	e.textContent = text;
	return e;
}

function fill(cell, content, tr) {
	if (typeof content === 'string') {
		delete cell.dataset.sign;
		cell.classList.toggle('none-here', content === '');
		put(cell, content);
		return;
	}
	const sign = content.map((b) => `${b.text}|${b.name}`).join();
	cell.classList.toggle('none-here', content.length === 0);
	if (cell.dataset.sign === sign)
		return;
	cell.dataset.sign = sign;
	cell.replaceChildren(...content.map((b) => {
		const button = document.createElement('button');
		button.type = 'button';
		button.textContent = b.text;
		button.className = b.look || '';
		if (b.name)
			button.setAttribute('aria-label', b.name);
		button.addEventListener('click', () => b.act(tr.row, button));
		return button;
	}));
}

export class Table {
	/* label: the ID of its heading; key(row): what tells rows apart. */
	constructor(place, label, columns, key) {
		this.columns = columns;
		this.key = key;
		this.heading = document.getElementById(label);
		this.rows = new Map();
		this.el = make('table', 'table');
		this.el.className = 'wide';
		this.el.setAttribute('aria-labelledby', label);
		const head = make('thead', 'rowgroup');
		const tr = make('tr', 'row');
		for (const c of columns) {
			const th = make('th', 'columnheader', c.title);
			th.className = c.look || '';
			tr.append(th);
		}
		head.append(tr);
		this.body = make('tbody', 'rowgroup');
		this.el.append(head, this.body);
		place.append(this.el);
	}

	newRow() {
		const el = make('tr', 'row');
		const cells = this.columns.map((c, i) => {
			const cell = i === 0 ? make('th', 'rowheader') :
			    make('td', 'cell');
			cell.className = c.look || '';
			cell.dataset.label = c.title;
			return cell;
		});
		el.append(...cells);
		return { el, cells, row: null };
	}

	fillRow(tr, row) {
		tr.row = row;
		this.columns.forEach((c, i) => fill(tr.cells[i], c.cell(row), tr));
	}

	show(rows) {
		const had = this.body.contains(document.activeElement);
		const wanted = new Map();
		for (const row of rows) {
			const key = this.key(row);
			const tr = this.rows.get(key) || this.newRow();
			this.fillRow(tr, row);
			wanted.set(key, tr);
		}
		for (const [key, tr] of this.rows)
			if (!wanted.has(key))
				tr.el.remove();
		this.rows = wanted;
		this.order();
		this.el.hidden = wanted.size === 0;
		if (had && !this.body.contains(document.activeElement))
			this.heading.focus();
	}

	/* Only what is not in its place is moved. */
	order() {
		let at = this.body.firstElementChild;
		for (const tr of this.rows.values()) {
			if (tr.el === at) {
				at = at.nextElementSibling;
				continue;
			}
			const focused = tr.el.contains(document.activeElement) ?
			    document.activeElement : null;
			this.body.insertBefore(tr.el, at);
			if (focused !== null)
				focused.focus();
		}
	}
}
