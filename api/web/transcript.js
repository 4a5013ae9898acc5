// SPDX-License-Identifier: Apache-2.0
// The transcript (文字记录) of a recording beside it: a click on a line goes to its time, and the line that is spoken
// is marked.
import { h } from "./ui.js";
import { t } from "./language.js";

const CLOCK = /^\s*[[【(（]?\s*(?:(\d{1,2}):)?(\d{1,2}):(\d{2})(?:[.,]\d+)?\s*(?:-->\s*[\d:.,]+)?\s*[\]】)）]?\s*(.*)$/;

// [{ at: seconds or null, text }]; the number and time lines of subtitles go with the words that follow.
export function parse(text) {
	const lines = [];
	let waits = null;
	for (const line of text.split(/\r?\n/)) {
		const found = line.match(CLOCK);
		if (found) {
			const at = Number(found[1] || 0) * 3600 + Number(found[2]) * 60 + Number(found[3]);
			if (found[4]) lines.push({ at, text: found[4] });
			else waits = at;
		} else if (waits !== null && line.trim()) {
			lines.push({ at: waits, text: line });
			waits = null;
		} else if (line.trim() && !/^(WEBVTT.*|\d+)$/.test(line.trim())) {
			lines.push({ at: null, text: line });
		}
	}
	return lines;
}

export const clock = (seconds) => [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60].map((n) => String(n).padStart(2, "0")).join(":");

export function transcript(text, player) {
	const timed = [];
	const list = h("ol", { class: "transcript" }, parse(text).map(({ at, text: words }) => {
		if (at === null) return h("li", { class: "soft" }, words);
		const line = h("li", {}, h("button", { type: "button", title: t("room.seek", { at: clock(at) }), onclick: () => {
			player.currentTime = at;
			player.play?.()?.catch?.(() => {});
		} }, h("time", {}, clock(at)), " ", words));
		timed.push({ at, line });
		return line;
	}));
	let now = null;
	player.addEventListener("timeupdate", () => {
		const found = timed.filter((x) => x.at <= player.currentTime + 0.25).pop()?.line || null;
		if (found === now) return;
		now?.removeAttribute("aria-current");
		found?.setAttribute("aria-current", "true");
		if (found) list.scrollTop = Math.max(0, found.offsetTop - list.offsetTop - list.clientHeight / 3);
		now = found;
	});
	return timed.length ? list : h("pre", {}, text);
}
