// SPDX-License-Identifier: Apache-2.0
// Asking to read: which cases, what for, how, how long, and on whose behalf.
import { h, page, sheet, form, field, input, area, select, choices, button, notice, toast, replace } from "../ui.js";
import { t } from "../language.js";
import { me, post, get, upload } from "../server.js";

const purposes = ["handling", "evaluation-review", "supervision", "appraisal", "public-opinion", "decision", "social-credit",
	"party", "reconsideration", "litigation", "judicial", "discipline", "audit", "superior"];

export default function ask({ query }) {
	const counter = me().role === "archivist";
	const chosen = query.getAll("case");
	const list = h("div");
	const add = input("add", { placeholder: t("ask.case.hint") });
	const draw = () => replace(list, chosen.map((id, i) => h("p", { class: "row" }, h("code", {}, id),
		button(t("remove"), () => { chosen.splice(i, 1); draw(); }, "small"))));
	const addCase = async () => {
		const number = add.value.trim();
		if (!number) return;
		const found = await get("/cases", { number, limit: 1 }).catch(() => ({ cases: [] }));
		if (!found.cases.length) {
			replace(list, ...list.childNodes, notice("bad", t("ask.case.none", { number })));
			return;
		}
		chosen.push(found.cases[0].case);
		add.value = "";
		draw();
	};
	draw();
	return page(t("ask"), { lead: counter ? t("ask.lead.counter") : t("ask.lead") }, sheet(null, form([
		h("div", { class: "field" }, h("span", {}, t("cases")), list,
			h("div", { class: "row" }, add, button(t("ask.case.add"), addCase))),
		h("div", { class: "fields" },
			field(t("purpose"), select("purpose", purposes.map((p) => [p, t(`purpose.${p}`)]), counter ? "party" : me().role === "supervisor" ? "evaluation-review" : "handling")),
			field(t("days"), input("days", { type: "number", min: 1, max: 30, value: 7, required: true }), t("ask.days.hint")),
			field(t("ask.members"), input("members", { placeholder: "1, 2, 5" }), t("ask.members.hint"))),
		choices(t("channels"), "channels", ["web", "fs", "copy"].map((c) => [c, t(`channel.${c}`)]), ["web"]),
		counter ? null : choices(t("volumes"), "volumes", ["main", "sub"].map((v) => [v, t(`volume.${v}`)]), ["main"]),
		field(t("reason"), area("reason", { required: true, maxlength: 2000 }), t("ask.reason.hint")),
		counter ? h("div", { class: "fields" },
			field(t("ask.for.kind"), select("for_kind", ["party", "lawyer", "court", "other"].map((k) => [k, t(`class.of.${k}`)]), "party")),
			field(t("ask.for"), input("for", { required: true })),
			field(t("ask.papers"), h("input", { type: "file", name: "papers", multiple: true }), t("ask.papers.hint"))) : null,
	], t("ask.send"), async (given) => {
		if (!chosen.length) throw new Error(t("ask.case.missing"));
		const members = (given.members || "").split(/[\s,，、]+/).filter(Boolean).map(Number).filter((n) => n > 0);
		const papers = [];
		for (const file of given.papers || [])
			papers.push({ kind: file.name.replace(/\.[^.]*$/, ""), name: file.name, upload: await upload(file) });
		const done = await post("/requests", {
			cases: chosen, purpose: given.purpose, reason: given.reason, days: given.days, channels: given.channels,
			volumes: given.volumes?.length ? given.volumes : undefined,
			members: members.length ? chosen.map((id) => ({ case: id, members })) : undefined,
			for: given.for, for_kind: given.for_kind, papers: papers.length ? papers : undefined,
		});
		toast(t("ask.sent", { request: done.request }));
		location.hash = `#/request/${done.request}`;
	})));
}
