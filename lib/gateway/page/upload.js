/* upload.js - one file on its way to the server, by tus 1.0.0.
 *
 * In pieces, so that little is sent twice.  After a broken connection it asks
 * the server how far it got and goes on from there, for as long as it takes;
 * refusals that may pass are tried again some times.  The same file chosen again
 * goes on (kept.js).
 */
import { Refusal, SessionOver, call, callJson, sendPiece } from './api.js';
import { look } from './film.js';
import { size as sizeText } from './format.js';
import * as kept from './kept.js';
import { T } from './words.js';

const PIECE = 8 * 1024 * 1024;
const PIECE_LEAST = 256 * 1024;
const PATIENCE = 10;		/* refusals in a row that may pass */

/* The largest that the server takes, in bytes; 0: nobody knows. */
let largest = 0;

export function setLargest(bytes) {
	largest = bytes;
}

/* 32-bit FNV-1a: enough to tell the files of one person apart. */
function hash(text) {
	let h = 0x811c9dc5;
	for (const b of new TextEncoder().encode(text))
		h = Math.imul(h ^ b, 0x01000193);
	return (h >>> 0).toString(16);
}

function base64(text) {
	return btoa(Array.from(new TextEncoder().encode(text),
	    (b) => String.fromCharCode(b)).join(''));
}

export class Upload {
	/* state: own (for a word of its owner), waiting, sending, checking,
	 * broken, paused (no session), done, refused, stopped.  settings are
	 * those of settings.js's forms, options what the server gets of them.
	 * onChange() after every change. */
	constructor(file, owner, onChange) {
		this.file = file;
		this.owner = owner;
		this.name = file.name;
		this.size = file.size;
		this.state = 'waiting';
		this.id = null;		/* of the job, once the server knows */
		this.sent = 0;
		this.problem = '';
		this.hopeless = false;	/* refused, and will be again */
		this.settings = null;
		this.options = '';
		this.film = null;	/* what it is, once known */
		this.again = 0;		/* when it is tried again: ms */
		this.refusals = 0;
		this.piece = PIECE;	/* bytes of one, at most */
		this.tries = 0;		/* in a row without getting on */
		this.fingerprint = [file.size, file.lastModified,
		    hash(`${owner}\n${file.name}`)].join('-');
		this.onChange = onChange;
		this.stopper = new AbortController();
		this.wake = () => {};
	}

	async lookAt() {
		this.film = await look(this.file);
		if (this.film !== null)
			this.onChange(this);
	}

	get over() {
		return ['done', 'refused', 'stopped'].includes(this.state);
	}

	/* Bytes a second, over the last ten seconds or so. */
	get speed() {
		const s = this.samples;
		if (!s || s.length < 2)
			return 0;
		const first = s[0], last = s[s.length - 1];
		return last.at - first.at < 1500 ? 0 :
		    (last.sent - first.sent) / (last.at - first.at) * 1000;
	}

	set(state, problem = '') {
		this.state = state;
		this.problem = problem;
		this.onChange(this);
	}

	moved(sent) {
		const now = performance.now();
		this.sent = Math.min(sent, this.size);
		if (!this.samples || sent < this.samples[0].sent)
			this.samples = [];
		this.samples.push({ at: now, sent });
		while (now - this.samples[0].at > 10000)
			this.samples.shift();
		if (this.sent === this.size && this.state === 'sending')
			this.set('checking');
		else
			this.onChange(this);
	}

	/* Ends with the upload; never throws. */
	async run() {
		while (!this.over) {
			try {
				await this.attempt();
			} catch (e) {
				await this.failed(e);
			}
		}
		kept.release(this.fingerprint);
	}

	async attempt() {
		if (this.size === 0)
			throw new Refusal(T.emptyFile, 400);
		if (largest > 0 && this.size > largest)
			throw new Refusal(T.tooLarge(sizeText(largest)), 413);
		if (this.id === null) {
			await this.readable(this.file);
			this.goOnWith(kept.find(this.fingerprint));
		}
		this.samples = undefined;
		let offset = this.id === null ? await this.create() :
		    await this.whereWereWe();
		while (!this.over && offset < this.size) {
			const piece = this.file.slice(offset, offset +
			    this.piece);
			const from = offset;
			this.set('sending');
			offset = await sendPiece(`files/${this.id}`, offset,
			    await this.readable(piece),
			    (n) => this.moved(from + n), this.stopper.signal);
			if (!(offset > from))
				throw new Refusal(T.nonsense, 502);
			this.refusals = 0;
			this.tries = 0;
			this.moved(offset);
		}
		if (!this.over)
			await this.accepted();
	}

	/* A folder, or a file that changed or went away meanwhile, cannot be
	 * read: that is no broken connection. */
	async readable(piece) {
		try {
			await piece.slice(0, 1).arrayBuffer();
		} catch {
			throw new Refusal(T.unreadable, 400);
		}
		return piece;
	}

