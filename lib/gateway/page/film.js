/* film.js - what a chosen file is, from its own header, before the upload:
 * length, tracks with sound, chapters.
 *
 * MP4 and MOV, Matroska and WebM; of all else nothing is known here.  Only what
 * the person himself chose is read, some MB of it at most; the server looks for
 * itself.
 */
import { language } from './format.js';

const MOST = 32 * 1024 * 1024;	/* bytes of a header that is read at once */
const FIRST = 256 * 1024;

async function bytes(file, at, n) {
	return new DataView(await file.slice(at, at + n).arrayBuffer());
}

function text(v, at, n) {
	return new TextDecoder('latin1').decode(
	    new Uint8Array(v.buffer, v.byteOffset + at, n));
}

function track(n, lang, codec) {
	const known = lang !== '' && lang !== 'und';
	return { n, text: [known ? language(lang) : '', codec].filter(
	    (s) => s !== '').join(', ') };
}

/* --- MP4 --- */

/* A box's size and where its content begins, of its first 16 bytes; null: it
 * is none. */
function box(v, at, end) {
	let size = v.getUint32(at), head = 8;
	if (size === 1 && at + 16 <= v.byteLength) {
		size = Number(v.getBigUint64(at + 8));
		head = 16;
	} else if (size === 0) {
		size = end - at;
	}
	return size < head ? null : { kind: text(v, at + 4, 4), at,
	    inside: at + head, end: Math.min(at + size, end), size };
}

function* boxes(v, at, end) {
	while (at + 8 <= end) {
		const b = box(v, at, end);
		if (b === null)
			return;
		yield b;
		at = b.end;
	}
}

/* The box at a path such as 'mdia/hdlr', or undefined. */
function find(v, from, path) {
	let b = from;
	for (const kind of path.split('/'))
		b = b && [...boxes(v, b.inside, b.end)].find(
		    (c) => c.kind === kind);
	return b;
}

/* mvhd and mdhd: [ticks a second, ticks], and where what follows is. */
function duration(v, b) {
	const long = v.getUint8(b.inside) === 1;
	const at = b.inside + (long ? 20 : 12);
	return { seconds: (long ? Number(v.getBigUint64(at + 4)) :
	    v.getUint32(at + 4)) / v.getUint32(at),
	    after: at + (long ? 12 : 8) };
}

/* Three letters of five bits. */
function packedLanguage(n) {
	return [10, 5, 0].map((by) => String.fromCharCode(
	    ((n >> by) & 31) + 0x60)).join('');
}

function soundOf(v, trak, n) {
	const handler = find(v, trak, 'mdia/hdlr');
	if (!handler || text(v, handler.inside + 8, 4) !== 'soun')
		return null;
	const head = find(v, trak, 'mdia/mdhd');
	const kinds = find(v, trak, 'mdia/minf/stbl/stsd');
	const lang = head ? packedLanguage(v.getUint16(duration(v, head).after)) :
	    '';
	return track(n, /^[a-z]{3}$/.test(lang) ? lang : '',
	    kinds ? text(v, kinds.inside + 12, 4).trim() : '');
}

/* Nero's list, or a track of texts that another one names. */
function countChapters(v, moov, traks) {
	const list = find(v, moov, 'udta/chpl');
	if (list)
		return v.getUint8(list.inside +
		    (v.getUint8(list.inside) === 1 ? 8 : 4));
	const named = traks.map((t) => find(v, t, 'tref/chap')).find((c) => c);
	if (!named)
		return 0;
	const id = v.getUint32(named.inside);
	const texts = traks.find((t) => {
		const head = find(v, t, 'tkhd');
		return head && v.getUint32(head.inside +
		    (v.getUint8(head.inside) === 1 ? 20 : 12)) === id;
	});
	const sizes = texts && find(v, texts, 'mdia/minf/stbl/stsz');
	return sizes ? v.getUint32(sizes.inside + 8) : 0;
}

function readMoov(v) {
	const moov = box(v, 0, v.byteLength);
	const head = find(v, moov, 'mvhd');
	const traks = [...boxes(v, moov.inside, moov.end)].filter(
	    (b) => b.kind === 'trak');
	const tracks = [];
	for (const t of traks) {
		const sound = soundOf(v, t, tracks.length + 1);
		if (sound !== null)
			tracks.push(sound);
	}
	return { seconds: head ? duration(v, head).seconds : 0, tracks,
	    chapters: countChapters(v, moov, traks) };
}

async function mp4(file) {
	for (let at = 0, n = 0; at + 8 <= file.size && n < 1000; n++) {
		const v = await bytes(file, at, 16);
		const b = box(v, 0, file.size - at);
		if (b === null)
			return null;
		if (b.kind === 'moov')
			return b.size > MOST ? null :
			    readMoov(await bytes(file, at, b.size));
		at += b.size;
	}
	return null;
}

