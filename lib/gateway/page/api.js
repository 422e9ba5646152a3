/* api.js - the gateway's HTTP interface, as far as the page uses it.
 *
 * The token lives as long as the tab.  Paths are relative, so that the page
 * also works below a folder of a proxy.
 */

import { T } from './words.js';

const KEY = 'v2m-token';
const WHO = 'v2m-address';	/* whose it is, or was */
const PATIENCE = 30000;		/* ms for an answer without a body to send */
export const LONG = 600000;	/* of what looks at all jobs, or changes many */

/* A tab that may store nothing keeps it in memory. */
let token = null;
try {
	token = sessionStorage.getItem(KEY);
} catch {
	/* Not allowed to: then one logs in again after a reload. */
}

/* Called when the token is no longer accepted. */
let onOver = () => {};

/* An answer that is none of the good ones; status 0: there was none. */
export class Refusal extends Error {
	constructor(message, status = 0, wait = 0) {
		super(message);
		this.status = status;
		this.wait = wait;	/* seconds, as Retry-After says */
	}

	/* Could the same thing succeed later? */
	get passing() {
		return this.status === 0 || this.status >= 500 ||
		    [408, 423, 425, 429].includes(this.status);
	}
}

export class SessionOver extends Error {}

export function loggedIn() {
	return token !== null;
}

export function whenOver(f) {
	onOver = f;
}

let ends = 0;			/* sessions that ended here */

function keep(value) {
	token = value;
	ends += value === null;
	try {
		if (value === null)
			sessionStorage.removeItem(KEY);
		else
			sessionStorage.setItem(KEY, value);
	} catch {
		/* See above. */
	}
}

export function forget() {
	keep(null);
	rememberWho('');
}

/* The address stays after the session's end, so that only the password has to
 * be typed. */
function rememberWho(address) {
	try {
		if (address === '')
			sessionStorage.removeItem(WHO);
		else
			sessionStorage.setItem(WHO, address);
	} catch {
		/* See above. */
	}
}

export function lastAddress() {
	try {
		return sessionStorage.getItem(WHO) || '';
	} catch {
		return '';
	}
}

/* The token no longer counts. */
export function end() {
	keep(null);
}

/* What an answer of text or JSON says. */
function reason(text, status) {
	let said = text;
	try {
		said = JSON.parse(text).error;
	} catch {
		/* One line of text. */
	}
	if (typeof said !== 'string' || said.startsWith('<'))
		said = '';
	said = said.trim().slice(0, 500);
	return said || T.statusOnly(status);
}

function seconds(retryAfter) {
	return /^\d{1,6}$/.test(retryAfter || '') ? Number(retryAfter) : 0;
}

/* Without credentials of the browser's own: no cookies, no dialogue of its. */
async function ask(method, path, headers, content, patience = PATIENCE) {
	try {
		return await fetch(path, {
			method, headers, body: content, credentials: 'omit',
			cache: 'no-store', redirect: 'error',
			signal: AbortSignal.timeout(patience),
		});
	} catch {
		throw new Refusal(T.noServer);
	}
}

async function body(answer) {
	try {
		return await answer.text();
	} catch {
		throw new Refusal(T.cut);
	}
}

async function refusal(answer) {
	return new Refusal(reason(await body(answer), answer.status),
	    answer.status, seconds(answer.headers.get('Retry-After')));
}

/* To whom the token belongs; null where it is not accepted. */
export async function whoAmI() {
	const mine = token;
	if (mine === null)
		return null;
	const answer = await ask('POST', 'validate',
	    { 'Authorization': `Bearer ${mine}` });
	if (answer.status === 401 || answer.status === 403)
		return null;
	if (!answer.ok)
		throw await refusal(answer);
	const { username } = JSON.parse(await body(answer));
	rememberWho(username);
	return username;
}

