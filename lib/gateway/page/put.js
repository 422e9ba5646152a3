/* put.js - text in its place.  What is the same stays, so that a screen reader
 * does not hear it again. */
export function put(el, text) {
	if (el.textContent !== text)
		el.textContent = text;
}
