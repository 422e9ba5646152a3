/* news.js - what a screen reader is told; several at a time are said one after
 * another. */
const place = document.getElementById('news');
let timer;
let queue = [];

export function announce(text) {
	queue.push(text);
	clearTimeout(timer);
	timer = setTimeout(() => {
		place.textContent = queue.join(' ');
		queue = [];
	}, 150);
}
