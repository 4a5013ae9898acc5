// SPDX-License-Identifier: Apache-2.0
// Pictures as SVG: the recordings of a case on a line of time, with their gaps.
import { h } from "./ui.js";
import { t } from "./language.js";

const text = (x, y, value, more = {}) => h("text", { x, y, ...more }, value);

// items: [{ kind: "recording" | "gap" | "act", label, from, until }]
export function timeline(items) {
	const dated = items.map((i) => ({ ...i, a: Date.parse(i.from || i.start || i.time), b: Date.parse(i.until || i.end || i.from || i.start || i.time) }))
		.filter((i) => Number.isFinite(i.a));
	if (!dated.length) return h("p", { class: "soft" }, t("timeline.none"));
	const first = Math.min(...dated.map((i) => i.a));
	const last = Math.max(...dated.map((i) => i.b), first + 60000);
	const x = (ms) => 20 + 600 * (ms - first) / (last - first);
	return h("svg", { class: "chart", viewBox: `0 0 640 ${dated.length * 26 + 30}`, role: "img", "aria-label": t("timeline") },
		dated.map((item, i) => h("g", {},
			h("rect", { class: item.kind === "gap" ? "gap" : "mark", x: x(item.a), y: i * 26 + 5, width: Math.max(3, x(item.b) - x(item.a)), height: 14 }),
			x(item.b) < 400
				? text(x(item.b) + 6, i * 26 + 17, item.label || item.title || item.kind)
				: text(x(item.a) - 6, i * 26 + 17, item.label || item.title || item.kind, { "text-anchor": "end" }))),
		h("line", { class: "axis", x1: 20, x2: 620, y1: dated.length * 26 + 8, y2: dated.length * 26 + 8 }),
		text(20, dated.length * 26 + 24, new Date(first).toLocaleString(t("locale"))),
		text(620, dated.length * 26 + 24, new Date(last).toLocaleString(t("locale")), { "text-anchor": "end" }));
}
