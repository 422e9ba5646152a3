/* gate.js - logging in and out, the same on each page. */
import * as account from './account.js';
import * as api from './api.js';
import { sentence, span } from './format.js';
import { announce } from './news.js';
import { T } from './words.js';

const el = (id) => document.getElementById(id);
let page;
let owner = '';

/* Whose session it is; '': nobody's. */
export function who() {
	return owner;
}

function show(problem = '') {
	owner = '';
	el('starting').hidden = true;
	el('desk').hidden = true;
	el('account').hidden = true;
	el('gate').hidden = false;
	el('problem').textContent = problem;
	el('password').value = '';
	for (const d of document.querySelectorAll('dialog[open]'))
		d.close();
	document.title = T.titleGate;
	if (el('email').value === '')
		el('email').value = api.lastAddress();
	(el('email').value === '' ? el('email') : el('password')).focus();
}

function admit(address, byHand) {
	owner = address;
	el('starting').hidden = true;
	el('gate').hidden = true;
	el('desk').hidden = false;
	el('account').hidden = false;
	el('address').textContent = address;
	el('password').value = '';
	el('email').value = '';
	document.title = page.title;
	page.open(address);
	if (!byHand)
		return;
	announce(T.loggedInAs(address));
	page.focus();
}

/* The word that a person needs, not the one that the protocol has. */
function loginProblem(e) {
	if (e.status === 401 || e.status === 403)
		return T.wrongPassword;
	if (e.status === 429)
		return e.wait > 0 ? T.tooManyFor(span(e.wait)) : T.tooMany;
	if (e.status === 503)
		return T.busy;
	return sentence(e.message);
}

function mark(field, wrong) {
	if (wrong)
		field.setAttribute('aria-invalid', 'true');
	else
		field.removeAttribute('aria-invalid');
}

function refuse(text, ...fields) {
	el('problem').textContent = text;
	for (const f of [el('email'), el('password')])
		mark(f, fields.includes(f));
	if (fields.length > 0)
		fields[0].focus();
}

async function enter() {
	const address = el('email').value.trim();
	const password = el('password').value;
	if (address === '' || address.includes(':'))
		return refuse(T.wantsAddress, el('email'));
	if (password === '')
		return refuse(T.wantsPassword, el('password'));
	refuse('');
	try {
		await api.logIn(address, password);
		const name = await api.whoAmI();
		if (name === null)
			return refuse(T.ownToken);
		admit(name, true);
	} catch (e) {
		el('password').value = '';
		refuse(loginProblem(e), ...e.status === 401 ||
		    e.status === 403 ? [el('password')] : []);
	}
}

let entering = false;
el('login').addEventListener('submit', async (event) => {
	event.preventDefault();
	if (entering)
		return;
	entering = true;
	el('enter').setAttribute('aria-disabled', 'true');
	try {
		await enter();
	} finally {
		entering = false;
		el('enter').removeAttribute('aria-disabled');
	}
});

el('leave').addEventListener('click', async () => {
	if (!await page.mayLeave())
		return;
	account.tellTabs(owner, 'left');
	api.forget();
	show();
	announce(T.loggedOut);
});

account.whenTold((address, why) => {
	if (address !== owner || owner === '')
		return;
	page.suspend();
	api.end();
	show(why === 'left' ? T.leftElsewhere : T.passwordElsewhere);
});

api.whenOver(() => {
	page.suspend();
	show(T.sessionOver);
});

/* A tab that was logged in goes on; one that cannot ask tries again. */
async function resume() {
	if (!api.loggedIn()) {
		show();
		return;
	}
	try {
		const name = await api.whoAmI();
		if (name !== null) {
			admit(name, false);
			return;
		}
		api.end();
		show(T.sessionOver);
	} catch (e) {
		el('starting-text').textContent = `${sentence(e.message)} ` +
		    T.tryingAgain;
		setTimeout(resume, 3000);
	}
}

/* The page: its title; open(address), somebody is here, and focus() where he
 * has just logged in; suspend(), his session is over; mayLeave(), he wants to
 * log out, and is gone unless that gives false. */
export function begin(p) {
	page = p;
	for (const e of document.querySelectorAll('[data-t]'))
		e.textContent = T[e.dataset.t];
	resume();
}
