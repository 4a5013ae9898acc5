// SPDX-License-Identifier: Apache-2.0
// What every view is built of.  Text goes into the page as text alone: nothing here takes HTML.
import { current, t } from "./language.js";
import { time } from "./moments.js";

export { time };

// h("p", { class: "lead", onclick: f }, "text", child, [children])
export function h(tag, attributes = {}, ...children) {
	const svg = ["svg", "g", "rect", "line", "path", "circle", "text", "title"].includes(tag) && attributes.svg !== false;
	const node = svg && (tag !== "title" || attributes.svg)
		? document.createElementNS("http://www.w3.org/2000/svg", tag)
		: document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (value === undefined || value === null || value === false || name === "svg") continue;
		if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
		else if (name === "value" || name === "checked" || name === "disabled" || name === "selected") node[name] = value;
		else node.setAttribute(name, value === true ? "" : String(value));
	}
	node.append(...children.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== false).map(tame));
	return node;
}

// Marks of writing direction in a title turn nothing round but the title itself.
const turns = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
function tame(child) {
	if (typeof child !== "string" || !turns.test(child)) return child;
	const node = document.createElement("bdi");
	node.textContent = child;
	return node;
}

export function replace(node, ...children) {
	node.replaceChildren(...children.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== false).map(tame));
	return node;
}

// What `onclick` begins may fail later: that is told, too.
export const button = (label, onclick, kind = "", more = {}) => h("button", { type: "button", class: `button ${kind}`,
	onclick: (event) => Promise.resolve(onclick(event)).catch((error) => toast(say(error), "bad")), ...more }, label);
export const link = (label, href, kind) => h("a", { href, class: kind }, label);
// The number of a grant, request or finding: never broken in two.
export const id = (text) => h("span", { class: "nowrap" }, text || "");
export const badge = (label, kind = "") => h("span", { class: `badge ${kind}` }, label);
export const notice = (kind, ...children) => h("div", { class: `notice ${kind}`, role: kind === "bad" ? "alert" : "status" }, ...children);
export const sheet = (title, ...children) => h("section", { class: "sheet" }, title ? h("h2", {}, title) : null, ...children);

// The window's title names the view and never what is in it: browsers write titles into their history, on disk.
export function entitle() {
	const name = location.hash.replace(/^#\/?/, "").split(/[/?]/)[0] || "home";
	const word = t(`nav.${name}`, {}, null) ?? t(`gate.${name}`, {}, null);
	document.title = word ? `${word} · ${t("brand")}` : t("brand");
}

export function page(title, { lead, actions } = {}, ...children) {
	entitle();
	return [
		h("div", { class: "head" }, h("h1", { tabindex: "-1" }, title), h("div", { class: "actions" }, actions)),
		lead ? h("p", { class: "lead" }, lead) : null,
		...children,
	];
}

// [[label, value], …]; empty values are left out.
export const facts = (rows) => h("dl", { class: "facts" },
	rows.filter(([, value]) => value !== undefined && value !== null && value !== "")
		.map(([label, value]) => [h("dt", {}, label), h("dd", {}, value)]));

export const empty = (title, hint, action) =>
	h("div", { class: "empty" }, h("strong", {}, title), hint ? h("p", {}, hint) : null, action);

// Show that something is under way, then what `work` gives, or how to mend the failure.
export function later(work, show) {
	const place = h("div", {}, h("div", { class: "loading", role: "status" }, t("loading")));
	const run = async () => {
		try {
			const result = await work();
			replace(place, show(result));
		} catch (error) {
			replace(place, h("div", { class: "failed", role: "alert" }, h("p", {}, say(error)),
				error.status === 401 ? null : button(t("again"), () => { replace(place, h("div", { class: "loading" }, t("loading"))); run(); })));
		}
	};
	run();
	return place;
}

// Refusals whose own words name the place that must be mended; those of the others say nothing more than ours.
const placed = new Set(["Invalid", "Blocked", "Limit", "Exists", "WrongState", "Held"]);

// What an error says to people: the appliance's own sentence where there are words for it, else what its kind means.
export function say(error) {
	if (error.words) return error.words;
	if (error.type) {
		const known = t(`error.${error.type}`, {}, t("error.unknown"));
		return current() === "en" && error.detail && placed.has(error.type) ? `${known} ${t("error.detail", { detail: error.detail })}` : known;
	}
	// Ours are written in the page's language; a program's own fault is not.
	return error.constructor === TypeError || error instanceof DOMException ? t("error.unknown") : error.message || t("error.unknown");
}

const collator = new Intl.Collator("zh-Hans-CN");

/*
 * A table: columns [{ label, get(row) → text, number or node, sort(row)?, number? }].  Sorting by a click on
 * the head, pages of `size` rows, so that ten thousand rows scroll.
 */
export function table(columns, rows, { none, size = 50, caption } = {}) {
	if (!rows.length) return h("div", { class: "table" }, none || empty(t("nothing")));
	const state = { by: -1, down: false, page: 0 };
	const body = h("tbody", { role: "rowgroup" });
	const foot = h("div", { class: "pager" });
	const turn = (by, name) => {
		state.page += by;
		draw();
		const again = foot.querySelector(`[name=${name}]`);
		(again?.disabled ? foot.querySelector("button:not(:disabled)") : again)?.focus();
	};
	const heads = columns.map((column, index) => h("th", { scope: "col", role: "columnheader", class: column.number ? "number" : undefined },
		column.sort === null || !column.label ? column.label : h("button", { type: "button", onclick: () => sortBy(index) }, column.label)));
	const key = (column, row) => {
		const value = column.sort ? column.sort(row) : column.get(row);
		return typeof value === "number" ? value : String(value instanceof Node ? value.textContent : [value].flat(Infinity).map((v) => v instanceof Node ? v.textContent : v ?? "").join(""));
	};
	let sorted = rows;
	function sortBy(index) {
		state.down = state.by === index ? !state.down : false;
		state.by = index;
		state.page = 0;
		const keyed = rows.map((row) => [key(columns[index], row), row]);
		keyed.sort(([x], [y]) => typeof x === "number" && typeof y === "number" ? x - y : collator.compare(x, y));
		if (state.down) keyed.reverse();
		sorted = keyed.map(([, row]) => row);
		draw();
	}
	function draw() {
		heads.forEach((head, i) => {
			if (i === state.by) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
			else head.removeAttribute("aria-sort");
		});
		const shown = sorted.slice(state.page * size, (state.page + 1) * size);
		// On a phone a row becomes a card, each value under its head's words; the roles keep it a table.
		replace(body, shown.map((row) => h("tr", { role: "row" }, columns.map((column) =>
			h("td", { role: "cell", class: column.number ? "number" : undefined, "data-label": column.label || undefined }, column.get(row) ?? "")))));
		const pages = Math.ceil(rows.length / size);
		replace(foot, h("span", { class: "soft small" }, t("table.rows", { count: rows.length })),
			pages > 1 ? [
				button(t("table.before"), () => turn(-1, "before"), "small", { name: "before", disabled: state.page === 0 }),
				h("span", { role: "status" }, t("table.page", { n: state.page + 1, of: pages })),
				button(t("table.after"), () => turn(1, "after"), "small", { name: "after", disabled: state.page >= pages - 1 }),
			] : null);
	}
	draw();
	return h("div", { class: "table", tabindex: "0", role: "region", "aria-label": caption || t("table") },
		h("table", { role: "table" }, h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads)), body), foot);
}

