// SPDX-License-Identifier: Apache-2.0
// The watermark of the viewing room: who reads, who approved and when, over everything that is in `place`, on the
// screen and on paper.
import { h, time } from "./ui.js";
import { t } from "./language.js";

const SVG = "http://www.w3.org/2000/svg";
const node = (tag, attributes, ...children) => {
	const made = document.createElementNS(SVG, tag);
	for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
	made.append(...children);
	return made;
};
const WIDTH = 330, HEIGHT = 190;
let patterns = 0;

export function watermark({ reader, officials, grant }) {
	const id = `watermark-${++patterns}`;
	const lines = [t("watermark.reader", { reader }), t("watermark.officials", { officials }), ""];
	const texts = lines.map((line, i) => node("text", { x: WIDTH / 2, y: HEIGHT / 2 + (i - 1) * 19, "text-anchor": "middle", transform: `rotate(-22 ${WIDTH / 2} ${HEIGHT / 2})` }, line));
	const mark = node("svg", { class: "watermark", "aria-hidden": "true", width: "100%", height: "100%" },
		node("defs", {}, node("pattern", { id, width: WIDTH, height: HEIGHT, patternUnits: "userSpaceOnUse" }, ...texts)),
		node("rect", { width: "100%", height: "100%", fill: `url(#${id})` }));
	const tick = () => { texts[2].textContent = `${time(new Date().toISOString())}　${grant}`; };
	tick();
	const timer = setInterval(() => { if (mark.isConnected) tick(); else clearInterval(timer); }, 20000);
	return h("div", { class: "watermark-over" }, mark);
}
