// SPDX-License-Identifier: Apache-2.0
// The proof of a receipt as a picture: from the entry's leaf up to the root that is signed, a step at a time.
import { h, button, replace } from "./ui.js";
import { t } from "./language.js";

const short = (hash) => `${hash.slice(0, 10)}…${hash.slice(-4)}`;
const text = (x, y, value, more = {}) => h("text", { x, y, "text-anchor": "middle", ...more }, value);
const ROW = 92, BOX = 190, MIDDLE = 320;

function box(x, y, kind, label, hash) {
	return h("g", {}, h("rect", { x: x - BOX / 2, y, width: BOX, height: 46, rx: 5, class: `hash ${kind}` }),
		text(x, y + 18, label), text(x, y + 36, short(hash), { class: "code" }));
}

// steps: of checkReceipt; the leaf stands at the bottom, the root at the top.
function draw(steps, shown, root, ok) {
	const rows = steps.length;
	const height = (rows - 1) * ROW + 82;
	const y = (i) => height - 56 - i * ROW;
	const parts = [];
	const from = steps.some((s) => s.side === "left") ? 0 : 215, to = steps.some((s) => s.side === "right") ? 640 : 425;
	for (let i = 0; i <= shown; i++) {
		const step = steps[i], last = i === rows - 1;
		if (i > 0) {
			const side = step.side === "left" ? -1 : 1;
			const other = MIDDLE + side * 215;
			parts.push(box(other, y(i - 1), "other", t(step.side === "left" ? "proof.left" : "proof.right"), step.other),
				h("path", { class: "axis", fill: "none", d: `M${MIDDLE},${y(i - 1)} V${y(i) + 46} M${other},${y(i - 1)} V${y(i) + 66} H${MIDDLE}` }));
		}
		parts.push(box(MIDDLE, y(i), last ? (ok ? "root" : "wrong") : i === 0 ? "leaf" : "", i === 0 ? t("proof.leaf") : last ? t("proof.root") : t("proof.node", { n: i }), step.hash));
	}
	if (shown === rows - 1) parts.push(text((from + to) / 2, 14, ok ? t("proof.same", { root: short(root) }) : t("proof.differs", { root: short(root) }), { class: ok ? "good" : "late" }));
	return h("svg", { class: "chart proof", viewBox: `${from} 0 ${to - from} ${height}`, role: "img", "aria-label": t("receipt.picture") }, parts);
}

const words = (steps, i, ok) => {
	const step = steps[i];
	if (i === 0) return t("proof.says.leaf", { hash: short(step.hash) });
	const names = { mine: short(step.mine), other: short(step.other), hash: short(step.hash), n: i };
	const said = t(step.side === "left" ? "proof.says.left" : "proof.says.right", names);
	return i === steps.length - 1 ? `${said} ${t(ok ? "proof.says.root" : "proof.says.wrong")}` : said;
};

export function proofPicture({ steps, checkpoint, ok }, root) {
	const place = h("div"), said = h("p", { role: "status" });
	let shown = steps.length - 1;
	const before = button(t("proof.before"), () => go(shown - 1), "small");
	const after = button(t("proof.after"), () => go(shown + 1), "small");
	function go(to) {
		shown = Math.max(0, Math.min(steps.length - 1, to));
		before.disabled = shown === 0;
		after.disabled = shown === steps.length - 1;
		replace(place, draw(steps, shown, root, ok));
		said.textContent = t("proof.step", { n: shown + 1, of: steps.length, text: words(steps, shown, ok) });
	}
	go(shown);
	return h("div", {}, h("p", { class: "row" }, button(t("proof.begin"), () => go(0), "small"), before, after, button(t("proof.end"), () => go(steps.length - 1), "small")),
		said, place, h("p", { class: "soft small" }, t("proof.how", { size: checkpoint.size })));
}
