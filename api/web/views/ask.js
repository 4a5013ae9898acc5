// SPDX-License-Identifier: Apache-2.0
// Asking to read for one's own work: which cases, what for, how, how long.  For outsiders the counter asks.
import { h, page, sheet, form, field, input, area, select, choices, button, link, notice, toast, say, replace } from "../ui.js";
import { t } from "../language.js";
import { me, post, get } from "../server.js";

const purposes = ["handling", "evaluation-review", "supervision", "appraisal", "public-opinion", "decision", "social-credit",
	"reconsideration", "litigation", "judicial", "discipline", "audit", "superior"];

export default function ask({ query }) {
	const counter = me().role === "archivist";
	const chosen = []; // { case, number, title }
	const list = h("div");
	const add = input("add", { placeholder: t("ask.case.hint") });
	const draw = () => replace(list, chosen.map((one, i) => h("p", { class: "row" }, h("span", {}, `${one.number}　${one.title || ""}`),
		button(t("remove"), () => { chosen.splice(i, 1); draw(); }, "small", { "aria-label": `${t("remove")} ${one.number}` }))));
	const addCase = async () => {
		const number = add.value.trim();
		if (!number) return;
		const found = await get("/cases", { number, limit: 1 }).catch(() => ({ cases: [] }));
		if (!found.cases.length) {
			replace(list, ...list.childNodes, notice("bad", t("ask.case.none", { number })));
			return;
		}
		if (!chosen.some((one) => one.case === found.cases[0].case)) chosen.push(found.cases[0]);
		add.value = "";
		draw();
	};
	draw();
	// By their ids from the address: what they are called is asked for.
	for (const id of query.getAll("case")) get(`/cases/${encodeURIComponent(id)}`).then((one) => { chosen.push({ case: one.case, number: one.number, title: one.title }); draw(); }, (error) => replace(list, ...list.childNodes, notice("bad", say(error))));
	return page(t("ask"), { lead: t("ask.lead"), actions: counter ? link(t("counter.ask"), "#/counter/new", "button") : null }, sheet(null, form([
		h("div", { class: "field" }, h("span", {}, t("cases")), list,
			h("div", { class: "row" }, add, button(t("ask.case.add"), addCase))),
		h("div", { class: "fields" },
			field(t("purpose"), select("purpose", purposes.map((p) => [p, t(`purpose.${p}`)]), me().role === "supervisor" ? "evaluation-review" : "handling")),
			field(t("days"), input("days", { type: "number", min: 1, max: 30, value: 7, required: true }), t("ask.days.hint")),
			field(t("ask.members"), input("members", { placeholder: "1, 2, 5" }), t("ask.members.hint"))),
		choices(t("channels"), "channels", ["web", "fs", "copy"].map((c) => [c, t(`channel.${c}`)]), ["web"]),
		choices(t("volumes"), "volumes", ["main", "sub"].map((v) => [v, t(`volume.${v}`)]), ["main"]),
		field(t("reason"), area("reason", { required: true, maxlength: 2000 }), t("ask.reason.hint")),
	], t("ask.send"), async (given) => {
		if (!chosen.length) throw new Error(t("ask.case.missing"));
		const members = (given.members || "").split(/[\s,，、]+/).filter(Boolean).map(Number).filter((n) => n > 0);
		const done = await post("/requests", {
			cases: chosen.map((one) => one.case), purpose: given.purpose, reason: given.reason, days: given.days, channels: given.channels,
			volumes: given.volumes?.length ? given.volumes : undefined,
			members: members.length ? chosen.map((one) => ({ case: one.case, members })) : undefined,
		});
		toast(t("ask.sent", { request: done.request }));
		location.hash = `#/request/${done.request}`;
	})));
}
