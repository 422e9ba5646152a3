/* admin_orders.js - what an administrator has done to jobs: queued again,
 * dropped, told of again. */
import { LONG, SessionOver, callJson } from './api.js';
import { confirmed } from './dialog.js';
import { number, sentence } from './format.js';
import { announce } from './news.js';
import { put } from './put.js';
import { T } from './words.js';

const trouble = document.getElementById('trouble');
let onDone = () => {};

/* f() is called when something has changed. */
export function whenDone(f) {
	onDone = f;
}

/* One at a time for each button; what goes wrong is told in place. */
export async function busy(button, place, f) {
	if (button.getAttribute('aria-disabled') === 'true')
		return;
	button.setAttribute('aria-disabled', 'true');
	delete place.dataset.of;	/* no look takes it away */
	put(place, '');
	try {
		await f();
	} catch (e) {
		if (!(e instanceof SessionOver))
			put(place, sentence(e.message));
	} finally {
		button.removeAttribute('aria-disabled');
	}
}

/* Page by page, as far as something comes of it, which sum is told. */
async function giveAll(what, query, sum) {
	let after = '', page;
	do {
		page = await callJson('POST', `admin/${what}?${query}${after}`,
		    undefined, LONG);
		sum.n += page.done.length;
		sum.refused.push(...page.refused);
		if (page.error !== null)
			throw new Error(page.error);
		after = page.next === null ? '' : `&after=${page.next}`;
	} while (page.more && (page.next !== null || page.done.length > 0));
}

const SAID = { requeue: T.wereRequeued, drop: T.wereDropped };

async function give(what, query) {
	const sum = { n: 0, refused: [] };
	try {
		await giveAll(what, query, sum);
	} finally {
		announce(SAID[what](sum.n, number(sum.n)));
		onDone();
	}
	if (sum.refused.length > 0)
		put(trouble, T.wereRefused(sum.refused.length,
		    number(sum.refused.length),
		    sentence(sum.refused[0].error)));
}

export function requeue(query, button) {
	return busy(button, trouble, () => give('requeue', query));
}

/* Only once the question was answered, which ask() makes; null: it cannot. */
export function drop(query, ask, button) {
	return busy(button, trouble, async () => {
		const question = await ask();
		if (question !== null &&
		    await confirmed(question, T.dropText, T.drop))
			await give('drop', query);
	});
}

export function tell(id, button, place = trouble, force = '') {
	return busy(button, place, async () => {
		await callJson('POST', `admin/tell?fid=${id}${force}`);
		announce(T.wasTold);
		onDone();
	});
}
