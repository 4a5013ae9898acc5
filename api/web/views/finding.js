// SPDX-License-Identifier: Apache-2.0
// Findings of evaluation reviews (评查问题): where they lie, how far they are, and the way from open over mended to closed.
import { h, dialog, form, field, input, area, select, badge, button, confirm, link, table, empty, toast, id } from "../ui.js";
import { t } from "../language.js";
import { me, post } from "../server.js";
import { person } from "../persons.js";
import { noteOf } from "../review-notes.js";

const KINDS = { open: "bad", mended: "warn", closed: "good" };
const state = (f) => badge(t(`finding.${f.state || "open"}`), KINDS[f.state || "open"]);

// "第 3 号文件 第 2 页" or "… 00:31:05".
export const placeOf = (f) => [f.member ? t("live.member", { n: f.member }) : t("finding.whole"), f.page ? t("finding.page", { page: f.page }) : "", f.at ? t("finding.at", { at: f.at }) : ""].filter(Boolean).join(" ");

// Asks for one finding; `given` says where the reviewer looks.  It is noted, and recorded with the sheet.
export function noteFinding({ review, id, members, given = {}, done }) {
	dialog(t("finding.new"), (close) => form([
		field(t("finding.member"), select("member", [["", t("finding.whole")], ...members.map((m) => [String(m.number), `${m.number}. ${m.title || m.path}`])], String(given.member || ""))),
		h("div", { class: "fields" },
			field(t("finding.page.label"), input("page", { value: given.page || "", placeholder: "3-5" })),
			field(t("finding.at.label"), input("at", { value: given.at || "", placeholder: "00:31:05", pattern: "\\d{1,2}:\\d{2}:\\d{2}" }))),
		field(t("finding.text"), area("text", { required: true, maxlength: 600 })),
	], t("finding.note"), async (values) => {
		noteOf(review, id).findings.push({ member: values.member ? Number(values.member) : undefined, page: values.page, at: values.at, text: values.text });
		close();
		toast(t("finding.noted", { n: noteOf(review, id).findings.length }));
		done?.();
	}, { also: button(t("cancel"), close) }));
}

function act(f, again) {
	const role = me().role;
	const go = (to, reason) => confirm(t(`finding.to.${to}`), t(`finding.to.${to}.text`), t(`finding.to.${to}`), async (text) => {
		await post(`/findings/${encodeURIComponent(f.finding)}/${to}`, text ? { text } : {});
		toast(t("done"));
		again();
	}, { reason, kind: to === "closed" ? "main-action" : "seal" });
	const mend = () => dialog(t("finding.to.mended"), (close) => form([
		h("p", {}, t("finding.to.mended.text")),
		field(t("finding.how"), area("text", { required: true, maxlength: 600 })),
		field(t("finding.part"), input("part", { type: "number", min: 2, max: 999 }), t("finding.part.hint")),
	], t("finding.to.mended"), async (given) => {
		await post(`/findings/${encodeURIComponent(f.finding)}/mended`, given);
		close();
		toast(t("done"));
		again();
	}, { also: button(t("cancel"), close) }));
	if (f.state === "open" && ["handler", "archivist"].includes(role)) return button(t("finding.to.mended"), mend, "small main-action");
	if (f.state === "mended" && role === "supervisor") return h("span", { class: "row" }, button(t("finding.to.closed"), () => go("closed"), "small main-action"), button(t("finding.to.reopened"), () => go("reopened", t("finding.still")), "small"));
	return "";
}

// What was said on the way, each with who said it.
const course = (f) => ["mended", "reopened", "closed"].filter((step) => f[step]?.text).map((step) => h("p", { class: "long small" },
	h("span", { class: "soft" }, t(`finding.said.${step}`), " ", person(f[step].by), f[step].part ? ` · ${t("part.supplement", { part: f[step].part })}` : "", t("colon")), f[step].text));

export const findings = (list, again, none) => table([
	{ label: t("finding.id"), get: (f) => id(f.finding) },
	{ label: t("number"), get: (f) => f.number && me().role !== "auditor" ? link(f.number, `#/case/${f.case}`) : f.number || t("case.nameless") },
	{ label: t("finding.where"), get: placeOf },
	{ label: t("finding.text"), get: (f) => h("span", { class: "long" }, f.text || "") },
	{ label: t("finding.mending"), get: course },
	{ label: t("state"), get: state, sort: (f) => f.state || "" },
	{ label: "", sort: null, get: (f) => act(f, again) },
], list, { size: 20, caption: t("reviews.findings"), none: none || empty(t("finding.none"), t("finding.none.hint")) });
