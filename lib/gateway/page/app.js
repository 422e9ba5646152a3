/* app.js - logging in and out, and what falls onto the page. */
import * as api from './api.js';
import * as desk from './desk.js';
import { sentence } from './words.js';

const el = (id) => document.getElementById(id);
let owner = '';

function showGate(problem = '') {
	owner = '';
	el('desk').hidden = true;
	el('account').hidden = true;
	el('gate').hidden = false;
	el('problem').textContent = problem;
	el('password').value = '';
	document.title = 'Log in: v2m';
	(el('email').value === '' ? el('email') : el('password')).focus();
}

function showDesk(address, byHand) {
	owner = address;
	el('gate').hidden = true;
	el('desk').hidden = false;
	el('account').hidden = false;
	el('address').textContent = address;
	el('password').value = '';
	el('email').value = '';
	document.title = 'Your files: v2m';
	desk.open(address);
	if (!byHand)
		return;
	desk.announce(`You are logged in as ${address}.`);
	el('files').focus();
}

/* The word that a person needs, not the one that the protocol has. */
function loginProblem(e) {
	if (e.status === 401 || e.status === 403)
		return 'This address and password do not belong together.';
	if (e.status === 429)
		return e.wait > 0 ?
		    `Too many attempts. Please try again in ${e.wait} s.` :
		    'Too many attempts. Please try again later.';
	if (e.status === 503)
		return 'The server is busy. Please try again in a moment.';
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
		return refuse('Please enter your e-mail address.', el('email'));
	if (password === '')
		return refuse('Please enter your password.', el('password'));
	refuse('');
	try {
		await api.logIn(address, password);
		const name = await api.whoAmI();
		if (name === null)
			return refuse('The server does not accept its own ' +
			    'token. Please tell its administrator.');
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
	if (n > 0 && !await confirmed('Log out?', n === 1 ?
	    'An upload is not finished; it would be cancelled.' :
	    `${n} uploads are not finished; they would be cancelled.`,
	    'Log out'))
		return;
	desk.clear();
	api.forget();
	showGate();
	desk.announce('You are logged out.');
});

api.whenOver(() => {
	desk.suspend();
	showGate('Your session is over. Please log in again.');
});

/* A question with two answers; Escape is no. */
function confirmed(title, text, yes, no = 'Cancel') {
	const dialog = el('ask');
	el('ask-title').textContent = title;
	el('ask-text').textContent = text;
	el('ask-yes').textContent = yes;
	el('ask-no').textContent = no;
	return new Promise((resolve) => {
		let answer = false;
		el('ask-yes').onclick = () => {
			answer = true;
			dialog.close();
		};
		el('ask-no').onclick = () => dialog.close();
		dialog.onclose = () => resolve(answer);
		dialog.showModal();
		el('ask-no').focus();
	});
}
desk.askWith(confirmed);

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
		api.forget();
		showGate('Your session is over. Please log in again.');
	} catch (e) {
		el('gate').hidden = false;
		el('problem').textContent = `${sentence(e.message)} ` +
		    'Trying again.';
		setTimeout(begin, 3000);
	}
}

begin();
