/* desk.js - the list of one's files: uploads on their way, and the jobs that
 * the server knows, newest first.
 *
 * Everything that came from outside is put in as text, never as HTML.
 */
import { SessionOver, call, callJson } from './api.js';
import { Upload, forgetUploads } from './upload.js';
import * as words from './words.js';

const AT_ONCE = 2;		/* uploads */
const PAGE = 1000;
const RECENT = 30 * 24 * 3600;		/* seconds */

const list = document.getElementById('rows');
const template = document.getElementById('row');
const empty = document.getElementById('empty');
const older = document.getElementById('older');
const trouble = document.getElementById('trouble');
const newsPlace = document.getElementById('news');

let rows = [];
let from = '';			/* the list begins above this ID */
let loaded = false;
let timer;
let changedAt = 0;		/* when something was last seen to change */
let confirmed = async () => true;

/* What a screen reader says; several at a time are said one after another. */
let newsTimer;
let newsQueue = [];
export function announce(text) {
	newsQueue.push(text);
	clearTimeout(newsTimer);
	newsTimer = setTimeout(() => {
		newsPlace.textContent = newsQueue.join(' ');
		newsQueue = [];
	}, 150);
}

export function askWith(f) {
	confirmed = f;
}

class Row {
	constructor() {
		const root = template.content.cloneNode(true);
		this.el = root.querySelector('.row');
		const part = (name) => this.el.querySelector(name);
		this.parts = {
			name: part('.name'), state: part('.state'),
			more: part('.more'), note: part('.note'),
			bar: part('progress'), actions: part('.actions'),
		};
		this.buttons = [];
		this.job = null;
		this.upload = null;
	}

	get id() {
		return this.upload !== null ? this.upload.id : this.job.id;
	}

	get name() {
		return this.upload !== null ? this.upload.name :
		    this.job.name || this.job.id;
	}

	show() {
		const p = this.parts;
		const seen = this.upload !== null ?
		    describeUpload(this.upload) : words.describe(this.job);
		put(p.name, this.name);
		put(p.state, seen.state);
		put(p.more, seen.more);
		put(p.note, seen.note);
		p.note.hidden = seen.note === '';
		this.el.dataset.look = seen.look;
		p.bar.hidden = seen.percent === undefined;
		p.bar.setAttribute('aria-label', `Progress of ${this.name}`);
		if (seen.percent === undefined || seen.percent < 0)
			p.bar.removeAttribute('value');
		else if (p.bar.value !== seen.percent)
			p.bar.value = seen.percent;
		this.active = seen.active;
		this.act(seen);
	}

	/* Buttons are made anew only where they differ: one may have the
	 * focus. */
	act(seen) {
		const wanted = this.upload !== null ?
		    uploadActions(this.upload) :
		    [...seen.ready ? ['Download'] : [], 'Remove'];
		if (wanted.join() === this.buttons.map(
		    (b) => b.dataset.act).join())
			return;
		const focused = this.el.contains(document.activeElement);
		this.buttons = wanted.map((what) => this.button(what));
		this.parts.actions.replaceChildren(...this.buttons);
		if (focused)
			(this.buttons[0] || list).focus();
	}

	button(what) {
		const b = document.createElement('button');
		b.type = 'button';
		b.textContent = what;
		b.dataset.act = what;
		if (what === 'Download')
			b.className = 'main';
		b.setAttribute('aria-label', `${what} ${what === 'Download' ?
		    'the MP3 of ' : ''}${this.name}`);
		b.addEventListener('click', () => actions[what](this, b));
		return b;
	}
}

function put(el, text) {
	if (el.textContent !== text)
		el.textContent = text;
}

