/* words.js - sizes, times and states as people read them. */

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

export function size(bytes) {
	let unit = 0;
	while (bytes >= 999.5 && unit < UNITS.length - 1) {
		bytes /= 1000;
		unit++;
	}
	const digits = unit > 0 && bytes < 9.95 ? 1 : 0;
	return `${bytes.toFixed(digits)} ${UNITS[unit]}`;
}

/* A length of sound: 3:25, 1:02:03. */
export function clock(s) {
	const two = (n) => String(n).padStart(2, '0');
	s = Math.round(s);
	const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
	return (h > 0 ? `${h}:${two(m)}` : `${m}`) + `:${two(s % 60)}`;
}

/* How long something may take. */
export function left(s) {
	if (s < 60)
		return `${Math.max(1, Math.round(s))} s left`;
	if (s < 3600)
		return `${Math.round(s / 60)} min left`;
	return `${(s / 3600).toFixed(1)} h left`;
}

const TODAY = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

export function when(iso) {
	const then = new Date(iso);
	if (Number.isNaN(then.getTime()))
		return '';
	return then.toDateString() === new Date().toDateString() ?
	    TODAY.format(then) : DAY.format(then);
}

/* A message of the server's as a sentence. */
export function sentence(text) {
	text = text.charAt(0).toUpperCase() + text.slice(1);
	return /[.!?]$/.test(text) ? text : `${text}.`;
}

/* A job as v2m_status_json gives it: what its row shows.  active: it will
 * change by itself. */
export function describe(job) {
	const facts = [];
	const note = [];
	const seen = { look: '', state: '', percent: undefined,
	    active: false, ready: false };
	switch (job.state) {
	case 'new':
		seen.state = 'Upload not finished';
		note.push('Choose the same file again, and its upload goes on.');
		break;
	case 'held':
		seen.state = 'Stored, not to be converted yet';
		break;
	case 'queued':
		seen.state = 'Waiting to be converted';
		seen.active = true;
		if (job.reason)
			note.push(sentence(job.reason));
		break;
	case 'running':
		seen.active = true;
		seen.percent = job.percent === undefined ? -1 : job.percent;
		seen.state = seen.percent < 0 ? 'Converting' :
		    `Converting, ${seen.percent} %`;
		break;
	case 'done':
		if (!job.mp3) {
			seen.state = 'Expired';
			note.push('The MP3 was kept for some time and is ' +
			    'gone now.');
			break;
		}
		seen.ready = true;
		seen.look = 'done';
		seen.state = 'Ready';
		if (job.warnings && job.warnings.length > 0) {
			seen.look = 'warned';
			seen.state = 'Ready, with warnings';
			note.push(...job.warnings.map(sentence));
		}
		facts.push(clock(job.duration_s), size(job.mp3_length));
		break;
	case 'failed':
		seen.look = 'failed';
		seen.state = 'Failed';
		note.push(sentence(job.reason || 'nobody knows why'));
		break;
	default:
		seen.state = 'Removed';
	}
	if (job.state !== 'done' && job.length > 0)
		facts.push(size(job.length));
	if (job.created)
		facts.push(when(job.created));
	seen.more = facts.filter((f) => f !== '').join(' · ');
	seen.note = note.join(' ');
	return seen;
}
