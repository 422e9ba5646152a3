/* admin_sections.js - the tables of the page for who keeps the service: their
 * columns, and where their rows come from. */
import { LONG, callJson } from './api.js';
import * as format from './format.js';
import { show as showJob } from './admin_job.js';
import * as orders from './admin_orders.js';
import { announce } from './news.js';
import { put } from './put.js';
import { Section } from './section.js';
import { T } from './words.js';

const el = (id) => document.getElementById(id);
const trouble = el('trouble');

/* --- columns that several have --- */

function idButton(id, name) {
	return [{ text: id, name: T.allAbout(name, id), look: 'link',
	    act: (row, b) => orders.busy(b, trouble, async () => {
		    if (!await showJob(id))
			    put(trouble, T.noSuchId);
	    }) }];
}

const ID = { title: T.colId, look: 'id',
    cell: (r) => idButton(r.id, r.name || '') };
const FILE = { title: T.colFile, look: 'file', cell: (r) => r.name || '' };
const OWNER = { title: T.colOwner, look: 'who',
    cell: (r) => r.owner || '' };
const SINCE = { title: T.colUploaded, look: 'when', cell: (r) => r.created ?
    format.moment(r.created) : '' };

const named = (r) => r.name || r.id;
/* The name of a command stays as it is. */
function words(text) {
	return !text || text.startsWith('v2m-') ? text || '' :
	    format.sentence(text);
}

/* --- what is asked --- */

/* A list that has pages. */
function pages(path, member) {
	return async (after) => {
		const sep = path.includes('?') ? '&' : '?';
		const page = await callJson('GET', path + (after === null ? '' :
		    `${sep}after=${encodeURIComponent(after)}`));
		return { rows: page[member], next: page.next };
	};
}

/* --- queues, workers, notifiers: of one answer --- */

const QUEUES = [T.queueVideos, T.queueMp3s, T.queueNotices];

let workers = Promise.resolve({ queues: [], working: [], telling: [] });

export function askWorkers() {
	workers = callJson('GET', 'admin/workers');
	return workers;
}

const queues = new Section('queues', {
	title: 'workers-title',
	columns: [
		{ title: T.colQueue, cell: (q) => q.what },
		{ title: T.colWaiting, look: 'number',
		    cell: (q) => format.number(q.messages) },
		{ title: T.colSeen, cell: (q) => q.seen === null ? T.never :
		    format.moment(q.seen) },
	],
	key: (q) => q.queue,
	none: '',
	load: async () => ({ rows: (await workers).queues.map((q, i) =>
	    ({ ...q, what: QUEUES[i] || q.queue })), next: null }),
});

function doing(job) {
	if (!job.alive)
		return T.workerSilent;
	return job.percent === undefined ? T.converting :
	    T.convertingAt(format.percent(job.percent));
}

const working = new Section('working', {
	title: 'working-title',
	columns: [ID, FILE, OWNER,
		{ title: T.colDoing, cell: doing },
		{ title: T.colRuns, look: 'number',
		    cell: (r) => format.number(r.runs) },
		{ title: T.colHeard, look: 'when', cell: (r) => r.renewed ?
		    format.moment(r.renewed) : '' }],
	key: (r) => r.id,
	none: T.workingNone,
	load: async (after) => {
		const page = await (after === null ? workers :
		    callJson('GET', `admin/workers?after=${after}`));
		return { rows: page.working, next: page.next };
	},
});

const telling = new Section('telling', {
	title: 'telling-title',
	columns: [ID, FILE, OWNER,
		{ title: T.colDoing, cell: (r) => r.alive ? T.telling :
		    T.notifierSilent }],
	key: (r) => r.id,
	none: T.tellingNone,
	load: async () => ({ rows: (await workers).telling, next: null }),
});

/* --- failures --- */

const exactly = (f) => `exact=1&reason=${encodeURIComponent(f.reason)}` +
    (f.status > 0 ? `&failed=${f.status}` : '');

/* All of a reason are dropped, and so all are counted before. */
async function askToDrop(row) {
	if (!await failures.loadAll())
		return null;
	const now = failures.find(row);
	return now === undefined ? null : T.dropAsk(now.jobs,
	    format.number(now.jobs), words(now.reason));
}

const failures = new Section('failures', {
	columns: [
		{ title: T.colReason, look: 'why', cell: (f) => words(
		    f.reason || T.nobodyKnows) },
		{ title: T.colStatus, look: 'number',
		    cell: (f) => String(f.status) },
		{ title: T.colJobs, look: 'number',
		    cell: (f) => format.number(f.jobs) },
		{ title: T.colNewest, look: 'id',
		    cell: (f) => idButton(f.newest, words(f.reason)) },
		{ title: T.colActs, look: 'acts', cell: (f) => [
			{ text: T.requeue,
			    name: T.requeueAll(format.number(f.jobs), f.reason),
			    act: (row, b) => orders.requeue(exactly(row), b) },
			{ text: T.drop,
			    name: T.dropAll(format.number(f.jobs), f.reason),
			    act: (row, b) => orders.drop(exactly(row),
			    () => askToDrop(row), b) },
		] },
	],
	key: (f) => `${f.status} ${f.reason}`,
	none: T.failuresNone,
	load: pages('admin/failures', 'failures'),
});

failures.add = (a, b) => ({ ...a, jobs: a.jobs + b.jobs });