// --- forms ---

export function field(label, control, hint) {
	const wrong = h("span", { class: "wrong", hidden: true });
	return Object.assign(h("label", { class: "field" }, h("span", {}, label), control, hint ? h("span", { class: "hint" }, hint) : null, wrong), {
		refuse(text) {
			control.setAttribute("aria-invalid", text ? "true" : "false");
			wrong.hidden = !text;
			wrong.textContent = text || "";
		},
	});
}
export const input = (name, more = {}) => h("input", { name, ...more });
// A file to choose, in the page's words: the browser's own are of the browser's language.
export function filePicker(name, { onchange, ...more } = {}) {
	const said = h("span", { class: "soft" }, t("file.none"));
	const node = h("input", { type: "file", name, ...more, onchange: (event) => {
		said.textContent = node.files[0]?.name || t("file.none");
		onchange?.(event);
	} });
	return h("span", { class: "picker" }, node, h("span", { class: "button small", "aria-hidden": "true" }, t("file.pick")), said);
}
export const area = (name, more = {}) => h("textarea", { name, ...more });
export const select = (name, options, chosen, more = {}) => h("select", { name, ...more },
	options.map(([value, label]) => h("option", { value, selected: value === chosen }, label)));
export const choices = (legend, name, options, chosen = [], kind = "checkbox") => h("fieldset", { class: "choices" },
	h("legend", {}, legend), options.map(([value, label]) => h("label", {},
		h("input", { type: kind, name, value, checked: chosen.includes(value) }), label)));

// A form whose submit runs `send(values)`; a failure is shown above the buttons, in words.
export function form(children, submit, send, { kind = "main-action", also } = {}) {
	const trouble = h("div", { "aria-live": "assertive" });
	const go = h("button", { type: "submit", class: `button ${kind}` }, submit);
	const node = h("form", { novalidate: true, autocomplete: "off", onsubmit: async (event) => {
		event.preventDefault();
		replace(trouble);
		const bad = [...node.elements].find((e) => e.willValidate && !e.checkValidity());
		if (bad) {
			bad.setAttribute("aria-invalid", "true");
			replace(trouble, notice("bad", t("form.fill", { field: bad.closest("label")?.querySelector("span")?.textContent || bad.name })));
			bad.focus();
			return;
		}
		go.disabled = true;
		try {
			await send(values(node), node);
		} catch (error) {
			replace(trouble, notice("bad", say(error)));
		} finally {
			go.disabled = false;
		}
	} }, children, trouble, h("div", { class: "row actions" }, go, also));
	return node;
}

