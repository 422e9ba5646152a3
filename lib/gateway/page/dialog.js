/* dialog.js - questions on top of the page.  The browser gives the focus back
 * to where it was; where that is gone, whoever took it away sets it, or else it
 * goes to the heading that the page marks with data-home. */
import { T } from './words.js';

const el = (id) => document.getElementById(id);

/* Closed; nobody took the focus to where it makes sense. */
function ended(resolve, answer) {
	if (document.activeElement === document.body &&
	    !el('desk').hidden)
		document.querySelector('[data-home]').focus();
	resolve(answer);
}

/* A question with two answers; Escape is no. */
export function confirmed(title, text, yes, no = T.cancel) {
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
		dialog.onclose = () => ended(resolve, answer);
		dialog.showModal();
		el('ask-no').focus();
	});
}

/* A form in a dialogue: done(true) once accept() says that it may close. */
export function filled(dialog, accept) {
	const form = dialog.querySelector('form');
	return new Promise((resolve) => {
		let answer = false;
		form.onsubmit = async (event) => {
			event.preventDefault();
			if (!await accept())
				return;
			answer = true;
			dialog.close();
		};
		form.querySelector('[data-act="close"]').onclick =
		    () => dialog.close();
		dialog.onclose = () => ended(resolve, answer);
		dialog.showModal();
	});
}
