/* desk.js - the list of one's files: uploads on their way, and the jobs that
 * the server knows, newest first.
 *
 * Everything that came from outside is put in as text, never as HTML.
 */
import { Refusal, SessionOver, call, callJson } from './api.js';
import { confirmed, filled } from './dialog.js';
import { sentence, size } from './format.js';
import { announce } from './news.js';
import { listen } from './player.js';
import { Row, put } from './row.js';
import * as settings from './settings.js';
import { Upload, askLargest, forgetUploads } from './upload.js';
import { T } from './words.js';

const AT_ONCE = 2;		/* uploads */
const PAGE = 1000;
const RECENT = 30 * 24 * 3600;		/* seconds */

const list = document.getElementById('rows');
const empty = document.getElementById('empty');
const older = document.getElementById('older');
const trouble = document.getElementById('trouble');

let rows = [];
let from = '';			/* the list begins above this ID */
let loaded = false;
let timer;
let changedAt = 0;		/* when something was last seen to change */

const actions = {
	upload: (row) => start([row]),
	settings: (row) => changeSettings(row),
	listen: (row, b) => busy(b, () => listen(row.job, row.name)),
	download: (row, b) => busy(b, async () => {
		/* What went wrong would be saved as the MP3. */
		const answer = await call('GET', `download?fid=${row.id}`,
		    { 'Range': 'bytes=0-0' });
		if (answer.status === 202)
			throw new Refusal(T.queued);
		const { ticket } = await callJson('POST',
		    `ticket?fid=${row.id}`);
		const a = document.createElement('a');
		a.href = `download?ticket=${encodeURIComponent(ticket)}`;
		a.download = '';
		a.click();
		announce(T.downloading(row.name));
	}),
	remove: async (row, b) => {
		if (await confirmed(T.removeAsk(row.name), T.removeText,
		    T.acts.remove[0]))
			await busy(b, () => remove(row));
	},
	cancel: async (row) => {
		if (row.upload.state !== 'own' &&
		    !await confirmed(T.cancelAsk(row.name), T.cancelText,
		    T.cancelYes, T.cancelNo) ||
		    row.upload === null || row.upload.over)
			return;
		row.upload.stop();
		takeAway(row);
		announce(T.cancelled(row.name));
		startUploads();
	},
	again: (row) => {
		const old = row.upload;
		row.upload = new Upload(old.file, old.owner, uploadChanged);
		row.upload.settings = old.settings;
		row.upload.options = old.options;
		row.upload.film = old.film;
		row.show();
		startUploads();
	},
	dismiss: (row) => takeAway(row),
};

function newRow() {
	return new Row((what, row, b) => actions[what](row, b));
}

/* --- settings --- */

const next = document.getElementById('next');
const nextForm = new settings.Form(document.getElementById('next-form'),
    false);
const ownForm = new settings.Form(document.getElementById('own-form'), true);
const looks = document.getElementById('looks');

function showNext() {
	const o = settings.options(settings.forNext());
	put(document.getElementById('next-summary'), o === '' ? T.asStandard :
	    settings.summary(JSON.parse(o)));
}

nextForm.set(settings.forNext());
looks.checked = settings.looksFirst();
showNext();

next.addEventListener('change', () => {
	settings.setLooksFirst(looks.checked);
	if (nextForm.accuse(settings.fault(nextForm.values())))
		settings.setNext(nextForm.values());
	showNext();
});

function give(upload, values) {
	upload.settings = values;
	upload.options = settings.options(values);
}

async function changeSettings(row) {
	const u = row.upload;
	const dialog = document.getElementById('own');
	const before = u.state;
	u.state = 'own';	/* it does not begin meanwhile */
	put(document.getElementById('own-title'), T.settingsOf(u.name));
	ownForm.set(u.settings);
	ownForm.suggest(u.film);
	if (await filled(dialog, () => ownForm.check())) {
		give(u, ownForm.values());
		announce(T.settingsSaved(u.name));
	}
	u.state = before;
	row.show();
	startUploads();
}

/* Those that wait for a word go. */
function start(which) {
	for (const row of which)
		row.upload.set('waiting');
	showStart();
	startUploads();
}

function waitingForWord() {
	return rows.filter((r) => r.upload !== null &&
	    r.upload.state === 'own');
}

const startButton = document.getElementById('start');

function showStart() {
	const n = waitingForWord().length;
	const had = document.activeElement === startButton;
	startButton.hidden = n === 0;
	put(startButton, n === 0 ? '' : T.uploadAll(n));
	if (had && n === 0)
		document.getElementById('list-title').focus();
}

