/* app.js - logging in and out, and what falls onto the page. */
import * as account from './account.js';
import * as api from './api.js';
import * as desk from './desk.js';
import { confirmed } from './dialog.js';
import { sentence, span } from './format.js';
import { announce } from './news.js';
import { T } from './words.js';

const el = (id) => document.getElementById(id);
let owner = '';

for (const e of document.querySelectorAll('[data-t]'))
	e.textContent = T[e.dataset.t];

function showGate(problem = '') {
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

function showDesk(address, byHand) {
	owner = address;
	el('starting').hidden = true;
	el('gate').hidden = true;
	el('desk').hidden = false;
	el('account').hidden = false;
	el('address').textContent = address;
	el('password').value = '';
	el('email').value = '';
	document.title = T.titleDesk;
	desk.open(address);
	if (!byHand)
		return;
	announce(T.loggedInAs(address));
	el('files').focus();
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
		showDesk(name, true);
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
	const n = desk.unfinished();
	if (n > 0 && !await confirmed(T.leaveAsk, n === 1 ? T.leaveOne :
	    T.leaveMany(n), T.logOut))
		return;
	desk.clear();
	account.tellTabs(owner, 'left');
	api.forget();
	showGate();
	announce(T.loggedOut);
});

el('change').addEventListener('click', () => account.newPassword(owner));

account.whenTold((address, why) => {
	if (address !== owner || owner === '')
		return;
	desk.suspend();
	api.end();
	showGate(why === 'left' ? T.leftElsewhere : T.passwordElsewhere);
});

api.whenOver(() => {
	desk.suspend();
	showGate(T.sessionOver);
});

el('files').addEventListener('change', (event) => {
	desk.add(event.target.files, owner);
	event.target.value = '';
});

/* A file may fall anywhere; the browser must not open it instead. */
let inside = 0;
const drag = (on) => document.body.classList.toggle('dragging', on);
const ours = (event) => event.dataTransfer.types.includes('Files');
addEventListener('dragenter', (event) => {
	if (ours(event) && owner !== '' && ++inside > 0)
		drag(true);
});
addEventListener('dragleave', (event) => {
	if (ours(event) && --inside <= 0) {
		inside = 0;
		drag(false);
	}
});
addEventListener('dragover', (event) => {
	if (!ours(event))
		return;
	event.preventDefault();
	event.dataTransfer.dropEffect = owner === '' ? 'none' : 'copy';
});
addEventListener('drop', (event) => {
	if (!ours(event))
		return;
	event.preventDefault();
	inside = 0;
	drag(false);
	if (owner !== '')
		desk.add(event.dataTransfer.files, owner);
});

addEventListener('beforeunload', (event) => {
	if (desk.unfinished() === 0)
		return;
	event.preventDefault();
	event.returnValue = true;	/* for older browsers */
});

/* A tab that was logged in goes on; one that cannot ask tries again. */
async function begin() {
	if (!api.loggedIn()) {
		showGate();
		return;
	}
	try {
		const name = await api.whoAmI();
		if (name !== null) {
			showDesk(name, false);
			return;
		}
		api.end();
		showGate(T.sessionOver);
	} catch (e) {
		el('starting').textContent = `${sentence(e.message)} ` +
		    T.tryingAgain;
		setTimeout(begin, 3000);
	}
}

begin();
