/* settings.js - how a file is to be converted: a form, what is remembered of
 * it, and the JSON that the server takes.
 *
 * Values are what the fields hold, as text; only options() knows the server's
 * form (v2m-convert(1) has the same settings as options).
 */
import { clock } from './format.js';
import { T } from './words.js';

const KEPT = 'v2m-settings';
const RATES = [32, 48, 64, 96, 128, 160, 192, 224, 256, 320];
const PRESETS = {
	standard: { sound: 'V2', loudness: '', mono: false },
	music: { sound: 'V0', loudness: '', mono: false },
	speech: { sound: 'V6', loudness: '', mono: true },
	podcast: { sound: 'V4', loudness: '-16', mono: false },
};
const GENERAL = ['sound', 'loudness', 'mono', 'lang'];
const TAGS_FOR_ALL = ['artist', 'album', 'genre', 'date'];
const TAGS = ['title', ...TAGS_FOR_ALL, 'comment'];
const OPTIONS_MOST = 1500;	/* bytes; the server takes 2047 */

const NONE = Object.freeze({ ...PRESETS.standard, lang: '', track: '',
    from: '', to: '', ...Object.fromEntries(TAGS.map((t) => [t, ''])) });

/* --- what is remembered --- */

let next = { ...NONE };
let looks = false;
try {
	const kept = JSON.parse(localStorage.getItem(KEPT)) || {};
	looks = kept.looks === true;
	for (const key of [...GENERAL, ...TAGS_FOR_ALL])
		if (typeof kept[key] === typeof NONE[key])
			next[key] = kept[key];
} catch {
	/* Then the standard holds. */
}

function keep(keys) {
	try {
		localStorage.setItem(KEPT, JSON.stringify({ looks,
		    ...Object.fromEntries(keys.map((k) => [k, next[k]])) }));
	} catch {
		/* Then they last as long as the page. */
	}
}

/* Those that the next files get. */
export function forNext() {
	return { ...next };
}

export function setNext(values) {
	next = { ...values };
	keep([...GENERAL, ...TAGS_FOR_ALL]);
}

/* Does each file wait for its owner to say go? */
export function looksFirst() {
	return looks;
}

export function setLooksFirst(on) {
	looks = on;
	setNext(next);
}

/* Somebody logs out: no name that he typed stays. */
export function forgetTags() {
	for (const tag of TAGS)
		next[tag] = '';
	try {
		if (localStorage.getItem(KEPT) !== null)
			keep(GENERAL);
	} catch {
		/* There was nothing. */
	}
}

/* --- what the server takes --- */

/* 90, 1:30, 1:02:03.5: milliseconds; NaN: no time. */
function milliseconds(text) {
	if (!/^(\d+:){0,2}\d+([.,]\d{1,3})?$/.test(text))
		return NaN;
	return Math.round(text.replace(',', '.').split(':').reduce(
	    (s, n) => s * 60 + Number(n), 0) * 1000);
}

function languages(text) {
	return text.split(/[\s,]+/).filter((l) => l !== '');
}

/* The first field that is wrong: {field, problem}; null: all is well. */
export function fault(v) {
	const wrong = (field, problem = T.wrong[field]) => ({ field, problem });
	const list = languages(v.lang);
	const pair = /^([1-9]\d{0,2})(?:[+,]([1-9]\d{0,2}))?$/.exec(v.track);
	if (v.loudness !== '' && !(/^-\d+$/.test(v.loudness) &&
	    v.loudness <= -5 && v.loudness >= -50))
		return wrong('loudness');
	if (list.length > 8 ||
	    !list.every((l) => /^[a-z]{2,3}(-[a-z0-9]{1,8})*$/i.test(l)))
		return wrong('lang');
	if (v.track !== '' && (pair === null || pair[1] === pair[2]))
		return wrong('track');
	if (v.track !== '' && list.length > 0)
		return wrong('track', T.wrong.both);
	for (const field of ['from', 'to'])
		if (v[field] !== '' && Number.isNaN(milliseconds(v[field])))
			return wrong(field);
	if (v.to !== '' && milliseconds(v.to) <=
	    (v.from === '' ? 0 : milliseconds(v.from)))
		return wrong('to', T.wrong.order);
	if (new TextEncoder().encode(options(v)).length > OPTIONS_MOST)
		return wrong('title', T.wrong.tags);
	return null;
}

/* A job's "options", as JSON; '': none differ from the standard. */
export function options(v) {
	const o = {};
	const n = Number(v.sound.slice(1));
	if (v.sound.startsWith('b'))
		o.bitrate = n;
	else if (v.sound !== NONE.sound)
		o.quality = n;
	if (v.loudness !== '')
		o.loudness = Number(v.loudness);
	if (v.mono)
		o.mono = true;
	if (languages(v.lang).length > 0)
		o.lang = languages(v.lang);
	if (v.track !== '')
		o.track = /^\d+$/.test(v.track) ? Number(v.track) : v.track;
	if (v.from !== '' && milliseconds(v.from) > 0)
		o.from_ms = milliseconds(v.from);
	if (v.to !== '')
		o.to_ms = milliseconds(v.to);
	const tags = TAGS.filter((t) => v[t] !== '');
	if (tags.length > 0)
		o.tags = Object.fromEntries(tags.map((t) => [t, v[t]]));
	return Object.keys(o).length === 0 ? '' : JSON.stringify(o);
}

