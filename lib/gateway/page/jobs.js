/* jobs.js - the jobs that the server knows: pages of them as one scrolls, what
 * changed since, search and filter, how many there are and how much room they
 * take.
 *
 * What is loaded is what was scrolled to; the newest page, and those with jobs
 * that change by themselves, are asked for again and again.
 */
import { Refusal, SessionOver, callJson } from './api.js';
import * as choose from './choose.js';
import { number, sentence, size } from './format.js';
import * as list from './list.js';
import { announce } from './news.js';
import { put } from './put.js';
import { T } from './words.js';

const PAGE = 50;
const CATCH_UP = 20;		/* pages at a time */
const LOOKS = 4;		/* pages below the newest, each time */

const el = (id) => document.getElementById(id);
const trouble = el('trouble');

let makeRow;			/* for a new one */
let onMe = () => {};
let filter = '';		/* of the query */
let bottom = null;		/* the last ID that was loaded */
let ended = true;		/* there are none below it */
let loaded = false;
let round = 0;			/* counts openings and filters */
let timer;
let changedAt = 0;		/* when something was last seen to change */
let lowest = null;		/* where the next look for changes begins */

/* A job as the server told it. */
export function show(job, row = list.find(job.id)) {
	if (row !== undefined && row.upload !== null)
		return;
	if (row === undefined) {
		row = makeRow();
		list.add(row);
	} else if (row.job !== null && row.job.state !== job.state) {
		if (job.state === 'done')
			announce(T.isReady(row.name));
		else if (job.state === 'failed')
			announce(T.isFailed(row.name, sentence(job.reason ||
			    T.nobodyKnows)));
	}
	if (row.job === null || row.job.state !== job.state ||
	    row.job.percent !== job.percent)
		changedAt = Date.now();
	row.job = job;
	row.show();
}

/* A page below an ID, '': the newest.  Rows of that part of which nothing is
 * told any more are taken away: they were removed elsewhere, or no longer fit
 * the filter. */
async function fetchPage(after, more = '') {
	const mine = round;
	const asked = performance.now();
	const page = await callJson('GET', `status?order=newest&limit=${PAGE}` +
	    filter + more + (after === '' ? '' : `&after=${after}`));
	if (mine !== round)
		return null;
	const told = new Set(page.jobs.map((j) => j.id));
	for (const job of page.jobs)
		show(job);
	for (const row of list.jobs())
		if (!told.has(row.id) && (after === '' || row.id < after) &&
		    (page.next === null || row.id >= page.next) &&
		    row.madeAt < asked)
			list.takeAway(row);
	return page;
}

/* --- how many, and how much room --- */

let counted = '';

function showCounts(counts) {
	const { new: unfinished = 0, held = 0, queued = 0, running = 0,
	    done = 0, failed = 0 } = counts;
	const sum = unfinished + held + queued + running + done + failed;
	const parts = [[queued + running, T.countActive], [done, T.countReady],
	    [failed, T.countFailed]].filter(([n]) => n > 0).map(
	    ([n, say]) => say(number(n)));
	put(el('count'), sum === 0 ? '' : [T.count(sum, number(sum)),
	    ...parts].join(' · '));
	if (JSON.stringify(counts) === counted)
		return;
	counted = JSON.stringify(counts);
	askMe();
}

function showSpace(me) {
	const bar = el('space-bar');
	const most = me.max_user_bytes;
	el('space').hidden = most === null || me.bytes === null;
	if (el('space').hidden)
		return;
	put(el('space-text'), T.space(size(me.bytes), size(most)));
	bar.max = most;
	bar.value = me.bytes;
}

async function askMe() {
	try {
		const me = await callJson('GET', 'me');
		showSpace(me);
		onMe(me);
	} catch {
		/* The limits are told when they are met. */
	}
}

/* --- pages, as one scrolls --- */

function atEnd() {
	const box = el('more').getBoundingClientRect();
	return !el('desk').hidden && box.top < innerHeight + 600;
}

let loading = false;

async function loadMore() {
	if (loading || ended || !loaded)
		return;
	loading = true;
	el('more').textContent = T.loading;
	try {
		while (!ended && atEnd()) {
			const page = await fetchPage(bottom);
			if (page === null)
				break;
			bottom = page.next;
			ended = bottom === null;
			list.order();
		}
	} catch (e) {
		complain(e);
	} finally {
		loading = false;
		el('more').textContent = '';
	}
}

new IntersectionObserver(loadMore, { rootMargin: '600px' }).observe(el('more'));

/* --- what changed --- */

/* From the newest down to what was known before.  Counting takes the longer the
 * more there are, so the first rows do not wait for it. */
