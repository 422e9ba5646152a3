/* player.js - listening to an MP3: the browser's own player, the chapters to
 * jump to, and the cover.
 *
 * The player's address has a ticket in it, which is good for an hour; where
 * that is over, a new one is asked for and the player goes on where it was.
 */
import { SessionOver, call, callJson, loggedIn } from './api.js';
import { clock, sentence } from './format.js';
import * as id3 from './id3.js';
import { T } from './words.js';

const TAG_MOST = 8 * 1024 * 1024;
const COVER = 160;		/* pixels */
const RENEW_MS = 10000;		/* not more often */

const el = (id) => document.getElementById(id);
const dialog = el('player');
const sound = el('sound');
const problem = el('player-problem');

let job = null;
let renewedAt = 0;

async function bytes(id, to) {
	const answer = await call('GET', `download?fid=${id}`,
	    { 'Range': `bytes=0-${to - 1}` });
	return answer.arrayBuffer();
}

async function readTag(id) {
	const n = Math.min(id3.length(await bytes(id, 10)), TAG_MOST);
	return n > 0 ? id3.read(await bytes(id, n)) :
	    { chapters: [], cover: null };
}

/* Drawn, since the page may show no picture that comes from elsewhere than the
 * server, not even one in memory. */
async function showCover(blob) {
	const canvas = el('cover');
	canvas.setAttribute('aria-label', T.cover);
	canvas.hidden = true;
	if (blob === null)
		return;
	try {
		const image = await createImageBitmap(blob);
		const by = COVER / Math.max(image.width, image.height);
		canvas.width = Math.max(1, image.width * by);
		canvas.height = Math.max(1, image.height * by);
		canvas.getContext('2d').drawImage(image, 0, 0, canvas.width,
		    canvas.height);
		canvas.hidden = false;
	} catch {
		/* Not one that this browser knows. */
	}
}

function chapterButton(c, i) {
	const b = document.createElement('button');
	b.type = 'button';
	const time = document.createElement('span');
	time.className = 'time';
	time.textContent = clock(c.from);
	b.append(time, ' ', c.title || T.chapterNumber(i + 1));
	b.addEventListener('click', () => {
		sound.currentTime = c.from;
		sound.play().catch(() => {});
	});
	const item = document.createElement('li');
	item.append(b);
	return item;
}

let chapters = [];

function showChapters(list) {
	chapters = list;
	el('chapters').hidden = list.length === 0;
	el('chapter-list').replaceChildren(...list.map(chapterButton));
	markChapter();
}

/* Which one is played.  A browser that was sent to 1.023 says 1.022999. */
function markChapter() {
	const now = sound.currentTime + 0.001;
	el('chapter-list').querySelectorAll('button').forEach((b, i) => {
		const next = chapters[i + 1];
		if (now >= chapters[i].from && !(next && now >= next.from))
			b.setAttribute('aria-current', 'true');
		else
			b.removeAttribute('aria-current');
	});
}

/* False: meanwhile it was closed, or another one is wanted. */
async function open(wanted) {
	const { ticket } = await callJson('POST',
	    `ticket?fid=${wanted.id}&listen=1`);
	if (job !== wanted || !loggedIn())
		return false;
	renewedAt = Date.now();
	sound.src = `download?ticket=${encodeURIComponent(ticket)}`;
	return true;
}

function complain(e) {
	if (!(e instanceof SessionOver))
		problem.textContent = sentence(e.message);
}

/* The ticket may be over, or the connection broke: once more from there. */
async function renew() {
	const at = sound.currentTime;
	if (job === null)
		return;
	if (Date.now() - renewedAt < RENEW_MS) {
		problem.textContent = T.cannotPlay;
		return;
	}
	try {
		if (!await open(job))
			return;
		sound.currentTime = at;
		await sound.play();
	} catch (e) {
		complain(e);
	}
}

sound.addEventListener('timeupdate', markChapter);
sound.addEventListener('error', () => {
	if (sound.hasAttribute('src'))
		renew();
});
el('player-close').addEventListener('click', () => dialog.close());
dialog.addEventListener('close', () => {
	job = null;
	sound.removeAttribute('src');
	sound.load();
	showChapters([]);
	showCover(null);
});

/* Throws what is to be told where the dialogue did not open. */
export async function listen(wanted, name) {
	job = wanted;
	if (!await open(wanted))
		return;
	problem.textContent = '';
	el('player-title').textContent = name;
	showChapters([]);
	showCover(null);
	dialog.showModal();
	sound.focus();
	try {
		const tag = await readTag(wanted.id);
		if (job !== wanted)
			return;
		showChapters(tag.chapters);
		await showCover(tag.cover);
	} catch (e) {
		complain(e);
	}
}
