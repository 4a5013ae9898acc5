// SPDX-License-Identifier: Apache-2.0
// A form made of the fields of case.json: nested objects and lists of objects, what is wrong beside the field, the
// findings of the check beside the field that they point to.
import { h, button, replace } from "../ui.js";
import { current, t } from "../language.js";
import { schemas } from "../casefields.js";
import { control, wordOf } from "./controls.js";
import { show as finding } from "./findings.js";

let ids = 0;

/*
 * ctx: { description, readOnly, findings: [{ place, … }], answer(finding), root }.  The fields register themselves
 * under their JSON pointer, so that a finding, or a refusal of the server, finds its place.
 */
export function context(given) {
	return { ...given, fields: new Map(), controls: new Set(), root: h("div", { class: "form" }), dirty: false, listeners: [] };
}

const label = (path) => t(`f.${path}`, {}, null) ?? path.split(".").at(-1);

function touched(ctx) {
	if (ctx.dirty) return;
	ctx.dirty = true;
	ctx.listeners.forEach((f) => f(true));
}

// What says what is wrong, and the findings, below a field.
function below(ctx, pointer, node, first) {
	const wrong = h("p", { class: "wrong", hidden: true, id: `w${++ids}` });
	const notes = h("div", { class: "at-field" });
	node.append(wrong, notes);
	const entry = { node, notes, first,
		refuse(text) {
			wrong.hidden = !text;
			wrong.textContent = text || "";
			if (!first || first.tagName === "DIV") return;
			first.setAttribute("aria-invalid", text ? "true" : "false");
			if (text) first.setAttribute("aria-describedby", wrong.id);
			else first.removeAttribute("aria-describedby");
		} };
	ctx.fields.set(pointer, entry);
	return entry;
}

function simpleField(ctx, field, object, pointer, path) {
	const made = control(field, object[field.key], ctx);
	const id = `f${++ids}`;
	const title = label(path);
	let node;
	if (made.group || !made.first || made.node !== made.first) {
		node = h("fieldset", { class: `field ${field.kind}` }, h("legend", {}, title), made.node);
	} else {
		made.node.id = id;
		node = h("div", { class: `field ${field.kind}` }, h("label", { for: id }, title), made.node);
	}
	const entry = below(ctx, pointer, node, made.first);
	const check = () => {
		const text = made.wrong();
		entry.refuse(text);
		return made.soft ? "" : text;
	};
	ctx.controls.add(check);
	entry.leave = () => ctx.controls.delete(check);
	node.addEventListener("change", () => {
		const value = made.value();
		if (value === undefined) delete object[field.key];
		else object[field.key] = value;
		setTimeout(check, 250); // not at once: what moves under the pointer loses the click that left the field
		touched(ctx);
		ctx.changed?.(field, object);
	});
	node.addEventListener("input", () => touched(ctx), { once: true });
	return node;
}

// An object that is there once something in it is.
function objectField(ctx, field, object, pointer, path) {
	const child = object[field.key] && typeof object[field.key] === "object" ? object[field.key] : {};
	const filled = Object.keys(child).length > 0;
	const body = h("div", { class: "fields" });
	const wanted = ctx.findings.some((f) => (f.place || "").startsWith(pointer));
	const node = h("details", { class: "group", open: filled || wanted || field.key === "explanation" || path.split(".").length < 2 },
		h("summary", {}, label(path)), body);
	const fill = () => {
		if (body.childNodes.length) return;
		replace(body, fieldsOf(ctx, field.schema, child, pointer, path));
		place(ctx, pointer);
	};
	node.addEventListener("toggle", () => { if (node.open) fill(); });
	if (node.open || filled) fill();
	node.addEventListener("change", () => {
		if (Object.keys(child).length) object[field.key] = child;
		else delete object[field.key];
	});
	below(ctx, pointer, node, node.querySelector("summary")).open = () => { node.open = true; fill(); };
	return node;
}

// What a row of a list is called while it is folded.
function rowTitle(schema, row, index) {
	const words = { act: () => [row.kind && wordOf("kind", row.kind), row.place], party: () => [row.name], officer: () => [row.name, row.certificate_no],
		right: () => [row.right && wordOf("right", row.right)], service: () => [row.number, row.recipient], legal_review: () => [row.round && t("form.round", { n: row.round })],
		entrustment: () => [row.kind && wordOf("kind", row.kind), row.body], related: () => [row.number], gap: () => [row.reason && wordOf("reason", row.reason)],
		disc: () => [row.number], reviewer: () => [row.name], witness: () => [row.name] };
	const said = (words[schema]?.() || []).filter(Boolean).map((x) => String(x).slice(0, 60)).join(" · ");
	return `${index + 1}. ${said || t("form.row.blank")}`;
}