startButton.addEventListener('click', () => start(waitingForWord()));

/* --- what can be done --- */

async function remove(row) {
	const job = row.job;
	if (job.state === 'new')
		await call('DELETE', `files/${job.id}`,
		    { 'Tus-Resumable': '1.0.0' }).catch((e) => {
			if (e.status !== 404 && e.status !== 410)
				throw e;
		});
	else
		await call('DELETE', `files?fid=${job.id}`);
	takeAway(row);
	announce(T.wasRemoved(row.name));
}

/* One click, one request; what went wrong is said below the drop zone. */
async function busy(button, f) {
	if (button.getAttribute('aria-disabled') === 'true')
		return;
	button.setAttribute('aria-disabled', 'true');
	put(trouble, '');
	try {
		await f();
	} catch (e) {
		if (!(e instanceof SessionOver))
			put(trouble, sentence(e.message));
	} finally {
		button.removeAttribute('aria-disabled');
	}
}

/* The focus goes to what is next, not to nowhere. */
function takeAway(row) {
	const had = row.el.contains(document.activeElement);
	const at = rows.indexOf(row);
	if (at < 0)
		return;
	rows.splice(at, 1);
	row.el.remove();
	order();
	if (!had)
		return;
	const near = rows[Math.min(at, rows.length - 1)];
	if (near)
		near.focus();
	else
		document.getElementById('list-title').focus();
}

/* Uploads first, in the order in which they were chosen, then jobs, newest
 * first.  Only what is not in its place is moved. */
function order() {
	rows.sort((a, b) => {
		if ((a.upload === null) !== (b.upload === null))
			return a.upload === null ? 1 : -1;
		if (a.upload !== null)
			return 0;
		return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
	});
	rows.forEach((row, i) => {
		if (list.children[i] === row.el)
			return;
		const focused = row.el.contains(document.activeElement) ?
		    document.activeElement : null;
		list.insertBefore(row.el, list.children[i] || null);
		if (focused !== null)
			focused.focus();
	});
	empty.hidden = !loaded || rows.length > 0;
	showStart();
}

function uploads() {
	return rows.filter((r) => r.upload !== null).map((r) => r.upload);
}

export function unfinished() {
	return uploads().filter((u) => !u.over).length;
}

let startedUploads = new Set();

function startUploads() {
	for (const u of uploads()) {
		if (startedUploads.size >= AT_ONCE)
			return;
		if (u.state !== 'waiting' || startedUploads.has(u))
			continue;
		startedUploads.add(u);
		u.run().then(() => {
			startedUploads.delete(u);
			startUploads();
		});
	}
}

function rowOf(upload) {
	return rows.find((r) => r.upload === upload);
}

function uploadChanged(u) {
	const row = rowOf(u);
	if (row === undefined)
		return;
	/* The list may have shown the unfinished job before. */
	const twin = u.id === null ? undefined :
	    rows.find((r) => r !== row && r.id === u.id);
	if (twin !== undefined)
		takeAway(twin);
	row.show();
	if (row.said === u.state)
		return;
	row.said = u.state;
	if (u.state === 'broken')
		announce(T.interrupted(u.name));
	else if (u.state === 'refused')
		announce(T.notAccepted(u.name, sentence(u.problem)));
	else if (u.state === 'done')
		uploaded(row, u);
}

/* The row becomes the job's. */
async function uploaded(row, u) {
	announce(T.uploaded(u.name));
	try {
		const job = await callJson('GET', `status?fid=${u.id}`);
		row.upload = null;
		show(job, row);
		order();
	} catch {
		takeAway(row);
	}
	soon();
}

export function add(files, owner) {
	/* With settings that are wrong nothing begins. */
	const waits = settings.looksFirst() ||
	    settings.fault(nextForm.values()) !== null;
	let n = 0;
	for (const file of files) {
		const u = new Upload(file, owner, uploadChanged);
		if (uploads().some((o) => !o.over &&
		    o.fingerprint === u.fingerprint))
			continue;
		const row = newRow();
		row.upload = u;
		give(u, settings.forNext());
		u.state = waits ? 'own' : 'waiting';
		row.show();
		u.lookAt();
		rows.push(row);
		n++;
	}
	order();
	if (n > 0)
		announce(waits ? T.waitingForYou(n) : T.adding(n));
	showStart();
	startUploads();
}

