/* format.js - sizes, times and numbers as the browser's language has them. */

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

function unit(name, digits, display = 'short') {
	return new Intl.NumberFormat(undefined, { style: 'unit', unit: name,
	    unitDisplay: display, maximumFractionDigits: digits });
}

const SIZES = UNITS.map((name) => [unit(name, 0), unit(name, 1)]);

export function size(bytes) {
	let i = 0;
	while (bytes >= 999.5 && i < UNITS.length - 1) {
		bytes /= 1000;
		i++;
	}
	return SIZES[i][i > 0 && bytes < 9.95 ? 1 : 0].format(bytes);
}

/* A length of sound: 3:25, 1:02:03. */
export function clock(s) {
	const two = (n) => String(n).padStart(2, '0');
	s = Math.round(s);
	const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
	return (h > 0 ? `${h}:${two(m)}` : `${m}`) + `:${two(s % 60)}`;
}

const SECONDS = unit('second', 0);
const MINUTES = unit('minute', 0);
const HOURS = unit('hour', 1);

/* How long something may take. */
export function span(s) {
	if (s < 60)
		return SECONDS.format(Math.max(1, Math.round(s)));
	return s < 3600 ? MINUTES.format(Math.round(s / 60)) :
	    HOURS.format(s / 3600);
}

const NUMBER = new Intl.NumberFormat();

export function number(n) {
	return NUMBER.format(n);
}

const PERCENT = new Intl.NumberFormat(undefined, { style: 'percent' });

export function percent(n) {
	return PERCENT.format(n / 100);
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

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium',
    timeStyle: 'short' });

/* With the day and the time of it. */
export function moment(iso) {
	const then = new Date(iso);
	return Number.isNaN(then.getTime()) ? '' : MOMENT.format(then);
}

let languages = null;
try {
	languages = new Intl.DisplayNames(undefined, { type: 'language' });
} catch {
	/* Then the code is what is shown. */
}

/* "deu" or "de": German. */
export function language(code) {
	try {
		return languages.of(code);
	} catch {
		return code;
	}
}

/* A message of the server's as a sentence. */
export function sentence(text) {
	text = text.charAt(0).toUpperCase() + text.slice(1);
	return /[.!?]$/.test(text) ? text : `${text}.`;
}