function listField(ctx, field, object, pointer, path) {
	const rows = Array.isArray(object[field.key]) ? object[field.key] : [];
	const list = h("div", { class: "rows" });
	const name = label(path);
	const node = h("section", { class: "list-field" }, h("h3", {}, name), list);
	const store = () => {
		if (rows.length) object[field.key] = rows;
		else delete object[field.key];
	};
	const moved = () => { store(); touched(ctx); draw(); };
	function row(item, i) {
		const body = h("div", { class: "fields" });
		const here = `${pointer}/${i}`;
		const title = h("span", {}, rowTitle(field.schema, item, i));
		const open = rows.length <= 2 || ctx.opened === item || ctx.findings.some((f) => (f.place || "").startsWith(`${here}/`) || f.place === here);
		const fold = h("details", { class: "group row-of", open }, h("summary", {}, title), body,
			ctx.readOnly ? null : h("div", { class: "row actions" },
				button(t("draft.up"), () => { rows.splice(i - 1, 0, ...rows.splice(i, 1)); ctx.opened = item; moved(); }, "small", { disabled: i === 0 }),
				button(t("draft.down"), () => { rows.splice(i + 1, 0, ...rows.splice(i, 1)); ctx.opened = item; moved(); }, "small", { disabled: i === rows.length - 1 }),
				button(t("remove"), () => { rows.splice(i, 1); moved(); }, "small", { "aria-label": `${t("remove")} ${name} ${i + 1}` })));
		const fill = () => {
			if (body.childNodes.length) return;
			replace(body, fieldsOf(ctx, field.schema, item, here, path));
			place(ctx, here);
		};
		fold.addEventListener("toggle", () => { if (fold.open) fill(); });
		fold.addEventListener("change", () => { title.textContent = rowTitle(field.schema, item, i); });
		if (open) fill();
		below(ctx, here, fold, fold.querySelector("summary")).open = () => { fold.open = true; fill(); };
		return fold;
	}
	function draw() {
		for (const key of [...ctx.fields.keys()]) if (key.startsWith(`${pointer}/`)) { ctx.fields.get(key).leave?.(); ctx.fields.delete(key); }
		replace(list, rows.length ? rows.map(row) : h("p", { class: "soft small" }, t("form.rows.none", { name })),
			ctx.readOnly ? null : button(t("form.rows.add", { name }), () => {
				const item = field.schema === "act" ? { id: freshAct(rows) } : {};
				rows.push(item);
				ctx.opened = item;
				moved();
				[...list.querySelectorAll(":scope > details")].at(-1)?.querySelector("input, select, textarea")?.focus();
			}, "small"));
	}
	below(ctx, pointer, node, null);
	node.addEventListener("change", store);
	draw();
	return node;
}

function freshAct(rows) {
	let n = rows.length + 1;
	while (rows.some((r) => r.id === `a${n}`)) n++;
	return `a${n}`;
}

export function fieldOf(ctx, field, object, pointer, path) {
	const here = `${pointer}/${field.key}`;
	const name = path ? `${path}.${field.key}` : field.key;
	if (field.kind === "object") return objectField(ctx, field, object, here, name);
	if (field.kind === "objects") return listField(ctx, field, object, here, name);
	return simpleField(ctx, field, object, here, name);
}

export const fieldsOf = (ctx, schema, object, pointer, path) =>
	(typeof schema === "string" ? schemas[schema] : schema).map((field) => fieldOf(ctx, field, object, pointer, path));

// The field of a pointer, or of what encloses it; folded ones on the way are opened.
export function nearest(ctx, pointer) {
	let found = null;
	const parts = (pointer || "").split("/");
	for (let n = 2; n <= parts.length; n++) {
		const entry = ctx.fields.get(parts.slice(0, n).join("/"));
		if (!entry) continue;
		entry.open?.();
		found = entry;
	}
	return found;
}

// Put the findings that lie below @under beside their fields.
export function place(ctx, under = "") {
	const shown = ctx.shownFindings ??= new Map(); // finding → its node
	for (const item of ctx.findings) {
		if (!item.place || !(item.place === under || item.place.startsWith(`${under}/`))) continue;
		let entry = null;
		const parts = item.place.split("/");
		for (let n = 2; n <= parts.length; n++) entry = ctx.fields.get(parts.slice(0, n).join("/")) || entry;
		if (!entry) continue;
		const node = shown.get(item) || finding(item, ctx);
		shown.set(item, node);
		if (node.parentNode !== entry.notes) entry.notes.append(node);
	}
}

// True when every control is right; else the first wrong one is shown.
export function check(ctx) {
	const wrong = [...ctx.controls].filter((f) => f());
	if (!wrong.length) return true;
	const first = [...ctx.fields.values()].find((e) => e.first?.getAttribute?.("aria-invalid") === "true" || !e.node.querySelector(":scope > .wrong")?.hidden);
	for (let up = first?.node.closest("details"); up; up = up.parentElement.closest("details")) up.open = true;
	first?.node.scrollIntoView({ block: "center" });
	first?.first?.focus?.();
	return false;
}

// What the server refused, beside the field that it names.  False where it names none.
export function refused(ctx, error) {
	const said = error.body?.errors || [];
	const named = said.length ? said : [/^(\/[^:\s]+): (.*)/s.exec(error.detail || "")].filter(Boolean).map(([, pointer, detail]) => ({ pointer, detail }));
	let any = false;
	for (const { pointer, detail } of named) {
		const entry = nearest(ctx, (pointer || "").replace(/^\/description/, ""));
		if (!entry) continue;
		entry.refuse(error.inner || (current() === "en" && detail ? t("wrong.refused", { detail }) : t("wrong.refused.bare")));
		entry.node.scrollIntoView({ block: "center" });
		any = true;
	}
	return any;
}
