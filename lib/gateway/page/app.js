/* app.js - the page for users: what falls onto it, and who may leave it. */
import * as account from './account.js';
import * as desk from './desk.js';
import { confirmed } from './dialog.js';
import * as gate from './gate.js';
import { T } from './words.js';

const el = (id) => document.getElementById(id);

el('change').addEventListener('click', () => account.newPassword(gate.who()));

el('files').addEventListener('change', (event) => {
	desk.add(event.target.files, gate.who());
	event.target.value = '';
});

/* A file may fall anywhere; the browser must not open it instead. */
let inside = 0;
const drag = (on) => document.body.classList.toggle('dragging', on);
const ours = (event) => event.dataTransfer.types.includes('Files');
addEventListener('dragenter', (event) => {
	if (ours(event) && gate.who() !== '' && ++inside > 0)
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
	event.dataTransfer.dropEffect = gate.who() === '' ? 'none' : 'copy';
});
addEventListener('drop', (event) => {
	if (!ours(event))
		return;
	event.preventDefault();
	inside = 0;
	drag(false);
	if (gate.who() !== '')
		desk.add(event.dataTransfer.files, gate.who());
});

addEventListener('beforeunload', (event) => {
	if (desk.unfinished() === 0)
		return;
	event.preventDefault();
	event.returnValue = true;	/* for older browsers */
});

async function mayLeave() {
	const n = desk.unfinished();
	if (n > 0 && !await confirmed(T.leaveAsk, n === 1 ? T.leaveOne :
	    T.leaveMany(n), T.logOut))
		return false;
	desk.clear();
	return true;
}

gate.begin({ title: T.titleDesk, open: desk.open, suspend: desk.suspend,
    focus: () => el('files').focus(), mayLeave });
