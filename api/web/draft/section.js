// SPDX-License-Identifier: Apache-2.0
// The case described, section by section (封面、当事人、立案、调查、决定、执行、归档); the text itself as an expert's fold.
import { h, replace, button, link, badge, notice, toast, say, form, area, ways } from "../ui.js";
import { t } from "../language.js";
import { notJson } from "../errors.js";
import { sections, sectionOf } from "../casefields.js";
import { context, fieldsOf, place, nearest, check, refused } from "./form.js";
import { findings, describe } from "./state.js";

function expert(draft, ctx) {
	const node = h("details", { class: "expert" }, h("summary", {}, t("expert")));
	node.addEventListener("toggle", () => {
		if (!node.open || node.childNodes.length > 1) return;
		const { members, ...given } = draft.description;
		const text = JSON.stringify(given, null, 2);
		node.append(h("p", { class: "soft small" }, t("expert.text")), ctx.readOnly ? h("pre", { class: "text" }, text) : form([
			area("text", { value: text, rows: 20, class: "mono", "aria-label": "case.json" }),
		], t("save"), async ({ text: changed }) => {
			let value;
			try {
				value = JSON.parse(changed);
			} catch (error) {
				throw new Error(notJson(error));
			}
			const gone = Object.fromEntries(Object.keys(given).filter((key) => !(key in value)).map((key) => [key, null]));
			delete value.members;
			await describe(draft.draft, { ...value, ...gone });
			toast(t("saved"));
			ctx.again();
		}));
	});
	return node;
}

export function tab(draft, name, given, at) {
	const section = sections.find((s) => s.name === name) || sections[0];
	const id = draft.draft;
	const model = structuredClone(draft.description);
	const ctx = context({ ...given, description: model, findings: [] });
	const said = h("div", { "aria-live": "polite" });
	const saver = button(t("save"), () => save(), "main-action", { disabled: true });
	ctx.listeners.push(() => { saver.disabled = false; given.dirty(true); });
	const counts = new Map();
	const nav = ways(t("draft.tab.case"), sections.map((s) => {
		const count = h("span");
		counts.set(s.name, count);
		return [`#/draft/${encodeURIComponent(id)}/case/${s.name}`, [t(`section.${s.name}`), " ", count], s === section];
	}), "sections");

	async function save() {
		if (!check(ctx)) { replace(said, notice("bad", t("form.wrong"))); return; }
		saver.disabled = true;
		const keys = Object.fromEntries(section.fields.map(({ key }) => [key, model[key] ?? null])
			.filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(draft.description[key] ?? null)));
		try {
			if (Object.keys(keys).length) await describe(id, keys);
			given.dirty(false);
			toast(t("saved"));
			given.again();
		} catch (error) {
			saver.disabled = false;
			replace(said, notice("bad", refused(ctx, error) ? t("form.wrong") : say(error)));
		}
	}

	const body = h("div", { class: "fields" }, fieldsOf(ctx, section.fields, model, "", ""));
	const index = sections.indexOf(section);
	const after = sections[index + 1];
	replace(ctx.root, h("h2", { class: "section-title" }, t(`section.${section.name}`)), h("p", { class: "soft small" }, t(`section.${section.name}.lead`)), body, said,
		h("div", { class: "savebar" }, ctx.readOnly ? null : [saver, h("span", { class: "soft small" }, t("form.save.hint"))],
			after ? link(t("section.next", { name: t(`section.${after.name}`) }), `#/draft/${encodeURIComponent(id)}/case/${after.name}`, "button after") : null));

	findings(id).then(({ findings: list }) => {
		ctx.findings = list;
		for (const field of section.fields) {
			const here = list.filter((f) => f.place === `/${field.key}` || f.place?.startsWith(`/${field.key}/`));
			here.slice(0, 60).forEach((f) => nearest(ctx, f.place));
			place(ctx, `/${field.key}`);
		}
		for (const [key, node] of counts) {
			const of = list.filter((f) => f.place && sectionOf(f.place) === key);
			const bad = of.some((f) => f.severity === "blocker");
			replace(node, of.length ? badge(String(of.length), bad ? "bad" : "warn") : null);
		}
		if (at) {
			const entry = nearest(ctx, at);
			entry?.node.classList.add("pointed");
			entry?.node.scrollIntoView({ block: "center" });
			entry?.first?.focus?.();
		}
	}, () => {});
	return h("div", { class: "sectioned" }, nav, h("div", {}, ctx.root, expert(draft, ctx)));
}
