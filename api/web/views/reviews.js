// SPDX-License-Identifier: Apache-2.0
// Evaluation reviews (案卷评查): a sample that anybody can draw again, and what was found.
import { h, page, sheet, form, field, input, area, link, table, replace, notice, toast } from "../ui.js";
import { t } from "../language.js";
import { command } from "../server.js";

export default function reviews() {
	const drawn = h("div", { "aria-live": "polite" });
	return page(t("nav.reviews"), { lead: t("reviews.lead") },
		sheet(t("reviews.draw"), form([h("div", { class: "fields" },
			field(t("year"), input("year", { type: "number", required: true, min: 2000, max: 2100, value: new Date().getFullYear() })),
			field(t("reviews.count"), input("count", { type: "number", required: true, min: 1, max: 500, value: 10 })),
			field(t("category"), input("category")),
			field(t("reviews.seed"), input("seed", { required: true }), t("reviews.seed.hint")))],
		t("reviews.draw"), async (given) => {
			const found = await command("DrawReview", given);
			replace(drawn, sheet(t("reviews.sample", { review: found.review }),
				table([
					{ label: t("number"), get: (c) => link(c.number || c.case || c, `#/case/${c.case || c}`) },
					{ label: t("title"), get: (c) => c.title || "" },
				], found.sample || []),
				link(t("ask.these"), `#/ask?${new URLSearchParams((found.sample || []).map((c) => ["case", c.case || c]))}`, "button main-action")));
		})), drawn,
		sheet(t("reviews.record"), form([
			field(t("reviews.review"), input("review", { required: true, placeholder: "V00001" })),
			h("div", { class: "fields" }, field(t("reviews.case"), input("case", { required: true })), field(t("reviews.result"), input("result", { required: true })), field(t("reviews.score"), input("score", { type: "number", min: 0, max: 100 }))),
			field(t("reviews.findings"), area("findings"), t("reviews.findings.hint")),
		], t("save"), async ({ review, findings, ...rest }) => {
			const list = (findings || "").split("\n").filter((l) => l.trim()).map((l) => {
				const [member, ...text] = l.split(/[:：]/);
				return text.length && /^\d+$/.test(member.trim()) ? { code: "note", member: Number(member), text: text.join("：").trim() } : { code: "note", text: l.trim() };
			});
			await command("RecordReview", { review, record: { ...rest, findings: list } });
			toast(t("saved"));
		}), notice("", t("reviews.hint"))));
}
