// SPDX-License-Identifier: Apache-2.0
// What a page says of an act in a passing notice.  It goes after six seconds, so the page writes down those that came.

// Runs in the page before anything of it.
export function noting() {
	window.passing = [];
	const note = (nodes) => window.passing.push(...[...nodes].filter((n) => n.matches?.(".good")).map((n) => n.textContent));
	const came = new MutationObserver((records) => records.forEach((r) => note(r.addedNodes)));
	const begun = new MutationObserver((records) => records.flatMap((r) => [...r.addedNodes]).filter((n) => n.matches?.(".toasts")).forEach((place) => {
		note(place.children);
		came.observe(place, { childList: true });
	}));
	document.addEventListener("DOMContentLoaded", () => begun.observe(document.body, { childList: true }));
}

// What was said before is of another step.
export const forgetting = () => { if (window.passing) window.passing.length = 0; };

// The first that has `pattern`, waited for and then looked at; "" where none comes.
export async function told(page, pattern = /./, timeout = 60000) {
	for (const end = Date.now() + timeout; Date.now() < end; await page.waitForTimeout(50)) {
		const text = await page.evaluate(([source, flags]) => {
			const at = window.passing.findIndex((one) => new RegExp(source, flags).test(one));
			return at < 0 ? "" : window.passing.splice(at, 1)[0];
		}, [pattern.source, pattern.flags]);
		if (text) return text;
	}
	return "";
}
