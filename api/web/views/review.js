// SPDX-License-Identifier: Apache-2.0
// One evaluation review: its cases with their results, the scoring sheet of a case (vetoes, points, findings), and what
// became of the findings.
import { h, page, sheet, facts, form, link, table, later, replace, notice, badge, button, input, empty, toast } from "../ui.js";
import { t, current } from "../language.js";
import { me, get, post, command } from "../server.js";
import { word } from "../names.js";
import { person } from "../persons.js";
import { noteOf, forget } from "../review-notes.js";
import { findings, noteFinding, placeOf } from "./finding.js";

const named = (item) => current() === "zh" ? item.zh : item.en;
const result = (c) => c.result ? badge(t(`state.${c.result}`), c.result === "passed" ? "good" : "bad") : badge(t("review.waiting"));

// The grant by which the reviewer may read the case now.
const grantOf = (grants, id) => grants.find((g) => g.state === "live" && g.reader === me().user && (g.cases || []).includes(id));

const cases = (review, grants) => table([
	{ label: t("number"), get: (c) => c.number ? link(c.number, `#/case/${c.case}`) : t("case.nameless") },
	{ label: t("reviews.result"), get: result, sort: (c) => c.result || "" },
	{ label: t("reviews.score"), number: true, get: (c) => c.score ?? "", sort: (c) => c.score ?? -1 },
	{ label: "", sort: null, get: (c) => me().role !== "supervisor" ? "" : h("span", { class: "row" },
		grantOf(grants, c.case) ? link(t("review.read"), `#/room/${grantOf(grants, c.case).grant}`, "button small") : h("span", { class: "soft small" }, t("review.unread")),
		link(t(c.result ? "review.again" : "review.score"), `#/review/${review.review}?case=${c.case}`, "button small main-action")) },
], review.cases || [], { size: 50, caption: t("cases"), none: empty(t("review.nothing")) });

// --- the scoring sheet ---

function veto(item, note, changed) {
	return h("label", {}, h("input", { type: "checkbox", checked: note.vetoes.includes(item.kind), onchange: (e) => {
		note.vetoes = note.vetoes.filter((v) => v !== item.kind);
		if (e.target.checked) note.vetoes.push(item.kind);
		changed();
	} }), h("span", {}, named(item)));
}

function points(item, note, changed) {
	note.points[item.kind] ??= item.points;
	const box = input(`points-${item.kind}`, { type: "number", min: 0, max: item.points, step: 1, required: true, value: note.points[item.kind], class: "points", "aria-label": named(item), oninput: () => {
		note.points[item.kind] = Number(box.value);
		changed();
	} });
	return h("li", {}, h("span", {}, named(item)), h("span", { class: "nowrap" }, box, ` / ${item.points}`));
}

const noted = (note, changed) => note.findings.length
	? h("ul", { class: "plain" }, note.findings.map((f, i) => h("li", { class: "row" }, h("span", {}, h("strong", {}, placeOf(f)), t("colon"), f.text),
		button(t("remove"), () => { note.findings.splice(i, 1); changed(); }, "small"))))
	: h("p", { class: "soft" }, t("review.nonoted"));

function scoring(review, id, list, again) {
	const one = (review.cases || []).find((c) => c.case === id);
	if (!one) return notice("bad", t("review.foreign"));
	const note = noteOf(review.review, id);
	const score = list[0];
	const sum = h("p", { class: "sum", role: "status" }), found = h("div");
	const changed = () => {
		const total = score.items.reduce((n, item) => n + (Number(note.points[item.kind]) || 0), 0);
		const passed = !note.vetoes.length && total >= score.pass;
		replace(sum, t("review.sum", { total, pass: score.pass }), " ", badge(t(passed ? "state.passed" : "state.failed"), passed ? "good" : "bad"), note.vetoes.length ? [" ", t("review.vetoed", { n: note.vetoes.length })] : null);
		replace(found, noted(note, changed));
	};
	const members = later(() => get(`/cases/${id}`), (shown) => {
		const all = (shown.parts || []).flatMap((p) => p.catalogue?.members || []);
		return button(t("finding.new"), () => noteFinding({ review: review.review, id, members: all, done: changed }));
	});
	const node = sheet([named(score), t("colon"), one.number || ""], form([
		h("h3", {}, t("review.vetoes")), h("div", { class: "ticks vetoes" }, score.veto.map((item) => veto(item, note, changed))),
		h("h3", {}, t("review.points")), h("ul", { class: "plain score" }, score.items.map((item) => points(item, note, changed))),
		h("h3", {}, t("reviews.findings")), found, members, sum,
	], t("review.record"), async () => {
		const done = await post(`/reviews/${review.review}`, { record: { case: id, sheet: score.kind, vetoes: note.vetoes, points: note.points,
			findings: note.findings.map((f) => ({ code: "other", ...f })) } });
		forget(review.review, id);
		toast(t("review.recorded", { result: t(`state.${done.result}`), score: done.score ?? "" }));
		location.hash = `#/review/${review.review}`;
		again();
	}, { also: link(t("cancel"), `#/review/${review.review}`, "button") }));
	changed();
	return node;
}

export default function show({ rest: [id], query }) {
	const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
	const wanted = query.get("case");
	return page(t("review.title", { review: id }), { actions: [button(t("print"), () => window.print()), link(t("reviews.all"), "#/reviews", "button")] },
		later(async () => {
			const review = await get(`/reviews/${encodeURIComponent(id)}`);
			const { grants = [] } = me().role === "supervisor" ? await get("/grants", { state: "live" }) : {};
			const { sheets = [] } = me().role === "supervisor" ? await command("ListScoreSheets") : {};
			return { review, grants, sheets };
		}, ({ review, grants, sheets }) => [
			wanted && me().role === "supervisor" ? scoring(review, wanted, sheets, again) : null,
			sheet(t("review.facts"), facts([
				[t("reviews.year"), review.year], [t("category"), review.category ? word("label", review.category) : t("any")], [t("reviews.by"), person(review.by)],
				[t("reviews.reviewers"), review.reviewers?.length ? review.reviewers.map((u, i) => [i ? "、" : "", person(u)]) : null],
				[t("reviews.seed"), h("code", {}, review.seed)], [t("reviews.population"), review.population_size], [t("review.digest"), h("code", {}, review.population)],
				[t("request"), (review.requests || []).map((q, i) => [i ? "、" : "", me().role === "supervisor" ? link(q.request || q, `#/request/${q.request || q}`) : q.request || q])],
			])),
			sheet(t("cases"), cases(review, grants)),
			sheet(t("reviews.findings"), findings(review.findings || [], again)),
		]));
}
