/* desk.js - what can be done with files: adding them, with settings, and what
 * the buttons of their rows do. */
import { Refusal, SessionOver, call, callJson } from './api.js';
import * as choose from './choose.js';
import { confirmed, filled } from './dialog.js';
import { number, sentence, size } from './format.js';
import * as jobs from './jobs.js';
import { forgetAll } from './kept.js';
import * as list from './list.js';
import { announce } from './news.js';
import { listen } from './player.js';
import { put } from './put.js';
import { Row } from './row.js';
import * as settings from './settings.js';
import { Upload, setLargest } from './upload.js';
import { T } from './words.js';

const AT_ONCE = 2;		/* uploads */

const trouble = document.getElementById('trouble');

/* The browser's own download, by a ticket.  It follows where it is sent. */
function save(path, ticket, more = '') {
	const a = document.createElement('a');
	a.href = `${path}?ticket=${encodeURIComponent(ticket)}${more}`;
	a.download = '';
	a.click();
}

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
		save('download', ticket, '&redirect=1');
		announce(T.downloading(row.name));
	}),
	remove: async (row, b) => {
		if (await confirmed(T.removeAsk(row.name), T.removeText,
		    T.acts.remove[0]))
			await busy(b, async () => {
				await remove(row);
				announce(T.wasRemoved(row.name));
				jobs.soon();
			});
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

function takeAway(row) {
	list.takeAway(row);
	changed();
}

/* After any change of which rows there are. */
function changed() {
	list.order();
	jobs.showState();
	choose.show();
	showStart();
}

function waitingForWord() {
	return list.all().filter((r) => r.upload !== null &&
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
}

/* --- with several --- */

const FOUR = [0, 1, 2, 3];	/* at a time */

async function removeAll(rows) {
	let n = 0, problem = null;
	const left = [...rows];
	await Promise.all(FOUR.map(async () => {
		for (let row; problem === null &&
		    (row = left.shift()) !== undefined;) {
			try {
				await remove(row);
				n++;
			} catch (e) {
				problem = e;
			}
		}
	}));
	announce(T.wereRemoved(n, number(n)));
	jobs.soon();
	if (problem !== null)
		throw problem;
}

document.getElementById('chosen-zip').addEventListener('click',
    (event) => busy(event.currentTarget, async () => {
	const ids = choose.chosen().filter((r) => r.ready).map((r) => r.id);
	const { ticket, jobs: n } = await callJson('POST', 'zip',
	    `${ids.join('\n')}\n`);
	save('zip', ticket);
	announce(T.zipping(n, number(n)));
}));

document.getElementById('chosen-remove').addEventListener('click',
    async (event) => {
	const b = event.currentTarget;
	const rows = choose.chosen();
	if (await confirmed(T.removeManyAsk(rows.length, number(rows.length)),
	    T.removeManyText, T.acts.remove[0]))
		await busy(b, () => removeAll(rows));
});

/* One click, one request; what went wrong is said below the drop zone. */
async function busy(button, f) {
	if (button.getAttribute('aria-disabled') === 'true')
		return;
	button.setAttribute('aria-disabled', 'true');
	put(trouble, '');
	try {
		await f();
	} catch (e) {
		delete trouble.dataset.of;
		if (!(e instanceof SessionOver))
			put(trouble, sentence(e.message));
	} finally {
		button.removeAttribute('aria-disabled');
	}
}

function uploads() {
	return list.all().filter((r) => r.upload !== null).map((r) => r.upload);
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
	return list.all().find((r) => r.upload === upload);
}

function uploadChanged(u) {
	const row = rowOf(u);
	if (row === undefined)
		return;
	/* The list may have shown the unfinished job before. */
	const twin = u.id === null ? undefined :
	    list.all().find((r) => r !== row && r.id === u.id);
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
		row.madeAt = performance.now();
		jobs.show(job, row);
		changed();
	} catch {
		takeAway(row);
	}
	jobs.soon();
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
		list.add(row);
		n++;
	}
	changed();
	if (n > 0)
		announce(waits ? T.waitingForYou(n) : T.adding(n));
	startUploads();
}

/* Seconds until the next try go by. */
setInterval(() => {
	for (const r of list.all())
		if (r.upload !== null && r.upload.state === 'broken')
			r.show();
}, 1000);

addEventListener('online', () => {
	for (const u of uploads())
		if (u.state === 'broken')
			u.goOn();
});

/* What is accepted, and how large; and the way to the other page, for whom it
 * is. */
function showAccepted(me) {
	document.getElementById('admin-link').hidden = !me.admin;
	setLargest(me.max_upload ?? Infinity);
	document.getElementById('files').accept = me.accept.join();
	put(document.getElementById('accepted'), me.max_upload === null ?
	    T.accepted : T.acceptedUpTo(size(me.max_upload)));
}

jobs.setUp(newRow, showAccepted);

/* Somebody is logged in: uploads that waited for him go on. */
export function open(owner) {
	document.getElementById('admin-link').hidden = true;
	if (uploads().some((u) => u.owner !== owner))
		clear();
	put(document.getElementById('accepted'), T.accepted);
	jobs.open();
	for (const u of uploads())
		if (u.state === 'paused')
			u.goOn();
	startUploads();
}

/* The session is over; uploads wait for a new one. */
export function suspend() {
	jobs.close();
	list.keep((r) => r.upload !== null);
	choose.show();
}

/* Nothing is left of whoever was here. */
export function clear() {
	for (const u of uploads())
		u.stop();
	jobs.close();
	list.keep(() => false);
	choose.show();
	showStart();
	forgetAll();
	settings.forgetTags();
	nextForm.set(settings.forNext());
	showNext();
}
