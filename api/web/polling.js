// SPDX-License-Identifier: Apache-2.0
// Asking again and again while a view is looked at.  Who touches nothing for a quarter of an hour is not there: asking
// then would keep their session open for ever.
const AWAY_MS = 15 * 60000;
let touched = Date.now();
for (const what of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"])
	document.addEventListener(what, () => { touched = Date.now(); }, { passive: true, capture: true });

export const stay = () => { touched = Date.now(); }; // what plays is looked at

// look() every `ms` while `place` is in the page; `away` when nobody is there any more.  The first comes after `ms`.
export function poll(place, ms, look, away = () => {}) {
	const next = () => setTimeout(async () => {
		if (!place.isConnected) return;
		if (Date.now() - touched > AWAY_MS) {
			away();
			return;
		}
		await look();
		next();
	}, ms);
	next();
}
