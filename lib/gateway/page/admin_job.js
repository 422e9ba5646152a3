/* admin_job.js - all that is known of one ID, in a dialogue, and what can be done
 * with it. */
import { Refusal, SessionOver, callJson } from './api.js';
import * as format from './format.js';
import * as orders from './admin_orders.js';
import { put } from './put.js';
import { summary } from './settings.js';
import { T } from './words.js';

const el = (id) => document.getElementById(id);
const dialog = el('job');
const problem = el('job-problem');

const SIZES = ['length', 'mp3_length'];
const TIMES = ['created', 'finished', 'fetched', 'due', 'lease_until'];

function text(key, value) {
	if (SIZES.includes(key))
		return `${format.size(value)} (${format.number(value)})`;
	if (TIMES.includes(key))
		return format.moment(value);
	if (key === 'duration_s')
		return format.clock(value);
	if (key === 'percent')
		return format.percent(value);
	if (key === 'options')
		return summary(value) || T.asStandard;
	if (Array.isArray(value))
		return value.map(format.sentence).join(' ');
	if (typeof value === 'boolean')
		return value ? T.yes : T.no;
	return typeof value === 'number' ? format.number(value) :
	    String(value);
}

function facts(job) {
	const table = document.createElement('table');
	const body = document.createElement('tbody');
	for (const [key, value] of Object.entries(job)) {
		const tr = document.createElement('tr');
		const th = document.createElement('th');
		const td = document.createElement('td');
		th.scope = 'row';
		th.textContent = T.facts[key] || key;
		td.textContent = text(key, value);
		tr.append(th, td);
		body.append(tr);
	}
	table.append(body);
	table.setAttribute('aria-labelledby', 'job-title');
	return table;
}

function button(label, act, look = '') {
	const b = document.createElement('button');
	b.type = 'button';
	b.className = look;
	b.textContent = label;
	b.addEventListener('click', () => act(b));
	return b;
}

/* The dialogue goes first, so that what it led to can be seen. */
function leaving(f) {
	return (b) => {
		dialog.close();
		return f(b);
	};
}

function acts(job) {
	const id = `fid=${job.id}`;
	const name = job.name || job.id;
	const list = [button(T.close, () => dialog.close())];
	if (['failed', 'held', 'queued', 'running'].includes(job.state))
		list.push(button(T.requeue, leaving(
		    (b) => orders.requeue(id, b))));
	if (job.state === 'done')
		list.push(button(T.convertAgain, leaving(
		    (b) => orders.requeue(`${id}&again=1`, b))));
	if (['sent', 'sent?', 'failed'].includes(job.told))
		list.push(button(T.sendAgain, leaving((b) => orders.tell(
		    job.id, b, undefined,
		    job.told === 'sent' ? '&force=1' : ''))));
	if (!['done', 'cancelled'].includes(job.state))
		list.push(button(T.drop, leaving((b) => orders.drop(id,
		    T.dropAsk(1, '1', name), b))));
	return list;
}

/* Ask for it and show it.  false: there is none. */
export async function show(id) {
	let job;
	try {
		job = await callJson('GET',
		    `admin/job?fid=${encodeURIComponent(id)}`);
	} catch (e) {
		if (e instanceof SessionOver)
			return true;
		if (e instanceof Refusal && e.status === 404)
			return false;
		throw e;
	}
	put(problem, '');
	put(el('job-title'), job.name || job.id);
	el('job-facts').replaceChildren(facts(job));
	el('job-facts').scrollTop = 0;
	el('job-actions').replaceChildren(...acts(job));
	dialog.showModal();
	return true;
}

dialog.addEventListener('close', () => {
	if (document.activeElement === document.body)
		document.querySelector('[data-home]').focus();
});
