/* kept.js - which unfinished upload belongs to which file, so that the same file
 * chosen again goes on, after a reload too, and which of them another tab is at.
 *
 * All tabs share it: {fingerprint: {id, at, tab}}.  tab is who is at it now, and
 * says so by at; who no longer says so has gone.  A file's name is not in it.
 */
const KEPT = 'v2m-uploads';
const KEEP_MS = 24 * 3600 * 1000;
const SAY_MS = 5000;
/* In a tab that nobody sees, browsers wake us once a minute. */
const SILENT_MS = 90000;

const me = Math.random().toString(36).slice(2);
const busy = new Map();		/* what this tab is at: {fingerprint: id} */

function read() {
	try {
		const all = JSON.parse(localStorage.getItem(KEPT)) || {};
		const now = Date.now();
		return Object.fromEntries(Object.entries(all).filter(
		    ([, u]) => /^[0-9a-f]{24}$/.test(u.id) &&
		    now - u.at < KEEP_MS));
	} catch {
		return {};
	}
}

function write(all) {
	try {
		localStorage.setItem(KEPT, JSON.stringify(all));
	} catch {
		/* Then an upload goes on only while the page is open. */
	}
}

function elsewhere(u) {
	return u.tab !== undefined && u.tab !== me &&
	    Date.now() - u.at < SILENT_MS;
}

/* The upload of a file: {id, elsewhere}, or null.  elsewhere: another tab is at
 * it. */
export function find(fingerprint) {
	const u = read()[fingerprint];
	return u === undefined ? null : { id: u.id, elsewhere: elsewhere(u) };
}

/* The same, of an upload's ID. */
export function findId(id) {
	const u = Object.values(read()).find((k) => k.id === id);
	return u === undefined ? null : { id, elsewhere: elsewhere(u) };
}

function say() {
	const all = read();
	for (const [fingerprint, id] of busy)
		all[fingerprint] = { id, at: Date.now(), tab: me };
	if (busy.size > 0)
		write(all);
}

/* This tab is at it. */
export function hold(fingerprint, id) {
	busy.set(fingerprint, id);
	say();
}

function letGo(fingerprint) {
	const all = read();
	if (all[fingerprint] === undefined)
		return;
	delete all[fingerprint].tab;
	write(all);
}

/* No longer, but who chooses the file again may go on. */
export function release(fingerprint) {
	if (busy.delete(fingerprint))
		letGo(fingerprint);
}

export function forget(fingerprint) {
	const all = read();
	busy.delete(fingerprint);
	delete all[fingerprint];
	write(all);
}

export function forgetAll() {
	busy.clear();
	try {
		localStorage.removeItem(KEPT);
	} catch {
		/* There was nothing. */
	}
}

setInterval(say, SAY_MS);
addEventListener('pagehide', () => [...busy.keys()].forEach(letGo));