const lost = new Section('lost', {
	columns: [ID, FILE, OWNER,
		{ title: T.colLost, cell: (r) => words(r.lost) },
		SINCE,
		{ title: T.colActs, look: 'acts', cell: (r) => [
			{ text: T.requeue, name: T.requeueOne(named(r)),
			    act: (row, b) => orders.requeue(
			    `fid=${row.id}&lost=1`, b) },
		] }],
	key: (r) => r.id,
	none: T.lostNone,
	load: async () => {
		const { jobs, more } = await callJson('GET', 'admin/lost',
		    undefined, LONG);
		return { rows: jobs, next: null, more };
	},
});

/* --- notices --- */

const OUTCOMES = { 'failed': T.toldFailed, 'sent?': T.toldMaybe };

const notices = new Section('notices', {
	columns: [ID, FILE, OWNER,
		{ title: T.colOutcome, cell: (r) => OUTCOMES[r.told] || r.told },
		{ title: T.colReason, look: 'why',
		    cell: (r) => words(r.told_reason) },
		{ title: T.colActs, look: 'acts', cell: (r) =>
		    r.useless !== null ? words(r.useless) : [
			{ text: T.sendAgain, name: T.sendAgainOf(named(r)),
			    act: (row, b) => orders.tell(row.id, b) },
		] }],
	key: (r) => r.id,
	none: T.noticesNone,
	load: pages('admin/notices', 'notices'),
});

/* --- jobs --- */

const STATES = { new: T.unfinished, held: T.held, queued: T.queued,
    running: T.converting, failed: T.failed };

function state(job) {
	if (job.state === 'done')
		return !job.mp3 ? T.expired : job.warnings ? T.readyWarned :
		    T.ready;
	return job.state === 'running' && job.percent !== undefined ?
	    T.convertingAt(format.percent(job.percent)) :
	    STATES[job.state] || T.removed;
}

function remark(job) {
	return [job.reason || '', ...job.warnings || []].map(words).join(' ');
}

function wanted() {
	const name = el('all-name').value.trim();
	const states = el('all-state').value;
	return 'status?all=1&order=newest&limit=50' + (name === '' ? '' :
	    `&name=${encodeURIComponent(name)}`) + (states === '' ? '' :
	    `&state=${states}`);
}

const all = new Section('all', {
	columns: [ID, FILE, OWNER,
		{ title: T.colState, look: 'state', cell: state },
		{ title: T.colSize, look: 'number', cell: (r) => r.length > 0 ?
		    format.size(r.length) : '' },
		SINCE,
		{ title: T.colRemark, look: 'why', cell: remark }],
	key: (r) => r.id,
	none: T.allNone,
	load: (after) => pages(wanted(), 'jobs')(after),
});

let searching;

function search() {
	clearTimeout(searching);
	searching = setTimeout(() => all.restart(), 300);
}

el('all-name').addEventListener('input', search);
el('all-state').addEventListener('change', search);

/* --- users --- */

const ROLES = { admin: T.roleAdmin, user: T.roleUser, gone: T.roleGone };

function used(n, most, say) {
	return most === null ? say(n) : T.usedOf(say(n), say(most));
}

/* Accounts, and behind them who has jobs and none. */
async function loadUsers(after) {
	const [phase, name] = after === null ? ['', null] : after;
	const page = await pages(`admin/users?limit=50${phase}`, 'users')(name);
	if (page.next !== null)
		return { rows: page.rows, next: [phase, page.next] };
	return { rows: page.rows, next: phase === '' ? ['&gone=1', null] :
	    null };
}

const users = new Section('users', {
	columns: [
		{ title: T.colAddress, look: 'who', cell: (u) => u.email },
		{ title: T.colRole, cell: (u) => ROLES[u.role] || u.role },
		{ title: T.colSince, look: 'when', cell: (u) => u.created ?
		    format.moment(u.created) : '' },
		{ title: T.colSpace, look: 'number', cell: (u) => used(u.bytes,
		    u.max_user_bytes, format.size) },
		{ title: T.colActive, look: 'number', cell: (u) => used(u.jobs,
		    u.max_user_jobs, format.number) },
		{ title: T.colUploads, look: 'number', cell: (u) =>
		    used(u.unfinished, u.max_user_unfinished, format.number) },
		{ title: T.colJobs, look: 'number',
		    cell: (u) => format.number(u.all_jobs) },
	],
	key: (u) => `${u.role} ${u.email}`,
	none: T.usersNone,
	load: async (after) => {
		const first = await loadUsers(after);
		/* The step to those without an account is no page. */
		if (first.next === null || first.next[1] !== null)
			return first;
		const second = await loadUsers(first.next);
		return { rows: [...first.rows, ...second.rows],
		    next: second.next };
	},
});

/* --- a check --- */

const check = new Section('check', {
	columns: [
		{ title: T.colItem, look: 'id', cell: (f) =>
		    /^[0-9a-f]{24}$/.test(f.item) ? idButton(f.item, f.what) :
		    f.item },
		{ title: T.colWrong, look: 'why', cell: (f) => words(f.what) },
		{ title: T.colRemedy, cell: (f) => words(f.remedy) },
	],
	key: (f) => `${f.item} ${f.what}`,
	none: T.checkNone,
	load: async () => {
		const { findings, more } = await callJson('GET', 'admin/check',
		    undefined, LONG);
		return { rows: findings, next: null, more };
	},
});

el('check-now').addEventListener('click', (event) => orders.busy(
    event.target, trouble, async () => {
	    if (await check.reload())
		    announceCheck();
    }));

function announceCheck() {
	announce(check.rows.length === 0 ? T.checkNone :
	    T.checkFound(check.rows.length, format.number(check.rows.length)));
}

/* Those that change by themselves, and those that are asked for now and then. */
export const live = [queues, working, telling];
export const others = [failures, lost, notices, all, users];
export const every = [...live, ...others, check];