async function lookAtNewest() {
	const before = list.jobs()[0]?.id || '';
	let page = await fetchPage('', loaded ? '&count=1' : '');
	if (page === null)
		return null;
	if (page.counts)
		showCounts(page.counts);
	const first = page;
	for (let n = 0; loaded && page.next !== null && page.next > before &&
	    before !== ''; n++) {
		if (n === CATCH_UP) {
			list.keep((r) => r.upload !== null || r.id >= page.next);
			bottom = page.next;
			ended = false;
			break;
		}
		page = await fetchPage(page.next);
		if (page === null)
			return null;
	}
	return first;
}

/* Below the newest page, some pages with jobs that change. */
async function lookBelow(next) {
	for (let n = 0; n < LOOKS && next !== null; n++) {
		const below = lowest === null || lowest > next ? next : lowest;
		const jobs = list.jobs();
		const at = jobs.findIndex((r) => r.active && r.id < below);
		if (at < 1) {
			lowest = null;
			return;
		}
		const page = await fetchPage(jobs[at - 1].id);
		if (page === null)
			return;
		lowest = page.next;
		if (lowest === null)
			return;
	}
}

let looking = false;

async function look() {
	if (looking)
		return;
	looking = true;
	clearTimeout(timer);
	const mine = round;
	const wasLoaded = loaded;
	try {
		const first = await lookAtNewest();
		if (first !== null && !loaded) {
			bottom = first.next;
			ended = bottom === null;
			loaded = true;
		} else if (first !== null) {
			await lookBelow(first.next);
		}
		list.order();
		showState();
		if (trouble.dataset.of === 'look')
			put(trouble, '');
	} catch (e) {
		if (!complain(e))
			return;
	} finally {
		looking = false;
	}
	/* Another filter is set, or the counts are still to come. */
	if (mine !== round || !wasLoaded && loaded && counted === '')
		look();
	else
		later();
	loadMore();
}

/* false: the session is over. */
function complain(e) {
	if (e instanceof SessionOver)
		return false;
	if (!(e instanceof Refusal))
		throw e;
	trouble.dataset.of = 'look';
	put(trouble, `${sentence(e.message)} ${T.listAgain}`);
	return true;
}

/* Soon while things happen, less often else, not at all where nobody looks. */
function later() {
	clearTimeout(timer);
	if (document.hidden)
		return;
	const active = list.jobs().some((r) => r.active);
	const quiet = Date.now() - changedAt;
	timer = setTimeout(look, !active ? 20000 : quiet < 30000 ? 1500 :
	    quiet < 300000 ? 4000 : 10000);
}

export function soon() {
	clearTimeout(timer);
	changedAt = Date.now();
	timer = setTimeout(look, 300);
}

document.addEventListener('visibilitychange', () => {
	if (!document.hidden && loaded)
		look();
});

/* What stands there where no row does. */
export function showState() {
	const none = list.all().length === 0;
	el('loading').hidden = loaded || !none;
	el('empty').hidden = !loaded || !none || filter !== '';
	el('unfound').hidden = !loaded || !none || filter === '';
	el('tools').hidden = !loaded || none && filter === '';
	choose.show();
}

/* --- search and filter --- */

let searching;

function applyFilter() {
	clearTimeout(searching);
	const name = el('search').value.trim();
	const states = el('which').value;
	const wanted = (name === '' ? '' :
	    `&name=${encodeURIComponent(name)}`) +
	    (states === '' ? '' : `&state=${states}`);
	if (wanted === filter)
		return;
	filter = wanted;
	restart();
}

function restart() {
	round++;
	loaded = false;
	bottom = lowest = null;
	ended = true;
	list.keep((r) => r.upload !== null);
	showState();
	el('tools').hidden = filter === '' && list.all().length === 0;
	look();
}

el('search').addEventListener('input', () => {
	clearTimeout(searching);
	searching = setTimeout(applyFilter, 300);
});
el('search').addEventListener('change', applyFilter);
el('which').addEventListener('change', applyFilter);

export function isFiltered() {
	return filter !== '';
}

/* --- the session --- */

/* make() gives an empty row; me() gets what the server says of the user. */
export function setUp(make, me) {
	makeRow = make;
	onMe = me;
}

export function open() {
	put(trouble, '');
	counted = '';
	restart();
}

/* Nothing more is asked for. */
export function close() {
	clearTimeout(timer);
	round++;
	loaded = false;
	ended = true;
	filter = '';
	el('search').value = el('which').value = '';
	put(el('count'), '');
	el('space').hidden = true;
}
