// SPDX-License-Identifier: Apache-2.0
// Pictures as SVG: bars whose bars open cases, and the timeline of a case with the gaps of its recordings.
import { h } from "./ui.js";
import { t } from "./language.js";

const text = (x, y, value, more = {}) => h("text", { x, y, ...more }, value);

// rows: [{ label, value, href }]
export function bars(rows, { unit = "" } = {}) {
	const most = Math.max(1, ...rows.map((r) => r.value));
	const height = rows.length * 28 + 8;
	return h("svg", { class: "chart", viewBox: `0 0 640 ${height}`, role: rows.some((r) => r.href) ? "group" : "img", "aria-label": rows.map((r) => `${r.label} ${r.value}${unit}`).join("; ") },
		rows.map((row, i) => {
			const width = Math.max(row.value ? 2 : 0, 380 * row.value / most);
			const bar = h("g", {},
				text(200, i * 28 + 19, row.label, { "text-anchor": "end" }),
				h("rect", { class: "mark", x: 210, y: i * 28 + 5, width, height: 19 }),
				text(216 + width, i * 28 + 19, `${row.value}${unit}`));
			if (!row.href) return bar;
			const a = document.createElementNS("http://www.w3.org/2000/svg", "a");
			a.setAttribute("href", row.href);
			a.setAttribute("aria-label", `${row.label} ${row.value}${unit}`);
			a.append(bar);
			return a;
		}));
}

// rows: [{ label, value }] over months or years.
export function line(rows) {
	const most = Math.max(1, ...rows.map((r) => r.value));
	const step = 580 / Math.max(1, rows.length - 1);
	const at = (r, i) => [40 + i * step, 170 - 140 * r.value / most];
	return h("svg", { class: "chart", viewBox: "0 0 640 205", role: "img", "aria-label": rows.map((r) => `${r.label} ${r.value}`).join("; ") },
		h("line", { class: "axis", x1: 40, y1: 170, x2: 620, y2: 170 }),
		h("path", { d: rows.map((r, i) => `${i ? "L" : "M"}${at(r, i).join(",")}`).join(""), fill: "none", stroke: "#1f4e79", "stroke-width": 2 }),
		rows.map((r, i) => [h("circle", { cx: at(r, i)[0], cy: at(r, i)[1], r: 4, class: "mark" }),
			text(at(r, i)[0], at(r, i)[1] - 9, r.value, { "text-anchor": "middle" }),
			text(at(r, i)[0], 190, r.label, { "text-anchor": "middle" })]));
}

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

// The proof of a receipt: the leaf, each neighbour's hash, the root.
export function proof(steps) {
	return h("svg", { class: "chart", viewBox: `0 0 640 ${steps.length * 46 + 10}`, role: "img", "aria-label": t("receipt.picture") },
		steps.map((step, i) => h("g", {},
			h("rect", { x: 20, y: i * 46 + 6, width: 600, height: 30, rx: 4, fill: step.last ? "#e3f0e9" : "#fffdf8", stroke: "#b9af9a" }),
			text(30, i * 46 + 25, step.label),
			text(610, i * 46 + 25, `${step.hash.slice(0, 28)}…`, { "text-anchor": "end", "font-family": "monospace" }),
			i ? h("line", { class: "axis", x1: 320, x2: 320, y1: i * 46 - 10, y2: i * 46 + 6 }) : null)));
}
