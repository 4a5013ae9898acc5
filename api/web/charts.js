// SPDX-License-Identifier: Apache-2.0
// Charts as SVG: shares in one bar, columns over months, bars by size.  A part with `href` opens the cases behind it.
import { h } from "./ui.js";
import { t } from "./language.js";

const text = (x, y, value, more = {}) => h("text", { x, y, ...more }, value);

// A chart is drawn as wide as there is room, so that its words stay readable on a phone.
export const room = () => matchMedia("(max-width: 40rem)").matches ? 340 : 640;

function linked(href, label, shape) {
	if (!href) return shape;
	const a = document.createElementNS("http://www.w3.org/2000/svg", "a");
	a.setAttribute("href", href);
	a.setAttribute("aria-label", label);
	a.append(shape);
	return a;
}
const chart = (height, label, linkable, children) => h("svg", { class: "chart", viewBox: `0 0 ${room()} ${height}`, role: linkable ? "group" : "img", "aria-label": label }, children);

// One bar whose parts are shares: rows [{ label, value, href, kind: good|bad|unknown }].
export function shares(title, rows) {
	const total = rows.reduce((sum, r) => sum + r.value, 0);
	if (!total) return null;
	let x = 10;
	return chart(60, `${title}: ${rows.map((r) => `${r.label} ${r.value}`).join("; ")}`, rows.some((r) => r.href), rows.filter((r) => r.value).map((r) => {
		const width = (room() - 20) * r.value / total;
		const part = linked(r.href, t("chart.part", { label: r.label, value: r.value }), h("g", {},
			h("rect", { class: `mark ${r.kind}`, x, y: 6, width: Math.max(2, width - 2), height: 26 }),
			width > 60 ? text(x + 6, 50, `${r.label} ${r.value}`) : text(x, 50, r.value)));
		x += width;
		return part;
	}));
}

// Columns over months: rows [{ label, value, href }] of twelve.
export function columns(title, rows) {
	const most = Math.max(1, ...rows.map((r) => r.value));
	const step = (room() - 20) / rows.length;
	return chart(190, `${title}: ${rows.map((r) => `${r.label} ${r.value}`).join("; ")}`, rows.some((r) => r.href), [
		h("line", { class: "axis", x1: 10, y1: 160, x2: room() - 10, y2: 160 }),
		rows.map((r, i) => {
			const tall = 130 * r.value / most, x = 10 + i * step;
			return [linked(r.href, t("chart.part", { label: r.label, value: r.value }), h("g", {},
				h("rect", { class: "mark", x: x + step * 0.18, y: 160 - tall, width: step * 0.64, height: Math.max(r.value ? 2 : 0, tall) }),
				r.value ? text(x + step / 2, 154 - tall, r.value, { "text-anchor": "middle" }) : null)),
			text(x + step / 2, 178, r.label, { "text-anchor": "middle", class: "small" })];
		})]);
}

// Bars, the longest first, with long labels above them.
export function ranks(title, rows, most = 12) {
	const list = [...rows].sort((a, b) => b.value - a.value).slice(0, most);
	const largest = Math.max(1, ...list.map((r) => r.value));
	return chart(list.length * 44 + 6, `${title}: ${list.map((r) => `${r.label} ${r.value}`).join("; ")}`, list.some((r) => r.href), list.map((r, i) => {
		const width = Math.max(r.value ? 3 : 0, (room() - 80) * r.value / largest);
		return linked(r.href, t("chart.part", { label: r.label, value: r.value }), h("g", {},
			text(10, i * 44 + 15, r.label.length > room() / 15 ? `${r.label.slice(0, room() / 15 - 1)}…` : r.label),
			h("rect", { class: `mark ${r.kind || ""}`, x: 10, y: i * 44 + 21, width, height: 14 }),
			text(16 + width, i * 44 + 33, r.value)));
	}));
}
