/* list.js - the rows on the page: their order, and the way through them by
 * keyboard.
 *
 * Uploads come first, in the order in which they were chosen, then jobs, newest
 * first, which is by their IDs.  The list is one place for the tabulator,
 * whatever its length: the arrows lead from row to row, and only the controls
 * of the row where one is are reached by tabulator.
 */
const list = document.getElementById('rows');
const title = document.getElementById('list-title');

let rows = [];
let current = null;

export function all() {
	return rows;
}

export function jobs() {
	return rows.filter((r) => r.upload === null);
}

export function find(id) {
	return rows.find((r) => r.id === id);
}

export function add(row) {
	rows.push(row);
}

function makeCurrent(row) {
	if (current === row)
		return;
	if (current !== null)
		current.reach(false);
	current = row;
	if (row !== null)
		row.reach(true);
}

/* Only what is not in its place is moved. */
export function order() {
	rows.sort((a, b) => {
		if ((a.upload === null) !== (b.upload === null))
			return a.upload === null ? 1 : -1;
		if (a.upload !== null)
			return 0;
		return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
	});
	let at = list.firstElementChild;
	for (const row of rows) {
		if (row.el === at) {
			at = at.nextElementSibling;
			continue;
		}
		const focused = row.el.contains(document.activeElement) ?
		    document.activeElement : null;
		list.insertBefore(row.el, at);
		if (focused !== null)
			focused.focus();
	}
	if (current === null || !rows.includes(current))
		makeCurrent(rows[0] || null);
}

/* The focus goes to what is next, not to nowhere. */
export function takeAway(row) {
	const had = row.el.contains(document.activeElement);
	const at = rows.indexOf(row);
	if (at < 0)
		return;
	rows.splice(at, 1);
	row.el.remove();
	const near = rows[Math.min(at, rows.length - 1)] || null;
	if (current === row)
		makeCurrent(near);
	if (had && near !== null)
		near.focus();
	else if (had)
		title.focus();
}

/* Only those that keep() says stay. */
export function keep(which) {
	const had = list.contains(document.activeElement);
	rows = rows.filter(which);
	list.replaceChildren(...rows.map((r) => r.el));
	makeCurrent(rows[0] || null);
	if (had && !list.contains(document.activeElement))
		title.focus();
}

function rowAt(el) {
	const li = el.closest('.row');
	return rows.find((r) => r.el === li);
}

list.addEventListener('focusin', (event) => {
	const row = rowAt(event.target);
	if (row !== undefined)
		makeCurrent(row);
});

const STEPS = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };

list.addEventListener('keydown', (event) => {
	const step = STEPS[event.key];
	if (step === undefined || current === null || event.ctrlKey ||
	    event.altKey || event.metaKey || event.shiftKey)
		return;
	event.preventDefault();
	const to = Math.max(0, Math.min(rows.length - 1,
	    rows.indexOf(current) + step));
	rows[to].focus(document.activeElement.dataset.act || '');
	rows[to].el.scrollIntoView({ block: 'nearest' });
});
