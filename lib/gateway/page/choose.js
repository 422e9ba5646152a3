/* choose.js - several files at a time: which are chosen, and what is done with
 * them all. */
import * as list from './list.js';
import { number } from './format.js';
import { put } from './put.js';
import { T } from './words.js';

const el = (id) => document.getElementById(id);
const everything = el('choose-all');

export function chosen() {
	return list.jobs().filter((r) => r.parts.pick.checked);
}

export function show() {
	const jobs = list.jobs();
	const n = chosen().length;
	const had = el('chosen').contains(document.activeElement);
	el('chosen').hidden = n === 0;
	put(el('chosen-text'), T.chosen(n, number(n)));
	everything.checked = n > 0 && n === jobs.length;
	everything.indeterminate = n > 0 && n < jobs.length;
	el('chosen-zip').hidden = !chosen().some((r) => r.ready);
	if (had && n === 0)
		everything.focus();
}

everything.addEventListener('change', () => {
	for (const row of list.jobs())
		row.parts.pick.checked = everything.checked;
	show();
});

el('chosen-none').addEventListener('click', () => {
	for (const row of chosen())
		row.parts.pick.checked = false;
	show();
});

el('rows').addEventListener('change', show);
