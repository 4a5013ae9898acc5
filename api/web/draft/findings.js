// SPDX-License-Identifier: Apache-2.0
// What the check found: one finding with its article, how to mend it and the answer to it; the list of all; where in
// the forms each belongs.
import { h, badge, button, link, form, field, input, area, later, notice, replace, toast } from "../ui.js";
import { t, current } from "../language.js";
import { me, post } from "../server.js";
import { sectionOf } from "../casefields.js";
import { findings, changed, patient } from "./state.js";

const kinds = { blocker: "bad", defect: "warn", warning: "info" };
const say = (finding, key) => finding[`${key}_${current() === "zh" ? "zh" : "en"}`] || "";
const text = (finding) => (current() === "zh" ? finding.zh : finding.en) || finding.zh || finding.code;

// The address at which a finding is mended.
export function address(id, finding, members) {
	const place = finding.place || "";
	const at = /^\/members\/(\d+)/.exec(place);
	const index = at ? Number(at[1]) : finding.member ? members.findIndex((m) => m.path === finding.member) : -1;
	const base = `#/draft/${encodeURIComponent(id)}`;
	if (index >= 0) return `${base}/file/${index}?at=${encodeURIComponent(place || `/members/${index}`)}`;
	if (finding.member) return `${base}/files`;
	const section = sectionOf(place);
	return section ? `${base}/case/${section}?at=${encodeURIComponent(place)}` : `${base}/case/cover`;
}

const remarkOf = (description, code) => (description.remarks || []).find((r) => r.code === code);
// As the keeper counts it: a warning is answered by a text, a defect by handler and head too.
export const isAnswered = (finding, description) => {
	const remark = remarkOf(description, finding.code);
	return finding.severity !== "blocker" && !!remark?.text && (finding.severity === "warning" || (!!remark.by && !!remark.head));
};

function answerForm(finding, ctx, close) {
	const remark = remarkOf(ctx.description, finding.code);
	const others = ctx.findings.filter((f) => f.code === finding.code).length;
	return form([
		others > 1 ? h("p", { class: "small soft" }, t("answer.all", { count: others })) : null,
		field(t("draft.answer.text"), area("text", { required: true, value: remark?.text || "", rows: 3, maxlength: 4000 }), t("answer.text.hint")),
		h("div", { class: "fields" },
			field(t("answer.by"), input("by", { required: finding.severity === "defect", value: remark?.by || me().full_name || "", maxlength: 60 })),
			finding.severity === "defect" ? field(t("answer.head"), input("head", { required: true, value: remark?.head || ctx.description.responsibility?.head || "", maxlength: 60 }), t("answer.head.hint")) : null),
	], t("answer.save"), async (given) => {
		const found = await patient(() => post(`/drafts/${encodeURIComponent(ctx.id)}/remarks`, { code: finding.code, ...given }));
		changed(ctx.id, found);
		toast(t("saved"));
		ctx.answered?.({ code: finding.code, ...given });
	}, { also: button(t("cancel"), close) });
}

function answerOf(finding, ctx) {
	const place = h("div", { class: "answer" });
	const draw = () => {
		const remark = remarkOf(ctx.description, finding.code);
		replace(place, remark ? h("blockquote", {}, remark.text, h("footer", { class: "small soft" },
			[remark.by && t("answer.by.is", { name: remark.by }), remark.head && t("answer.head.is", { name: remark.head })].filter(Boolean).join("；"))) : null,
		ctx.readOnly || finding.severity === "blocker" ? null
			: button(t(remark ? "answer.change" : "draft.answer"), () => replace(place, answerForm(finding, ctx, draw)), "small"));
	};
	draw();
	return place;
}

// An act whose recordings have a gap that nobody explained yet.
function hasGap(finding, ctx) {
	const act = /^\/acts\/(\d+)/.exec(finding.place || "");
	return !!act && (ctx.timeline || []).some((line) => line.act === Number(act[1]) && line.recordings?.length && line.gaps?.some((g) => !g.reasoned));
}

// One finding, as it stands in the list or beside its field.
export function show(finding, ctx, { listed } = {}) {
	const node = h("div", { class: `finding ${finding.severity}` },
		h("p", {}, badge(t(`severity.${finding.severity}`), kinds[finding.severity]), " ", text(finding)),
		h("p", { class: "small soft" }, [finding.article, say(finding, "fix")].filter(Boolean).join(" · ")),
		listed && finding.member ? h("p", { class: "small" }, t("finding.file", { path: finding.member })) : null,
		listed && !ctx.readOnly ? h("p", { class: "row small" }, link(t(finding.member ? "finding.go.file" : "finding.go"), address(ctx.id, finding, ctx.description.members || [])),
			hasGap(finding, ctx) ? link(t("finding.go.line"), `#/draft/${encodeURIComponent(ctx.id)}/timeline`) : null) : null,
		answerOf(finding, ctx));
	return node;
}

// How many of each, in words.
export const sums = (found, description) => {
	const open = found.findings.filter((f) => f.severity !== "blocker" && !isAnswered(f, description)).length;
	return h("p", { class: "row" },
		badge(t("draft.blockers", { n: found.blockers }), found.blockers ? "bad" : "good"),
		badge(t("draft.defects", { n: found.defects }), found.defects ? "warn" : "good"),
		badge(t("draft.warnings", { n: found.warnings }), found.warnings ? "info" : "good"),
		open ? badge(t("answer.open", { n: open }), "warn") : null);
};

const PAGE = 100;

function list(found, ctx) {
	const order = ["blocker", "defect", "warning"];
	const all = [...found.findings].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
	const place = h("ul", { class: "findings" });
	const more = h("div");
	let shown = 0;
	const draw = () => {
		const next = all.slice(shown, shown + PAGE);
		place.append(...next.map((f) => h("li", {}, show(f, ctx, { listed: true }))));
		shown += next.length;
		replace(more, shown < all.length ? button(t("finding.more", { n: all.length - shown }), draw) : null);
	};
	draw();
	return [place, more];
}

// The tab of all findings.
export function tab(draft, ctx) {
	return later(() => findings(draft.draft), (found) => {
		const here = { ...ctx, findings: found.findings, timeline: found.timeline };
		if (!found.findings.length) return notice("good", t("draft.clean"));
		return [sums(found, draft.description), list(found, here)];
	});
}