/* A 401 or 403 may be about the token or about something else. */
async function denied(failure, mine) {
	if (mine !== token)	/* a new one may be there */
		return token === null ? new SessionOver() : new Refusal(T.cut);
	if (await whoAmI() !== null)
		return failure;
	if (mine === token) {
		keep(null);
		onOver();
	}
	return new SessionOver();
}

export async function judge(failure, mine) {
	if (failure.status === 401 || failure.status === 403)
		return denied(failure, mine);
	return failure;
}

/* A request with the token.  The answer, if it is a good one. */
export async function call(method, path, headers = {}, content, patience) {
	const mine = token;
	if (mine === null)
		throw new SessionOver();
	const answer = await ask(method, path, {
		'Accept': 'application/json',
		'Authorization': `Bearer ${mine}`,
		...headers,
	}, content, patience);
	if (answer.ok)
		return answer;
	throw await judge(await refusal(answer), mine);
}

export async function callJson(method, path, content, patience) {
	const answer = await call(method, path, {}, content, patience);
	try {
		return JSON.parse(await body(answer));
	} catch (e) {
		if (e instanceof Refusal)
			throw e;
		throw new Refusal(T.nonsense, 502);
	}
}

/* As Basic wants them: UTF-8. */
function basic(address, password) {
	const bytes = new TextEncoder().encode(`${address}:${password}`);
	const pair = btoa(Array.from(bytes,
	    (b) => String.fromCharCode(b)).join(''));
	return `Basic ${pair}`;
}

/* A good answer is a token. */
async function getToken(path, credentials, content) {
	const before = ends;
	const answer = await ask('POST', path, {
		'Accept': 'text/plain',
		'Authorization': credentials,
		...content === undefined ? {} :
		    { 'Content-Type': 'text/plain' },
	}, content);
	if (!answer.ok)
		throw await refusal(answer);
	const fresh = (await body(answer)).trim();
	if (before !== ends)
		throw new SessionOver();
	keep(fresh);
}

export function logIn(address, password) {
	return getToken('login', basic(address, password));
}

/* All other tokens of the account end by it. */
export function changePassword(address, old, fresh) {
	return getToken('password', basic(address, old), fresh);
}

/* Sends one piece of an upload.  fetch() cannot tell how far it is, so this is
 * the older way.  onSent(bytes) may be called at any time; stop is an
 * AbortSignal.  The answer: {status, offset}. */
export function sendPiece(path, offset, piece, onSent, stop) {
	const mine = token;
	if (mine === null)
		return Promise.reject(new SessionOver());
	return new Promise((resolve, reject) => {
		const x = new XMLHttpRequest();
		let silence;
		const listen = (ms) => {
			clearTimeout(silence);
			silence = setTimeout(() => x.abort(), ms);
		};
		const end = () => {
			clearTimeout(silence);
			stop.removeEventListener('abort', halt);
		};
		const halt = () => x.abort();
		stop.addEventListener('abort', halt);
		x.open('PATCH', path);
		x.setRequestHeader('Accept', 'application/json');
		x.setRequestHeader('Authorization', `Bearer ${mine}`);
		x.setRequestHeader('Tus-Resumable', '1.0.0');
		x.setRequestHeader('Upload-Offset', String(offset));
		x.setRequestHeader('Content-Type',
		    'application/offset+octet-stream');
		/* Some silence is the server's, which stores what it got; much
		 * of it is a connection that nobody told us is dead. */
		x.upload.onprogress = (e) => {
			listen(90000);
			onSent(e.loaded);
		};
		x.upload.onload = () => listen(300000);
		x.onerror = x.onabort = () => {
			end();
			reject(new Refusal(T.cut));
		};
		x.onload = () => {
			end();
			if (x.status === 204 || x.status === 200) {
				resolve(Number(
				    x.getResponseHeader('Upload-Offset')));
				return;
			}
			judge(new Refusal(reason(x.responseText, x.status),
			    x.status,
			    seconds(x.getResponseHeader('Retry-After'))), mine)
			    .then(reject, reject);
		};
		listen(90000);
		x.send(piece);
	});
}