/* A job's options in a few words; '': the standard. */
export function summary(o) {
	const said = [];
	const time = (ms) => ms === undefined ? '' : clock(ms / 1000);
	if (o.bitrate !== undefined)
		said.push(T.bitrate(o.bitrate));
	else if (o.quality !== undefined)
		said.push(`V${o.quality}`);
	if (o.mono)
		said.push(T.monoShort);
	if (o.loudness !== undefined)
		said.push(T.loudnessShort(o.loudness));
	if (o.lang !== undefined)
		said.push(T.langShort(o.lang.join(', ')));
	if (o.track !== undefined)
		said.push(T.trackShort(o.track));
	if (o.from_ms !== undefined || o.to_ms !== undefined)
		said.push(T.part(time(o.from_ms), time(o.to_ms)));
	if (o.tags !== undefined)
		said.push(T.tagsShort(Object.keys(o.tags).length));
	return said.join(', ');
}

/* --- the form --- */

let forms = 0;

function make(tag, more = {}, ...inside) {
	const e = document.createElement(tag);
	Object.assign(e, more);
	e.append(...inside);
	return e;
}

function choices(pairs) {
	return pairs.map(([value, text]) => make('option', { value }, text));
}

function group(label, pairs) {
	return make('optgroup', { label }, ...choices(pairs));
}

/* The fields of one form, with what they hold.  A file's own form has those
 * that make sense for one file only. */
export class Form {
	constructor(place, own) {
		this.prefix = `set${forms++}`;
		this.fields = {};
		this.problem = make('p', { className: 'problem',
		    id: `${this.prefix}-problem`, role: 'alert' });
		this.presets = this.select('preset', T.preset, choices(
		    Object.entries(T.presets)));
		this.build(place, own);
		this.wirePresets();
	}

	build(place, own) {
		place.append(make('div', { className: 'fields' },
		    this.problem, this.presets.parentElement,
		    this.select('sound', T.sound, [group(T.variable,
			[...Array(10).keys()].map(
			    (n) => [`V${n}`, T.quality(n)])),
			group(T.constant, RATES.map(
			    (n) => [`b${n}`, T.bitrate(n)]))]).parentElement,
		    this.text('loudness', T.loudness, T.loudnessHint),
		    this.box('mono', T.mono),
		    this.text('lang', T.lang, T.langHint),
		    ...own ? [this.text('track', T.track, T.trackHint),
			this.text('from', T.from, T.timeHint),
			this.text('to', T.to, T.timeHint)] : []),
		    make('fieldset', {}, make('legend', {}, T.tagsTitle),
			make('p', { className: 'hint' }, T.tagHint),
			make('div', { className: 'fields' },
			    ...(own ? TAGS : TAGS_FOR_ALL).map(
				(t) => this.text(t, T.tags[t], '')))));
	}

	add(name, field, label, hint = '') {
		const id = `${this.prefix}-${name}`;
		const under = hint === '' ? [] :
		    [make('span', { className: 'hint', id: `${id}-hint` },
			hint)];
		Object.assign(field, { id, name });
		field.setAttribute('aria-describedby', [this.problem.id,
		    ...under.map((u) => u.id)].join(' '));
		this.fields[name] = field;
		return make('div', { className: 'field' },
		    make('label', { htmlFor: id }, label), field, ...under);
	}

	select(name, label, inside) {
		const field = make('select', {}, ...inside);
		this.add(name, field, label);
		return field;
	}

	text(name, label, hint) {
		return this.add(name, make('input', { type: 'text',
		    maxLength: 100, autocomplete: 'off', spellcheck: false }),
		    label, hint);
	}

	box(name, label) {
		const field = make('input', { type: 'checkbox' });
		const whole = this.add(name, field, label);
		whole.classList.add('box');
		whole.prepend(field);
		return whole;
	}

	/* A preset sets fields, and what differs from all is one's own. */
	wirePresets() {
		this.presets.addEventListener('change', () => this.set({
			...this.values(), ...PRESETS[this.presets.value] }));
		for (const name of ['sound', 'loudness', 'mono'])
			this.fields[name].addEventListener('input',
			    () => this.showPreset());
	}

	showPreset() {
		const v = this.values();
		const same = Object.keys(PRESETS).find((p) =>
		    Object.entries(PRESETS[p]).every(
			([key, value]) => v[key] === value));
		this.presets.value = same || 'own';
	}

	set(values) {
		for (const [name, field] of Object.entries(this.fields)) {
			if (field.type === 'checkbox')
				field.checked = values[name];
			else if (name !== 'preset')
				field.value = values[name];
		}
		this.showPreset();
		this.accuse(null);
	}

	values() {
		const v = { ...NONE };
		for (const name of Object.keys(NONE)) {
			const field = this.fields[name];
			if (field !== undefined)
				v[name] = field.type === 'checkbox' ?
				    field.checked : field.value.trim();
		}
		return v;
	}

	/* Show what is wrong, where it is; true: nothing is. */
	accuse(found) {
		const wrong = found === null ? undefined :
		    this.fields[found.field];
		(wrong || this.presets).parentElement.before(this.problem);
		this.problem.textContent = found === null ? '' : found.problem;
		for (const [name, field] of Object.entries(this.fields))
			if (found !== null && found.field === name)
				field.setAttribute('aria-invalid', 'true');
			else
				field.removeAttribute('aria-invalid');
		return found === null;
	}

	check() {
		const found = fault(this.values());
		if (!this.accuse(found))
			(this.fields[found.field] || this.presets).focus();
		return found === null;
	}

	/* The tracks that a file has, to choose from. */
	suggest(film) {
		const list = make('datalist', { id: `${this.prefix}-tracks` });
		for (const t of film === null ? [] : film.tracks)
			list.append(make('option', { value: t.n,
			    label: t.text }));
		document.getElementById(list.id)?.remove();
		this.fields.track.after(list);
		this.fields.track.setAttribute('list', list.id);
	}
}
