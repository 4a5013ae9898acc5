// SPDX-License-Identifier: Apache-2.0
// What a reviewer has noted of a case and not recorded yet: in this page's memory alone, gone with the session.
import { onSession } from "./server.js";

let notes = new Map();
onSession((who) => { if (!who) notes = new Map(); });

// { points: { item: n }, vetoes: [kind], findings: [{ member, page, at, text }] } of one case of one review.
export function noteOf(review, id) {
	const key = `${review}/${id}`;
	if (!notes.has(key)) notes.set(key, { points: {}, vetoes: [], findings: [] });
	return notes.get(key);
}
export const forget = (review, id) => notes.delete(`${review}/${id}`);