/* A job as the server told it. */
function show(job, row = rows.find((r) => r.id === job.id)) {
	if (row !== undefined && row.upload !== null)
		return;
	if (row === undefined) {
		row = newRow();
		rows.push(row);
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

/* All jobs above an ID. */
async function fetchAbove(after) {
	const jobs = [];
	do {
		const page = await callJson('GET', `status?limit=${PAGE}` +
		    (after === '' ? '' : `&after=${after}`));
		jobs.push(...page.jobs);
		after = page.next;
	} while (typeof after === 'string' && after !== '');
	return jobs;
}

/* IDs begin with the seconds of their making. */
function idAt(s) {
	return Math.max(0, Math.floor(s)).toString(16).padStart(8, '0') +
	    '0'.repeat(16);
}

/* Below the oldest job that is not over yet, and a minute below the newest,
 * as clocks differ.  Jobs of that part that are no longer told were removed
 * elsewhere. */
function lookFrom() {
	const jobs = rows.filter((r) => r.upload === null);
	if (!loaded || jobs.length === 0)
		return from;
	const of = (row) => parseInt(row.id.slice(0, 8), 16);
	return idAt(Math.min(of(jobs[0]) - 60, ...jobs.filter(
	    (r) => r.active).map((r) => of(r) - 1)));
}

let looking = false;

async function look() {
	if (looking)
		return;
	looking = true;
	clearTimeout(timer);
	try {
		const after = lookFrom();
		const jobs = await fetchAbove(after);
		const told = new Set(jobs.map((j) => j.id));
		for (const job of jobs)
			if (job.state !== 'cancelled')
				show(job);
		for (const row of [...rows])
			if (row.upload === null && row.id > after &&
			    !told.has(row.id) && row.seenAt !== undefined)
				takeAway(row);
		for (const row of rows)
			row.seenAt = Date.now();
		if (!loaded) {
			loaded = true;
			await lookOlder();
		}
		order();
		if (trouble.dataset.of === 'look')
			put(trouble, '');
	} catch (e) {
		if (e instanceof SessionOver)
			return;
		trouble.dataset.of = 'look';
		put(trouble, `${sentence(e.message)} ${T.tryingAgain}`);
	} finally {
		looking = false;
	}
	later();
}

async function lookOlder() {
	if (from === '')
		return;
	const first = await callJson('GET', 'status?limit=1');
	older.hidden = first.jobs.length === 0 || first.jobs[0].id > from;
}

/* Soon while things happen, less often else, not at all where nobody looks. */
function later() {
	clearTimeout(timer);
	if (document.hidden)
		return;
	const active = rows.some((r) => r.upload === null && r.active);
	const quiet = Date.now() - changedAt;
	timer = setTimeout(look, !active ? 20000 : quiet < 30000 ? 1500 :
	    quiet < 300000 ? 4000 : 10000);
}

function soon() {
	clearTimeout(timer);
	changedAt = Date.now();
	timer = setTimeout(look, 300);
}

/* Seconds until the next try go by. */
setInterval(() => {
	for (const r of rows)
		if (r.upload !== null && r.upload.state === 'broken')
			r.show();
}, 1000);

document.addEventListener('visibilitychange', () => {
	if (!document.hidden && loaded)
		look();
});

addEventListener('online', () => {
	for (const u of uploads())
		if (u.state === 'broken')
			u.goOn();
});

older.addEventListener('click', async () => {
	await busy(older, async () => {
		for (const job of await fetchAbove(''))
			show(job);
		from = '';
		older.hidden = true;
		order();
		document.getElementById('list-title').focus();
	});
});

async function showAccepted() {
	const place = document.getElementById('accepted');
	put(place, T.accepted);
	try {
		const n = await askLargest();
		if (n > 0)
			put(place, T.acceptedUpTo(size(n)));
	} catch {
		/* Then the server says so when it is too late. */
	}
}

/* Somebody is logged in: uploads that waited for him go on. */
export function open(owner) {
	if (uploads().some((u) => u.owner !== owner))
		clear();
	from = idAt(Date.now() / 1000 - RECENT);
	loaded = false;
	older.hidden = true;
	put(trouble, '');
	showAccepted();
	look();
	for (const u of uploads())
		if (u.state === 'paused')
			u.goOn();
	startUploads();
}

/* The session is over; uploads wait for a new one. */
export function suspend() {
	clearTimeout(timer);
	rows = rows.filter((r) => r.upload !== null);
	list.replaceChildren(...rows.map((r) => r.el));
	loaded = false;
}

/* Nothing is left of whoever was here. */
export function clear() {
	for (const u of uploads())
		u.stop();
	clearTimeout(timer);
	rows = [];
	list.replaceChildren();
	loaded = false;
	forgetUploads();
	settings.forgetTags();
	nextForm.set(settings.forNext());
	showNext();
}
