// SPDX-License-Identifier: Apache-2.0
// Controls of the forms: each is { node, first, value() → the JSON value or undefined, wrong() → text or "" }; what is wrong
// with a `soft` one is told and may be saved: a link to a file that is still to come.
import { h, button, replace } from "../ui.js";
import { t } from "../language.js";

export const wordOf = (key, value) => t(`w.${key}.${value}`, {}, null) ?? t(`w.${value}`, {}, null) ?? t("word.unknown", { word: value });
const option = (value, label, chosen) => h("option", { value, selected: value === chosen }, label);
const simple = (node, value, wrong = () => "") => ({ node, first: node, value, wrong });

function text(field, given, ctx) {
	const node = h("input", { value: given ?? "", disabled: ctx.readOnly, maxlength: 20000 });
	return simple(node, () => node.value.trim() || undefined);
}

function long(field, given, ctx) {
	const node = h("textarea", { value: given ?? "", disabled: ctx.readOnly, rows: 3 });
	return simple(node, () => node.value.trim() || undefined);
}

function texts(field, given, ctx) {
	const node = h("input", { value: (given || []).join("、"), disabled: ctx.readOnly, placeholder: t("form.texts.hint") });
	return simple(node, () => {
		const list = node.value.split(/[、，,;；\n]+/).map((x) => x.trim()).filter(Boolean);
		return list.length ? list : undefined;
	});
}

function bool(field, given, ctx) {
	const node = h("select", { disabled: ctx.readOnly }, option("", t("form.open"), ""), option("yes", t("yes"), given === true ? "yes" : ""), option("no", t("no"), given === false ? "no" : ""));
	return simple(node, () => node.value === "" ? undefined : node.value === "yes");
}

function int(field, given, ctx) {
	const node = h("input", { inputmode: "numeric", value: given ?? "", disabled: ctx.readOnly });
	return simple(node, () => node.value.trim() === "" ? undefined : Number(node.value),
		() => /^\s*\d*\s*$/.test(node.value) ? "" : t("wrong.int"));
}

function money(field, given, ctx) {
	const node = h("input", { inputmode: "decimal", value: given ?? "", disabled: ctx.readOnly, placeholder: "0.00" });
	return simple(node, () => node.value.trim() || undefined,
		() => /^\s*(\d{1,15}(\.\d{1,2})?)?\s*$/.test(node.value) ? "" : t("wrong.money"));
}

function date(field, given, ctx) {
	const node = h("input", { type: "date", value: (given || "").slice(0, 10), disabled: ctx.readOnly, min: "1900-01-01", max: "2199-12-31" });
	return simple(node, () => node.value || undefined, () => node.validity.badInput ? t("wrong.date") : "");
}

// --- times: day, clock and zone ---

const zones = ["+08:00", "+06:00", "+07:00", "+09:00", "Z"];
const moment_form = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?$/;

// A time needs its clock; a moment may be a day alone.
function instant(needsClock) {
	return (field, given, ctx) => {
		const [, day = "", clock = "", zone = "+08:00"] = moment_form.exec(given || "") || [];
		const dayNode = h("input", { type: "date", value: day, disabled: ctx.readOnly, "aria-label": t("form.day"), min: "1900-01-01", max: "2199-12-31" });
		const clockNode = h("input", { type: "time", step: 1, value: clock, disabled: ctx.readOnly, "aria-label": t("form.clock") });
		const zoneNode = h("select", { disabled: ctx.readOnly, "aria-label": t("form.zone") },
			[...new Set([...zones, zone])].map((z) => option(z, t(`zone.${z}`, {}, t("zone.other", { zone: z })), zone)));
		const node = h("div", { class: "instant" }, dayNode, clockNode, zoneNode);
		const unread = given && !moment_form.test(given) ? t("wrong.kept", { text: given }) : "";
		const seconds = () => clockNode.value.length === 5 ? `${clockNode.value}:00` : clockNode.value;
		return {
			node, first: dayNode,
			value: () => unread && !dayNode.value ? given : !dayNode.value ? undefined
				: clockNode.value ? `${dayNode.value}T${seconds()}${zoneNode.value}` : dayNode.value,
			wrong: () => dayNode.validity.badInput || clockNode.validity.badInput ? t("wrong.date")
				: !dayNode.value && clockNode.value ? t("wrong.day_missing")
				: needsClock && dayNode.value && !clockNode.value ? t("wrong.clock_missing")
				: unread && !dayNode.value ? unread : "",
		};
	};
}

function offset(field, given, ctx) {
	const node = h("input", { value: given ?? "", placeholder: "00:00:00", inputmode: "numeric", disabled: ctx.readOnly, class: "short" });
	return simple(node, () => node.value.trim().replaceAll("：", ":") || undefined,
		() => /^\s*(\d{1,3}:[0-5]\d:[0-5]\d)?\s*$/.test(node.value.replaceAll("：", ":")) ? "" : t("wrong.offset"));
}

// --- words ---

function choice(field, given, ctx) {
	const list = given && !field.words.includes(given) ? [...field.words, given] : field.words;
	const node = h("select", { disabled: ctx.readOnly }, option("", t("form.open"), ""), list.map((w) => option(w, wordOf(field.key, w), given)));
	return simple(node, () => node.value || undefined);
}

