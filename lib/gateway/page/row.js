/* row.js - one row of the list: an upload on its way, or a job that the server
 * knows.  What came from outside is put in as text, never as HTML. */
import * as format from './format.js';
import { findId } from './kept.js';
import { put } from './put.js';
import { summary } from './settings.js';
import { T } from './words.js';

const template = document.getElementById('row');

function join(facts) {
	return facts.filter((f) => f !== '').join(' · ');
}

/* --- what a row says --- */

function nothingYet() {
	return { look: '', state: '', more: '', note: '', percent: undefined,
	    active: false, ready: false };
}

/* Length, tracks, chapters: what film.js found. */
function filmFacts(film) {
	if (film === null)
		return [];
	return [film.seconds > 0 ? format.clock(film.seconds) : '',
	    film.tracks.length === 1 ? '' : film.tracks.length === 0 ?
	    T.noTracks : T.tracks(film.tracks.length),
	    film.chapters > 0 ? T.chapters(film.chapters) : ''];
}

function whatItIs(u) {
	return join([format.size(u.size), ...filmFacts(u.film),
	    summary(u.options === '' ? {} : JSON.parse(u.options))]);
}

const UPLOADS = {
	own: (u, seen) => {
		seen.state = T.uploadOwn;
		seen.more = whatItIs(u);
	},
	waiting: (u, seen) => {
		seen.state = T.uploadWaits;
		seen.more = whatItIs(u);
	},
	sending: (u, seen) => {
		const speed = u.speed;
		seen.state = T.uploading(format.percent(seen.done));
		seen.more = join([T.sentOf(format.size(u.sent),
		    format.size(u.size)), speed > 0 ? T.left(format.span(
		    (u.size - u.sent) / speed)) : '', ...filmFacts(u.film)]);
		seen.percent = seen.done;
	},
	checking: (u, seen) => {
		seen.state = T.checking;
		seen.percent = -1;
	},
	broken: (u, seen) => {
		const s = Math.ceil((u.again - Date.now()) / 1000);
		seen.state = u.sent > 0 ?
		    T.brokenAt(format.percent(seen.done)) : T.notBegun;
		seen.note = `${format.sentence(u.problem)} ` + (s > 0 ?
		    T.tryingAgainIn(format.span(s)) : T.tryingAgain);
		seen.percent = seen.done;
	},
	paused: (u, seen) => {
		seen.state = T.paused;
		seen.percent = seen.done;
	},
	refused: (u, seen) => {
		seen.look = 'failed';
		seen.state = T.refused;
		seen.note = format.sentence(u.problem);
	},
};

function describeUpload(u) {
	const seen = nothingYet();
	seen.done = u.size === 0 ? 0 : Math.floor(100 * u.sent / u.size);
	if (UPLOADS[u.state])
		UPLOADS[u.state](u, seen);
	return seen;
}

const JOBS = {
	new: (job, seen) => {
		seen.state = T.unfinished;
		const known = findId(job.id);
		seen.active = known !== null && known.elsewhere;
		seen.note = known === null ? T.unfinishedElsewhere :
		    known.elsewhere ? T.unfinishedOtherTab :
		    T.unfinishedText;
	},
	held: (job, seen) => {
		seen.state = T.held;
	},
	queued: (job, seen) => {
		seen.state = T.queued;
		seen.active = true;
		if (job.reason)
			seen.note = format.sentence(job.reason);
	},
	running: (job, seen) => {
		seen.active = true;
		seen.percent = job.percent === undefined ? -1 : job.percent;
		seen.state = seen.percent < 0 ? T.converting :
		    T.convertingAt(format.percent(seen.percent));
	},
	done: (job, seen) => {
		if (!job.mp3) {
			seen.state = T.expired;
			seen.note = T.expiredText;
			return;
		}
		const warnings = job.warnings || [];
		seen.ready = true;
		seen.look = warnings.length > 0 ? 'warned' : 'done';
		seen.state = warnings.length > 0 ? T.readyWarned : T.ready;
		seen.note = warnings.map(format.sentence).join(' ');
		seen.more = [format.clock(job.duration_s),
		    format.size(job.mp3_length)];
	},
	failed: (job, seen) => {
		seen.look = 'failed';
		seen.state = T.failed;
		seen.note = format.sentence(job.reason || T.nobodyKnows);
	},
};