// Names to values; several of one name become a list; empty texts are left out.
export function values(node) {
	const result = {};
	for (const element of node.elements) {
		if (!element.name || element.disabled) continue;
		if (element.type === "checkbox") {
			result[element.name] ??= [];
			if (element.checked) result[element.name].push(element.value);
		} else if (element.type === "radio") {
			if (element.checked) result[element.name] = element.value;
		} else if (element.type === "file") {
			result[element.name] = [...element.files];
		} else if (element.value.trim() !== "") {
			result[element.name] = element.type === "number" ? Number(element.value) : element.value.trim();
		}
	}
	return result;
}

// --- dialogs, toasts ---

export function dialog(title, build) {
	const node = h("dialog", { "aria-label": title });
	const before = document.activeElement;
	const close = () => {
		node.close();
		node.remove();
		if (before?.isConnected) before.focus();
	};
	node.append(h("h2", {}, title), ...[build(close)].flat());
	node.addEventListener("cancel", (event) => {
		event.preventDefault();
		close();
	});
	document.body.append(node);
	node.showModal();
	return node;
}

// Ask once more, with a reason where one is needed; `act(reason)` does it.
export function confirm(title, text, label, act, { reason, kind = "seal" } = {}) {
	dialog(title, (close) => form([
		h("p", {}, text),
		reason ? field(reason, area("reason", { required: true })) : null,
	], label, async (given) => { await act(given.reason); close(); }, { kind, also: button(t("cancel"), close) }));
}

export function toast(text, kind = "good") {
	let place = document.querySelector(".toasts");
	if (!place) document.body.append(place = h("div", { class: "toasts", role: "status", "aria-live": "polite" }));
	const node = notice(kind, text);
	place.append(node);
	setTimeout(() => node.remove(), 6000);
}

// Of a row of ways that is wider than a phone, the one that was taken.
export const inSight = (node) => requestAnimationFrame(() => {
	const row = node?.parentElement;
	if (row && row.scrollWidth > row.clientWidth) row.scrollLeft = node.offsetLeft - row.offsetLeft - (row.clientWidth - node.offsetWidth) / 2;
});

// A row of links of which one is where one is: [[href, label, here], …].
export function ways(label, list, kind = "tabs") {
	const links = list.map(([href, text, here]) => h("a", { href, "aria-current": here ? "page" : undefined }, text));
	inSight(links.find((_, i) => list[i][2]));
	return h("nav", { class: kind, "aria-label": label }, links);
}

let tabLists = 0;
// Tabs as ARIA has them: arrows go from one to the next, Home and End to the ends.
export function tabs(list, chosen = 0) {
	const id = `tabs-${++tabLists}`;
	const body = h("div", { role: "tabpanel", id: `${id}-panel`, tabindex: "-1" });
	const heads = list.map(([label], i) => h("button", { type: "button", role: "tab", id: `${id}-${i}`, "aria-controls": `${id}-panel`, onclick: () => open(i) }, label));
	function open(i) {
		heads.forEach((head, k) => {
			head.setAttribute("aria-selected", k === i ? "true" : "false");
			head.tabIndex = k === i ? 0 : -1;
		});
		body.setAttribute("aria-labelledby", heads[i].id);
		inSight(heads[i]);
		replace(body, list[i][1]());
	}
	function move(event) {
		const now = heads.indexOf(document.activeElement);
		const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: heads.length - 1 }[event.key];
		if (now < 0 || to === undefined) return;
		event.preventDefault();
		const i = (to + heads.length) % heads.length;
		open(i);
		heads[i].focus();
	}
	open(chosen);
	return h("div", {}, h("div", { class: "tabs", role: "tablist", onkeydown: move }, heads), body);
}

// --- words for values ---

export const day = (text) => (text || "").slice(0, 10);
export function size(bytes) {
	const units = ["B", "KiB", "MiB", "GiB", "TiB"];
	let value = bytes, unit = 0;
	while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit++; }
	return `${unit ? value.toFixed(value < 10 ? 2 : 1) : value} ${units[unit]}`;
}
export const left = (until) => {
	const seconds = Math.round((new Date(until) - Date.now()) / 1000);
	if (seconds <= 0) return t("time.over");
	if (seconds < 3600) return t("time.minutes", { n: Math.ceil(seconds / 60) });
	if (seconds < 172800) return t("time.hours", { n: Math.floor(seconds / 3600) });
	return t("time.days", { n: Math.floor(seconds / 86400) });
};
const kinds = { live: "good", approved: "good", active: "good", passed: "good", filed: "info", partly: "warn", proposed: "warn", submitted: "info",
	refused: "bad", revoked: "bad", expired: "", returned: "", withdrawn: "", ended: "", disabled: "bad", failed: "bad", open: "info" };
export const state = (word) => badge(t(`state.${word}`, {}, word), kinds[word] || "");
