/* admin.js - the page for who keeps the service: whether somebody may see it, and
 * when it is asked for again. */
import { show as showJob } from './admin_job.js';
import { busy, whenDone } from './admin_orders.js';
import { askWorkers, every, live, others } from './admin_sections.js';
import { SessionOver, callJson } from './api.js';
import { number, sentence } from './format.js';
import * as gate from './gate.js';
import { announce } from './news.js';
import { put } from './put.js';
import { T } from './words.js';

const EVERY = 10000;		/* ms between looks at what changes */

const el = (id) => document.getElementById(id);
const trouble = el('trouble');

let timer;
let round = 0;

async function askCounts() {
	const { counts } = await callJson('GET',
	    'status?all=1&count=1&limit=1');
	const { new: unfinished = 0, held = 0, queued = 0, running = 0,
	    done = 0, failed = 0 } = counts;
	const sum = unfinished + held + queued + running + done + failed;
	put(el('counts'), [T.count(sum, number(sum)),
	    T.countWaiting(number(queued)), T.countConverting(number(running)),
	    T.countReady(number(done)), T.countFailed(number(failed)),
	    T.countHeld(number(held)), T.countUnfinished(number(unfinished)),
	].join(' · '));
}

/* What changes by itself; true where the session is not over. */
async function look() {
	try {
		await askCounts();
		await askWorkers();
		await Promise.all(live.map((s) => s.reload()));
		if (trouble.dataset.of === 'look')
			put(trouble, '');
		return true;
	} catch (e) {
		if (e instanceof SessionOver)
			return false;
		trouble.dataset.of = 'look';
		put(trouble, `${sentence(e.message)} ${T.tryingAgain}`);
		return true;
	}
}

function later() {
	clearTimeout(timer);
	const mine = round;
	timer = setTimeout(async () => {
		if (document.hidden || await look() && mine === round)
			later();
	}, EVERY);
}

/* One after the other: an administrator is one of many, too. */
async function lookAtAll() {
	const mine = ++round;
	clearTimeout(timer);
	if (!await look())
		return;
	for (const s of others)
		if (mine === round)
			await s.reload();
	if (mine === round)
		later();
}

whenDone(lookAtAll);

el('refresh').addEventListener('click', (event) => busy(event.target, trouble,
    async () => {
	    await lookAtAll();
	    announce(T.refreshed);
    }));

el('look-up').addEventListener('submit', (event) => {
	event.preventDefault();
	const id = el('look-id').value.trim();
	if (id === '')
		return el('look-id').focus();
	return busy(event.submitter || el('refresh'), trouble, async () => {
		if (!await showJob(id))
			put(trouble, T.noSuchId);
	});
});

async function open() {
	el('admin').hidden = true;
	el('not-admin').hidden = true;
	put(trouble, '');
	const mine = ++round;
	try {
		const me = await callJson('GET', 'me');
		if (mine !== round)
			return;
		el('admin').hidden = !me.admin;
		el('not-admin').hidden = me.admin;
		if (me.admin)
			await lookAtAll();
	} catch (e) {
		if (e instanceof SessionOver || mine !== round)
			return;
		put(trouble, `${sentence(e.message)} ${T.tryingAgain}`);
		setTimeout(() => mine === round && open(), 3000);
	}
}

/* Nothing is left of what was seen. */
function suspend() {
	round++;
	clearTimeout(timer);
	for (const s of every)
		s.clear();
	put(el('counts'), '');
	el('admin').hidden = true;
	el('job-facts').replaceChildren();
}

gate.begin({ title: T.titleAdmin, open, suspend,
    focus: () => el('home').focus(), mayLeave: () => {
	    suspend();
	    return true;
    } });
