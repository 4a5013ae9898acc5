// SPDX-License-Identifier: Apache-2.0
// Evaluation reviews (案卷评查): drawing a sample that anybody can draw again, reviews, and findings on their way.
import { h, page, sheet, form, field, input, area, select, link, table, later, empty, toast, notice, badge } from "../ui.js";
import { t } from "../language.js";
import { me, get, post } from "../server.js";
import { word } from "../names.js";
import { choicesOf, person } from "../persons.js";
import { findings } from "./finding.js";

const CATEGORIES = ["penalty", "inspection", "coercion", "confirmation"];

const draw = () => sheet(t("reviews.draw"), form([
	h("p", { class: "soft" }, t("reviews.draw.how")),
	h("div", { class: "fields" },
		field(t("reviews.year"), input("year", { type: "number", required: true, min: 2000, max: 2100, value: new Date().getFullYear() })),
		field(t("reviews.count"), input("count", { type: "number", required: true, min: 1, max: 500, value: 10 })),
		field(t("category"), select("category", [["", t("any")], ...CATEGORIES.map((c) => [c, word("label", c)])])),
		field(t("reviews.seed"), input("seed", { required: true, maxlength: 200 }), t("reviews.seed.hint")),
		field(t("days"), input("days", { type: "number", min: 1, max: 30, value: 7 }), t("ask.days.hint"))),
	reviewersField(),
	field(t("reason"), area("reason", { rows: 2, maxlength: 1000 }), t("reviews.reason.hint")),
], t("reviews.draw"), async ({ reviewers, ...given }) => {
	const found = await post("/reviews", { ...given, reviewers: reviewers ? [reviewers] : undefined });
	toast(t("reviews.drawn", { review: found.review, n: (found.sample || []).length }));
	location.hash = `#/review/${found.review}`;
}));

function reviewersField() {
	const place = h("div");
	choicesOf(["supervisor"]).then((list) => {
		if (list.length) place.append(field(t("reviews.reviewers"), select("reviewers", [["", t("none")], ...list]), t("reviews.reviewers.hint")));
	}, () => {});
	return place;
}

const reviewTable = (list) => table([
	{ label: t("reviews.review"), get: (r) => ["supervisor", "auditor"].includes(me().role) ? link(r.review, `#/review/${r.review}`) : r.review },
	{ label: t("reviews.year"), number: true, get: (r) => r.year },
	{ label: t("category"), get: (r) => r.category ? word("label", r.category) : t("any") },
	{ label: t("reviews.population"), number: true, get: (r) => r.population_size },
	{ label: t("reviews.count"), number: true, get: (r) => r.drawn },
	{ label: t("reviews.seed"), get: (r) => h("code", {}, r.seed) },
	{ label: t("reviews.by"), get: (r) => person(r.by) },
	{ label: t("request"), get: (r) => (r.requests || []).map((q, i) => [i ? "、" : "", me().role === "supervisor" ? link(q.request || q, `#/request/${q.request || q}`) : q.request || q]) },
], list, { size: 20, caption: t("reviews.all"), none: empty(t("reviews.none"), me().role === "supervisor" ? t("reviews.none.hint") : undefined) });

export default function reviews() {
	const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
	const role = me().role;
	return page(t("nav.reviews"), { lead: t(role === "supervisor" ? "reviews.lead" : "reviews.lead.others") },
		later(() => get("/reviews"), ({ reviews: list = [], findings: found = [] }) => {
			const open = found.filter((f) => f.state !== "closed");
			return [
				["supervisor", "auditor"].includes(role) ? sheet(t("reviews.all"), reviewTable([...list].reverse())) : null,
				sheet([t("reviews.open"), " ", badge(String(open.length), open.length ? "warn" : "good")], findings(open, again)),
				found.length > open.length ? sheet(t("reviews.closed"), findings(found.filter((f) => f.state === "closed"), again)) : null,
			];
		}),
		role === "supervisor" ? [draw(), notice("", t("reviews.hint"))] : null);
}
