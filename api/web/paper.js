// SPDX-License-Identifier: Apache-2.0
// The printable papers of a sealed case, shown in the page and printed alone.  The keeper makes them as HTML; only
// tables, text and the QR code's path are taken over, node by node, so that nothing in them can run.
import { h, later, button, say, notice, tabs } from "./ui.js";
import { t } from "./language.js";
import { get } from "./server.js";

export const papers = ["cover", "list", "notes", "properties", "proof"];
const kept = new Set(["DIV", "H1", "H2", "H3", "P", "TABLE", "THEAD", "TBODY", "TR", "TH", "TD", "BR", "SPAN", "COLGROUP", "COL", "UL", "OL", "LI", "STRONG", "B", "EM", "CODE", "PRE", "DL", "DT", "DD"]);
const drawn = new Set(["svg", "rect", "path"]);
const lengths = /^\d+(\.\d+)?(mm|%)?$/;
const svg = "http://www.w3.org/2000/svg";

function svgCopy(node) {
	const made = document.createElementNS(svg, node.localName);
	for (const name of ["viewBox", "width", "height", "fill", "d", "shape-rendering"]) {
		const value = node.getAttribute(name);
		if (value !== null && /^[\w\s.,%#-]*$/.test(value)) made.setAttribute(name, value);
	}
	made.append(...[...node.children].filter((c) => drawn.has(c.localName)).map(svgCopy));
	return made;
}

function copy(node) {
	if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.data);
	if (node.nodeType !== Node.ELEMENT_NODE) return null;
	if (node.namespaceURI === svg) return drawn.has(node.localName) ? svgCopy(node) : null;
	if (!kept.has(node.tagName)) return null;
	const made = document.createElement(node.localName);
	for (const name of node.classList) if (/^\w+$/.test(name)) made.classList.add(name);
	const width = /width:([\d.]+mm)/.exec(node.getAttribute("data-style") || "")?.[1];
	if (width && lengths.test(width)) made.style.width = width;
	for (const name of ["colspan", "rowspan"]) if (/^\d+$/.test(node.getAttribute(name) || "")) made.setAttribute(name, node.getAttribute(name));
	return made;
}

// Without recursion into each other's callbacks: a list of ten thousand rows is walked in pieces between frames.
async function copied(html) {
	// Styles of its own the page's policy would report; texts have their quotes escaped, so this meets attributes alone.
	const plain = html.replace(/<style>[^<]*<\/style>/g, "").replace(/ style="/g, " data-style=\"");
	const from = new DOMParser().parseFromString(plain, "text/html").body;
	const to = h("article", { class: "paper" });
	const todo = [[from, to]];
	let began = performance.now();
	while (todo.length) {
		const [source, target] = todo.pop();
		for (const child of [...source.childNodes]) {
			const made = copy(child);
			if (!made) continue;
			target.append(made);
			if (child.childNodes.length && made.namespaceURI !== svg) todo.push([child, made]);
		}
		if (performance.now() - began > 30) {
			await new Promise((resolve) => { setTimeout(resolve, 0); });
			began = performance.now();
		}
	}
	return to;
}

export function print(node) {
	const place = h("div", { class: "print-only" }, node.cloneNode(true));
	document.body.append(place);
	document.body.classList.add("printing");
	const done = () => { document.body.classList.remove("printing"); place.remove(); };
	window.addEventListener("afterprint", done, { once: true });
	window.print();
}

export const paper = (id, part, name) => later(async () => copied((await get(`/cases/${encodeURIComponent(id)}/papers/${name}`, { part })).html),
	(node) => [h("div", { class: "row actions paper-actions" }, button(t("paper.print"), () => print(node), "main-action")), node]);

// All papers of a part, one after the other, printed in one go.
async function printAll(id, part, event) {
	const pressed = event.target;
	pressed.disabled = true;
	try {
		const all = h("div", {});
		for (const name of papers) all.append(await copied((await get(`/cases/${encodeURIComponent(id)}/papers/${name}`, { part })).html));
		print(all);
	} catch (error) {
		pressed.after(notice("bad", say(error)));
	} finally {
		pressed.disabled = false;
	}
}

export const paperTabs = (id, part) => h("div", {},
	h("div", { class: "row actions" }, button(t("paper.print.all"), (event) => printAll(id, part, event))),
	tabs(papers.map((name) => [t(`paper.name.${name}`), () => paper(id, part, name)])));