	/* With what was begun, unless another tab is at it. */
	goOnWith(known) {
		if (known === null)
			return;
		if (known.elsewhere)
			throw new Refusal(T.otherTab, 403);
		this.id = known.id;
		kept.hold(this.fingerprint, this.id);
	}

	async create() {
		const answer = await call('POST', 'files/', {
			'Tus-Resumable': '1.0.0',
			'Upload-Length': String(this.size),
			'Upload-Metadata': `filename ${base64(this.name)}` +
			    (this.options === '' ? '' :
			    `,options ${base64(this.options)}`),
		});
		const id = /([0-9a-f]{24})\/?$/.exec(
		    answer.headers.get('Location') || '');
		if (id === null)
			throw new Refusal(T.nonsense, 502);
		this.id = id[1];
		if (this.stopper.signal.aborted)
			this.drop();
		else
			kept.hold(this.fingerprint, this.id);
		return 0;
	}

	/* The offset that the server has; from the start where it knows
	 * nothing of the upload any more. */
	async whereWereWe() {
		let answer;
		try {
			answer = await call('HEAD', `files/${this.id}`,
			    { 'Tus-Resumable': '1.0.0' });
		} catch (e) {
			if (e.status !== 404 && e.status !== 410)
				throw e;
			return this.gone();
		}
		const offset = Number(answer.headers.get('Upload-Offset'));
		if (!(offset >= 0 && offset <= this.size))
			return this.gone();
		this.moved(offset);
		return offset;
	}

	/* Its end may have come while nobody could tell us. */
	async gone() {
		const job = await this.job();
		if (job !== null && job.state !== 'new' &&
		    job.state !== 'cancelled')
			return this.size;
		kept.forget(this.fingerprint);
		this.id = null;
		if (job !== null && job.reason)
			throw new Refusal(job.reason, 422);
		return this.create();
	}

	async job() {
		try {
			return await callJson('GET', `status?fid=${this.id}`);
		} catch (e) {
			if (e.status !== 404)
				throw e;
			return null;
		}
	}

	/* All bytes are there.  The answer that said so may have been lost, so
	 * ask for what became of it. */
	async accepted() {
		this.set('checking');
		const job = await this.job();
		if (job !== null && job.state === 'new') {
			await sendPiece(`files/${this.id}`, this.size,
			    new Blob([]), () => {}, this.stopper.signal);
		}
		kept.forget(this.fingerprint);
		this.set('done');
	}

	async failed(e) {
		if (this.over)
			return;
		if (e instanceof SessionOver) {
			this.set('paused');
			await this.pause(0);
			return;
		}
		/* Too large for a proxy on the way. */
		if (e.status === 413 && this.id !== null &&
		    this.piece > PIECE_LEAST) {
			this.piece = Math.max(this.piece / 2, PIECE_LEAST);
			return;
		}
		/* What we know of the offset is wrong: ask. */
		if (e.status === 409)
			e = new Refusal(e.message, 423, 1);
		if (!(e instanceof Refusal) || !e.passing) {
			this.hopeless = !this.mayPass(e);
			this.set('refused', e.message);
			if (this.id !== null && this.sent < this.size)
				this.drop();
			return;
		}
		/* Enough for now; who tries again goes on from there. */
		if (e.status !== 0 && ++this.refusals > PATIENCE) {
			this.set('refused', e.message);
			return;
		}
		const wait = Math.max(e.wait, Math.min(30, 2 ** this.tries++) *
		    (0.75 + Math.random() / 2));
		this.again = Date.now() + wait * 1000;
		this.set('broken', e.message);
		await this.pause(wait);
	}

	/* Could its owner do something so that it is accepted?  Over a quota
	 * he can remove something. */
	mayPass(e) {
		return e instanceof Refusal && (e.status === 413 ?
		    largest > 0 && this.size <= largest :
		    e.status === 401 || e.status === 403);
	}

	/* Until the time is over (0: never), or somebody says go on. */
	pause(s) {
		return new Promise((resolve) => {
			this.wake = resolve;
			if (s > 0)
				setTimeout(resolve, s * 1000);
		});
	}

	/* After a new login, or when the network is back. */
	goOn() {
		this.wake();
	}

	/* Stop for good; what the server has of it goes. */
	stop() {
		if (this.over)
			return;
		this.set('stopped');
		this.stopper.abort();
		this.wake();
		if (this.id !== null)
			this.drop();
	}

	drop() {
		kept.forget(this.fingerprint);
		call('DELETE', `files/${this.id}`,
		    { 'Tus-Resumable': '1.0.0' }).catch(() => {
			/* It expires by itself. */
		});
	}
}