function boxes(list, given, ctx) {
	const inputs = list.map(([value, label]) => [value, h("input", { type: "checkbox", value, checked: given.includes(value), disabled: ctx.readOnly }), label]);
	const node = h("div", { class: "boxes" }, inputs.map(([, box, label]) => h("label", {}, box, h("span", {}, label))));
	return { node, first: inputs[0]?.[1] || node, group: true, wrong: () => "",
		value: () => {
			const chosen = inputs.filter(([, box]) => box.checked).map(([value]) => value);
			return chosen.length ? chosen : undefined;
		} };
}

const choices = (field, given, ctx) => boxes([...new Set([...field.words, ...(given || [])])].map((w) => [w, wordOf(field.key, w)]), given || [], ctx);

// The officers of the case, by the number of their certificate.
function officers(field, given, ctx) {
	const known = (ctx.description.officers || []).filter((o) => o.certificate_no);
	const list = known.map((o) => [o.certificate_no, `${o.name || ""} ${o.certificate_no}`.trim()]);
	for (const number of given || []) if (!known.some((o) => o.certificate_no === number)) list.push([number, t("form.officer.unknown", { number })]);
	if (!list.length) return { node: h("p", { class: "soft small" }, t("form.officers.none")), first: null, group: true, value: () => undefined, wrong: () => "" };
	return boxes(list, given || [], ctx);
}

function act(field, given, ctx) {
	const list = (ctx.description.acts || []).filter((a) => a.id);
	const node = h("select", { disabled: ctx.readOnly }, option("", t("form.open"), ""),
		list.map((a) => option(a.id, [a.id, a.kind && wordOf("kind", a.kind), a.place].filter(Boolean).join(" · "), given)),
		given && !list.some((a) => a.id === given) ? option(given, t("form.act.unknown", { act: given }), given) : null);
	return { ...simple(node, () => node.value || undefined, () => node.value && !list.some((a) => a.id === node.value) ? t("form.act.unknown", { act: node.value }) : ""), soft: true };
}

// --- links to members ---

const MANY = 80;
const nameOf = (member) => member.title ? `${member.title}（${member.path}）` : member.path;

function memberChoice(ctx, chosen, label) {
	const list = ctx.description.members || [];
	if (list.length <= MANY) {
		const node = h("select", { disabled: ctx.readOnly, "aria-label": label }, option("", t("form.ref.none"), chosen),
			list.map((m) => option(m.path, nameOf(m), chosen)), chosen && !list.some((m) => m.path === chosen) ? option(chosen, t("form.ref.unknown", { path: chosen }), chosen) : null);
		return node;
	}
	ctx.datalist ??= ctx.root.appendChild(h("datalist", { id: `members-${Math.random().toString(36).slice(2)}` }, list.map((m) => option(m.path, m.title || m.path))));
	return h("input", { value: chosen || "", list: ctx.datalist.id, disabled: ctx.readOnly, "aria-label": label, placeholder: t("form.ref.find") });
}
const isMember = (ctx, path) => !path || (ctx.description.members || []).some((m) => m.path === path);

function ref(field, given, ctx) {
	const node = memberChoice(ctx, given || "");
	return { ...simple(node, () => node.value.trim() || undefined, () => isMember(ctx, node.value.trim()) ? "" : t("form.ref.unknown", { path: node.value })), soft: true };
}

function refs(field, given, ctx) {
	let chosen = [...(given || [])];
	const list = h("ul", { class: "chosen" });
	const adder = h("div", { class: "row" });
	const node = h("div", { class: "refs" }, list, adder);
	const changed = () => node.dispatchEvent(new Event("change", { bubbles: true }));
	function draw() {
		replace(list, chosen.map((path, i) => {
			const member = (ctx.description.members || []).find((m) => m.path === path);
			return h("li", {}, h("span", { class: member ? "" : "bad" }, member ? nameOf(member) : t("form.ref.unknown", { path })),
				ctx.readOnly ? null : button(t("remove"), () => { chosen.splice(i, 1); draw(); changed(); }, "small quiet", { "aria-label": `${t("remove")} ${path}` }));
		}));
		if (ctx.readOnly) return;
		const more = memberChoice(ctx, "", t("form.ref.add"));
		more.addEventListener("change", (event) => {
			event.stopPropagation();
			if (!more.value || chosen.includes(more.value) || !isMember(ctx, more.value)) return;
			chosen = [...chosen, more.value];
			draw();
			changed();
			adder.querySelector("select, input")?.focus();
		});
		replace(adder, more);
	}
	draw();
	return { node, first: adder.firstChild, group: true, soft: true, value: () => chosen.length ? chosen : undefined,
		wrong: () => chosen.every((path) => isMember(ctx, path)) ? "" : t("form.refs.unknown") };
}

const kinds = { text, long, texts, bool, int, money, date, offset, choice, choices, officers, act, ref, refs, time: instant(true), moment: instant(false) };
export const control = (field, given, ctx) => kinds[field.kind](field, given, ctx);