/* --- Matroska --- */

const SEGMENT = 0x18538067, CLUSTER = 0x1f43b675, SEEK = 0x114d9b74,
    INFO = 0x1549a966, TRACKS = 0x1654ae6b, CHAPTERS = 0x1043a770;

/* A number of 1 to 8 bytes; an ID keeps its mark. */
function vint(v, at, keepsMark) {
	const first = v.getUint8(at);
	const n = Math.clz32(first) - 23;
	if (n > 8)
		throw new RangeError('no number of Matroska\'s');
	let value = keepsMark ? first : first & (255 >> n);
	let ones = !keepsMark && value === 255 >> n;
	for (let i = 1; i < n; i++) {
		value = value * 256 + v.getUint8(at + i);
		ones = ones && v.getUint8(at + i) === 255;
	}
	return { value: ones ? Infinity : value, n };
}

function* elements(v, at, end) {
	while (at + 2 <= end) {
		const id = vint(v, at, true);
		const size = vint(v, at + id.n, false);
		const inside = at + id.n + size.n;
		yield { id: id.value, inside,
		    end: Math.min(inside + size.value, end), whole:
		    inside + size.value <= end };
		at = inside + size.value;
	}
}

function child(v, e, id) {
	return [...elements(v, e.inside, e.end)].find((c) => c.id === id);
}

function unsigned(v, e) {
	let n = 0;
	for (let at = e ? e.inside : 0; e && at < e.end; at++)
		n = n * 256 + v.getUint8(at);
	return n;
}

function words(v, e) {
	return e ? text(v, e.inside, e.end - e.inside).replace(/\0.*/, '') : '';
}

const READ = {
	[INFO]: (v, e, film) => {
		const scale = unsigned(v, child(v, e, 0x2ad7b1)) || 1000000;
		const d = child(v, e, 0x4489);
		if (d)
			film.seconds = (d.end - d.inside === 4 ?
			    v.getFloat32(d.inside) : v.getFloat64(d.inside)) *
			    scale / 1e9;
	},
	[TRACKS]: (v, e, film) => {
		for (const t of elements(v, e.inside, e.end))
			if (t.id === 0xae && unsigned(v, child(v, t, 0x83)) === 2)
				film.tracks.push(track(film.tracks.length + 1,
				    words(v, child(v, t, 0x22b59d)) ||
				    words(v, child(v, t, 0x22b59c)) || 'eng',
				    words(v, child(v, t, 0x86)).replace(
				    /^A_/, '')));
	},
	[CHAPTERS]: (v, e, film) => {
		const edition = child(v, e, 0x45b9);
		film.chapters = edition === undefined ? 0 : [...elements(v,
		    edition.inside, edition.end)].filter(
		    (c) => c.id === 0xb6).length;
	},
};

/* Where the parts behind the clusters are: {ID: offset in the segment}. */
function seeks(v, e) {
	const to = {};
	for (const s of elements(v, e.inside, e.end)) {
		if (s.id !== 0x4dbb)
			continue;
		to[unsigned(v, child(v, s, 0x53ab))] =
		    unsigned(v, child(v, s, 0x53ac));
	}
	return to;
}

async function matroska(file) {
	const film = { seconds: 0, tracks: [], chapters: 0 };
	const v = await bytes(file, 0, Math.min(file.size, 4 * FIRST));
	const top = [...elements(v, 0, v.byteLength)].find(
	    (e) => e.id === SEGMENT);
	const seen = new Set();
	let elsewhere = {};
	for (const e of elements(v, top.inside, top.end)) {
		if (e.id === CLUSTER || !e.whole)
			break;
		if (e.id === SEEK)
			elsewhere = seeks(v, e);
		else if (READ[e.id])
			READ[e.id](v, e, film);
		seen.add(e.id);
	}
	for (const id of [INFO, TRACKS, CHAPTERS]) {
		if (seen.has(id) || elsewhere[id] === undefined)
			continue;
		const w = await bytes(file, top.inside + elsewhere[id], FIRST);
		const [e] = elements(w, 0, w.byteLength);
		if (e.id === id)
			READ[id](w, e, film);
	}
	return film;
}

/* {seconds, tracks: [{n, text}], chapters}; null: nothing is known.  Damage is
 * no error here. */
export async function look(file) {
	try {
		const v = await bytes(file, 0, 12);
		if (v.byteLength < 12)
			return null;
		if (v.getUint32(0) === 0x1a45dfa3)
			return await matroska(file);
		if (['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip'].includes(
		    text(v, 4, 4)))
			return await mp4(file);
	} catch {
		/* What is no number where one belongs. */
	}
	return null;
}