/* A job as v2m_status_json gives it.  active: it will change by itself. */
function describeJob(job) {
	const seen = nothingYet();
	if (JOBS[job.state])
		JOBS[job.state](job, seen);
	else
		seen.state = T.removed;
	seen.more = join([...seen.more || [], job.state !== 'done' &&
	    job.length > 0 ? format.size(job.length) : '',
	    job.created ? format.when(job.created) : '',
	    summary(job.options || {})]);
	return seen;
}

/* --- what can be done --- */

function uploadActs(u) {
	if (u.state === 'own')
		return ['upload', 'settings', 'cancel'];
	if (u.state === 'waiting')
		return ['settings', 'cancel'];
	if (u.state === 'refused')
		return u.hopeless ? ['dismiss'] : ['again', 'dismiss'];
	return ['checking', 'done', 'stopped'].includes(u.state) ? [] :
	    ['cancel'];
}

function jobActs(seen) {
	return [...seen.ready ? ['download', 'listen'] : [], 'remove'];
}

export class Row {
	/* act(what, row, button) is called when a button was pressed. */
	constructor(act) {
		const root = template.content.cloneNode(true);
		this.el = root.querySelector('.row');
		const part = (name) => this.el.querySelector(name);
		this.parts = {
			name: part('.name'), state: part('.state'),
			more: part('.more'), note: part('.note'),
			bar: part('progress'), actions: part('.actions'),
			pick: part('.pick'),
		};
		this.buttons = [];
		this.act = act;
		this.job = null;
		this.upload = null;
		this.madeAt = performance.now();
		this.reachable = false;
		this.reach(false);
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
		    describeUpload(this.upload) : describeJob(this.job);
		put(p.name, this.name);
		put(p.state, seen.state);
		put(p.more, seen.more);
		put(p.note, seen.note);
		p.note.hidden = seen.note === '';
		this.el.dataset.look = seen.look;
		this.showBar(seen.percent);
		this.active = seen.active;
		this.ready = seen.ready;
		p.pick.hidden = this.upload !== null;
		p.pick.setAttribute('aria-label', T.choose1(this.name));
		this.offer(this.upload !== null ? uploadActs(this.upload) :
		    jobActs(seen));
	}

	/* undefined: there is none; less than 0: nobody knows how far. */
	showBar(percent) {
		const bar = this.parts.bar;
		bar.hidden = percent === undefined;
		bar.setAttribute('aria-label', T.progressOf(this.name));
		if (percent === undefined || percent < 0)
			bar.removeAttribute('value');
		else if (!bar.hasAttribute('value') || bar.value !== percent)
			bar.value = percent;
	}

	/* Buttons are made anew only where they differ: one may have the
	 * focus. */
	offer(wanted) {
		if (wanted.join() === this.buttons.map(
		    (b) => b.dataset.act).join())
			return;
		const focused = this.el.contains(document.activeElement);
		const old = focused ? document.activeElement.dataset.act : '';
		this.buttons = wanted.map((what) => this.button(what));
		this.parts.actions.replaceChildren(...this.buttons);
		if (focused)
			this.focus(old);
	}

	/* On the button of that name, or else the first. */
	focus(what = '') {
		const b = this.buttons.find((c) => c.dataset.act === what) ||
		    this.buttons[0];
		if (what === 'pick' && !this.parts.pick.hidden)
			this.parts.pick.focus();
		else if (b)
			b.focus();
		else
			this.parts.name.focus();
	}

	/* By tabulator? */
	reach(on) {
		this.reachable = on;
		for (const c of [this.parts.pick, ...this.buttons])
			c.tabIndex = on ? 0 : -1;
	}

	button(what) {
		const b = document.createElement('button');
		const [text, name] = T.acts[what];
		b.type = 'button';
		b.textContent = text;
		b.dataset.act = what;
		b.tabIndex = this.reachable ? 0 : -1;
		if (what === 'download' || what === 'upload')
			b.className = 'main';
		b.setAttribute('aria-label', name(this.name));
		b.addEventListener('click', () => this.act(what, this, b));
		return b;
	}
}
