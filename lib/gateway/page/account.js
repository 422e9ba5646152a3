/* account.js - a new password, and sessions that end in every tab.
 *
 * Each tab has its own token.  Where a tab knows that those of the others no
 * longer count, or that its user has gone, it tells them, by the browser.
 */
import * as api from './api.js';
import { filled } from './dialog.js';
import { sentence, span } from './format.js';
import { announce } from './news.js';
import { T } from './words.js';

const el = (id) => document.getElementById(id);
const old = el('old-password');
const fresh = el('new-password');
const again = el('again-password');
const problem = el('account-problem');

const tabs = 'BroadcastChannel' in window ? new BroadcastChannel('v2m') : null;

/* Something ended the sessions of an account: "password" or "left". */
export function tellTabs(address, why) {
	if (tabs !== null)
		tabs.postMessage({ address, why });
}

/* f(address, why) for what other tabs tell. */
export function whenTold(f) {
	if (tabs !== null)
		tabs.onmessage = (event) => f(event.data.address,
		    event.data.why);
}

function refuse(text, field) {
	problem.textContent = text;
	for (const f of [old, fresh, again])
		if (f === field)
			f.setAttribute('aria-invalid', 'true');
		else
			f.removeAttribute('aria-invalid');
	if (field)
		field.focus();
	return false;
}

function refusal(e) {
	if (e.status === 401 || e.status === 403)
		return refuse(T.wrongOld, old);
	if (e.status === 429)
		return refuse(e.wait > 0 ? T.tooManyFor(span(e.wait)) :
		    T.tooMany, old);
	return refuse(sentence(e.message), e.status === 400 ? fresh : null);
}

async function change(address) {
	if (old.value === '')
		return refuse(T.wantsOld, old);
	if (fresh.value === '')
		return refuse(T.wantsNew, fresh);
	if (fresh.value !== again.value)
		return refuse(T.notTheSame, again);
	refuse('', null);
	try {
		await api.changePassword(address, old.value, fresh.value);
	} catch (e) {
		return e instanceof api.SessionOver ? false : refusal(e);
	}
	tellTabs(address, 'password');
	return true;
}

/* Ask for both and change it. */
export async function newPassword(address) {
	refuse('', null);
	el('account-address').value = address;
	const done = await filled(el('new-account'), () => change(address));
	old.value = fresh.value = again.value = '';
	if (done)
		announce(T.passwordChanged);
}