function describeUpload(u) {
	const percent = u.size === 0 ? 0 : Math.floor(100 * u.sent / u.size);
	const seen = { look: '', state: '', more: '', note: '',
	    percent: undefined, active: false };
	switch (u.state) {
	case 'waiting':
		seen.state = 'Waiting to be uploaded';
		seen.more = words.size(u.size);
		break;
	case 'sending':
		seen.state = `Uploading, ${percent} %`;
		seen.more = `${words.size(u.sent)} of ${words.size(u.size)}`;
		if (u.speed > 0)
			seen.more += ' · ' + words.left(
			    (u.size - u.sent) / u.speed);
		seen.percent = percent;
		break;
	case 'checking':
		seen.state = 'Uploaded, the server looks at it';
		seen.percent = -1;
		break;
	case 'broken': {
		const s = Math.ceil((u.again - Date.now()) / 1000);
		seen.state = u.sent > 0 ? `Interrupted at ${percent} %` :
		    'Not begun yet';
		seen.note = `${words.sentence(u.problem)} ` + (s > 0 ?
		    `Trying again in ${s} s.` : 'Trying again.');
		seen.percent = percent;
		break;
	}
	case 'paused':
		seen.state = 'Waiting for you to log in';
		seen.percent = percent;
		break;
	case 'refused':
		seen.look = 'failed';
		seen.state = 'Not accepted';
		seen.note = words.sentence(u.problem);
		break;
	}
	return seen;
}

function uploadActions(u) {
	if (u.state === 'refused')
		return ['Try again', 'Dismiss'];
	return ['checking', 'done', 'stopped'].includes(u.state) ? [] :
	    ['Cancel'];
}

const actions = {
	'Download': (row, b) => busy(b, async () => {
		const { ticket } = await callJson('POST',
		    `ticket?fid=${row.id}`);
		const a = document.createElement('a');
		a.href = `download?ticket=${encodeURIComponent(ticket)}`;
		a.download = '';
		a.click();
		announce(`Downloading the MP3 of ${row.name}.`);
	}),
	'Remove': async (row, b) => {
		if (await confirmed(`Remove ${row.name}?`,
		    'The video and its MP3 are deleted for good.', 'Remove'))
			await busy(b, () => remove(row));
	},
	'Cancel': async (row) => {
		if (!await confirmed(`Cancel the upload of ${row.name}?`,
		    'What was uploaded of it is deleted.', 'Cancel the upload',
		    'Go on') || row.upload === null || row.upload.over)
			return;
		row.upload.stop();
		takeAway(row);
		announce(`The upload of ${row.name} was cancelled.`);
		startUploads();
	},
	'Try again': (row) => {
		row.upload = new Upload(row.upload.file, row.upload.owner,
		    uploadChanged);
		row.show();
		startUploads();
	},
	'Dismiss': (row) => takeAway(row),
};

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
	announce(`${row.name} was removed.`);
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
			put(trouble, words.sentence(e.message));
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
	(near && near.buttons[0] ||
	    document.getElementById('list-title')).focus();
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
		announce(`The upload of ${u.name} was interrupted and will ` +
		    'go on by itself.');
	else if (u.state === 'refused')
		announce(`${u.name} was not accepted: ` +
		    words.sentence(u.problem));
	else if (u.state === 'done')
		uploaded(row, u);
}

/* The row becomes the job's. */
async function uploaded(row, u) {
	announce(`${u.name} is uploaded.`);
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
	let n = 0;
	for (const file of files) {
		const u = new Upload(file, owner, uploadChanged);
		if (uploads().some((o) => !o.over &&
		    o.fingerprint === u.fingerprint))
			continue;
		const row = new Row();
		row.upload = u;
		row.show();
		rows.push(row);
		n++;
	}
	order();
	if (n > 0)
		announce(n === 1 ? '1 file is being uploaded.' :
		    `${n} files are being uploaded.`);
	startUploads();
}

/* A job as the server told it. */
function show(job, row = rows.find((r) => r.id === job.id)) {
	if (row !== undefined && row.upload !== null)
		return;
	if (row === undefined) {
		row = new Row();
		rows.push(row);
	} else if (row.job !== null && row.job.state !== job.state) {
		if (job.state === 'done')
			announce(`The MP3 of ${row.name} is ready.`);
		else if (job.state === 'failed')
			announce(`${row.name} could not be converted: ` +
			    words.sentence(job.reason || ''));
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
		put(trouble, words.sentence(e.message) + ' Trying again.');
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

/* Somebody is logged in: uploads that waited for him go on. */
export function open(owner) {
	if (uploads().some((u) => u.owner !== owner))
		clear();
	from = idAt(Date.now() / 1000 - RECENT);
	loaded = false;
	older.hidden = true;
	put(trouble, '');
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
}
