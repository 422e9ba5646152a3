/* id3.js - chapters and cover of an MP3, from the tag at its start: ID3v2.3 and
 * 2.4 as v2m writes them, which is without unsynchronisation and compression.
 */
const HEAD = 10;

function latin1(bytes) {
	return new TextDecoder('latin1').decode(bytes);
}

/* Four bytes of seven bits. */
function small(v, at) {
	return v.getUint8(at) << 21 | v.getUint8(at + 1) << 14 |
	    v.getUint8(at + 2) << 7 | v.getUint8(at + 3);
}

/* The tag's length with its head, of its first 10 bytes; 0: there is none. */
export function length(buffer) {
	const v = new DataView(buffer);
	return buffer.byteLength < HEAD ||
	    latin1(new Uint8Array(buffer, 0, 3)) !== 'ID3' ? 0 :
	    HEAD + small(v, 6);
}

function* frames(v, at, end, version) {
	while (at + HEAD <= end && v.getUint8(at) !== 0) {
		const n = version === 4 ? small(v, at + 4) :
		    v.getUint32(at + 4);
		const inside = at + HEAD;
		if (inside + n > end)
			return;
		yield { kind: latin1(new Uint8Array(v.buffer, at, 4)),
		    at: inside, end: inside + n };
		at = inside + n;
	}
}

const CODES = ['latin1', 'utf-16', 'utf-16be', 'utf-8'];

function words(v, f) {
	const text = new TextDecoder(CODES[v.getUint8(f.at)] || 'latin1');
	return text.decode(new Uint8Array(v.buffer, f.at + 1,
	    f.end - f.at - 1)).replace(/\0.*/s, '');
}

function afterZero(v, at) {
	while (v.getUint8(at) !== 0)
		at++;
	return at + 1;
}

/* Its name, and when it begins and ends, in seconds. */
function chapter(v, f, version) {
	const at = afterZero(v, f.at);
	const title = [...frames(v, at + 16, f.end, version)].find(
	    (t) => t.kind === 'TIT2');
	return { from: v.getUint32(at) / 1000, to: v.getUint32(at + 4) / 1000,
	    title: title ? words(v, title) : '' };
}

/* What it was drawn as does not concern us; its description may have two zeros
 * at its end. */
function picture(v, f) {
	const code = v.getUint8(f.at);
	const kind = afterZero(v, f.at + 1);
	let at = kind + 1;
	if (code === 1 || code === 2) {
		while (v.getUint16(at) !== 0)
			at += 2;
		at += 2;
	} else {
		at = afterZero(v, at);
	}
	return new Blob([new Uint8Array(v.buffer, at, f.end - at)], { type:
	    latin1(new Uint8Array(v.buffer, f.at + 1, kind - f.at - 2)) });
}

/* Of the whole tag: {chapters: [{from, to, title}], cover}, a Blob or null. */
export function read(buffer) {
	const found = { chapters: [], cover: null };
	const v = new DataView(buffer);
	const version = v.getUint8(3);
	try {
		for (const f of frames(v, HEAD, length(buffer), version)) {
			if (f.kind === 'CHAP')
				found.chapters.push(chapter(v, f, version));
			else if (f.kind === 'APIC' && found.cover === null)
				found.cover = picture(v, f);
		}
	} catch {
		/* It is cut off: what was found is something. */
	}
	found.chapters.sort((a, b) => a.from - b.from);
	return found;
}
