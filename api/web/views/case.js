// SPDX-License-Identifier: Apache-2.0
// One sealed case: cover, catalogue, what was found and answered, its papers to print, its verification, and the way to
// ask for it.
import { h, page, sheet, facts, later, link, table, time, size, badge, button, notice, toast, say, confirm, replace, tabs, empty } from "../ui.js";
import { current, t } from "../language.js";
import { me, get, command, job } from "../server.js";
import { caseTimeline } from "../case-timeline.js";
import { organ, word, words } from "../names.js";
import { paperTabs } from "../paper.js";

const members = (part) => table([
	{ label: t("member.no"), number: true, get: (m) => m.number ?? m.n },
	{ label: t("member.volume"), get: (m) => word("volume", m.volume) },
	{ label: t("title"), get: (m) => [m.title || m.path, h("div", { class: "small soft path" }, m.path)], sort: (m) => m.title || m.path },
	{ label: t("member.responsible"), get: (m) => m.responsible || "" },
	{ label: t("date"), get: (m) => m.date || "" },
	{ label: t("member.class"), get: (m) => word("class", m.class) },
	{ label: t("classification"), get: (m) => words("classification", (m.classification || []).filter((c) => c !== "none")) },
	{ label: t("size"), number: true, get: (m) => m.bytes === undefined ? "" : size(m.bytes), sort: (m) => m.bytes || 0 },
], part.catalogue?.members || part.members || [], { caption: t("catalogue") });

// --- verification ---

// What exactly is wrong stands in the log, in English; there is no more to do about one thing than about another.
const damageOf = (a) => [a.damage].flat().filter(Boolean).map((d) => [
	d.member ? t("verify.damaged.at", { member: d.member }) : t("verify.damaged"), current() === "en" ? t("error.detail", { detail: d.what || d }) : ""].filter(Boolean).join(" "));

function verification(id) {
	const place = h("div", { "aria-live": "polite" });
	const results = h("div");
	const last = async () => ((await get(`/cases/${encodeURIComponent(id)}/verification`)).parts || []).filter((a) => a.ok === true || a.ok === false);
	const shown = (list) => list.length ? table([
		{ label: t("part"), number: true, get: (a) => a.part },
		{ label: t("result"), get: (a) => badge(a.ok ? t("verified") : t("damaged"), a.ok ? "good" : "bad") },
		{ label: t("checked.at"), get: (a) => time(a.checked_at), sort: (a) => a.checked_at || "" },
		{ label: t("depth"), get: (a) => word("depth", a.depth) },
		{ label: t("size"), number: true, get: (a) => a.bytes === undefined || a.bytes === null ? "" : size(a.bytes), sort: (a) => a.bytes || 0 },
		{ label: t("seal.digest"), get: (a) => a.seal ? h("code", { title: a.seal }, `${a.seal.slice(0, 16)}…`) : "" },
	], list, { caption: t("verification") }) : empty(t("verification.never"), t("verification.never.hint"));
	async function run(event) {
		const pressed = event.target;
		const bar = h("progress", { "aria-label": t("verify.running") });
		pressed.disabled = true;
		replace(place, h("p", {}, t("verify.running")), bar);
		try {
			await job("/verifications", { cases: [id] }, (at, total) => { bar.max = total; bar.value = at; });
			// What was written down counts, for every part: nothing is well because nothing was said.
			const list = await last();
			const bad = list.filter((a) => !a.ok);
			replace(place, !list.length ? notice("bad", t("verify.none")) : bad.length
				? notice("bad", h("p", {}, t("verify.bad", { count: bad.reduce((n, a) => n + Math.max(1, damageOf(a).length), 0) })), h("ul", {}, bad.flatMap(damageOf).map((d) => h("li", {}, d))))
				: notice("good", t("verify.good"), " ", t("verify.parts", { n: list.length })));
			replace(results, shown(list));
		} catch (error) {
			replace(place, notice("bad", say(error)));
		} finally {
			pressed.disabled = false;
		}
	}
	replace(results, later(last, shown));
	return h("div", {}, ["archivist", "supervisor", "auditor", "admin"].includes(me().role)
		? h("div", { class: "row actions after-gap" }, button(t("verify.now"), run, "main-action")) : null, place, results);
}

function lifeOf(p) {
	const picture = caseTimeline(p.catalogue?.description, p.catalogue?.members, p.sealed_at);
	return picture ? [h("h3", {}, t("timeline")), picture] : null;
}

// --- a part ---

const finding = (f, remarks) => {
	const remark = remarks.find((r) => r.code === f.code);
	return h("li", {}, badge(word("severity", f.severity), f.severity === "defect" ? "warn" : "info"), " ", (current() === "zh" ? f.zh : f.en) || f.zh || f.code,
		h("div", { class: "article" }, f.article || ""),
		remark ? h("blockquote", {}, remark.text, h("footer", { class: "small soft" }, [remark.by && t("answer.by.is", { name: remark.by }), remark.head && t("answer.head.is", { name: remark.head })].filter(Boolean).join("；"))) : null);
};

function overview(p) {
	const d = p.catalogue?.description || {};
	return [facts([
		[t("organ"), d.organ?.name || organ(d.organ?.code)], [t("f.organ.unit"), d.organ?.unit],
		[t("find.party"), (d.parties || []).map((x) => x.name).filter(Boolean).join(t("word.and"))],
		[t("f.officers"), (d.officers || []).map((x) => x.name).filter(Boolean).join(t("word.and"))],
		[t("category"), d.category && t(`w.${d.category}`)], [t("f.outcome"), d.outcome && (t(`w.outcome.${d.outcome}`, {}, null) ?? t(`w.${d.outcome}`, {}, d.outcome))],
		[t("f.archive.number"), d.archive?.number],
		[t("sealed.at"), time(p.sealed_at)], [t("seal.digest"), h("code", {}, p.seal)],
		[t("retention"), word("retention", p.cover?.retention || d.retention)],
		[t("classification"), words("classification", p.cover?.classification || d.classification)],
	]), lifeOf(p)];
}

const part = (p, id) => sheet(p.part === 1 ? t("part.first") : t("part.supplement", { part: p.part }), tabs([
	[t("case.tab.overview"), () => overview(p)],
	[t("case.tab.members"), () => members(p)],
	[t("case.tab.papers"), () => paperTabs(id, p.part)],
	[t("findings"), () => p.catalogue?.findings?.length ? h("ul", { class: "findings" }, p.catalogue.findings.map((f) => finding(f, p.catalogue.remarks || []))) : notice("good", t("case.clean"))],
]));

export default function show({ rest: [id] }) {
	return later(() => get(`/cases/${encodeURIComponent(id)}`), (found) => page(found.title, {
		lead: found.number,
		actions: [
			["handler", "archivist", "official", "supervisor"].includes(me().role) ? link(t("ask.this"), `#/ask?case=${found.case}`, "button main-action") : null,
			me().role === "official" ? button(t("hold.place"), () => confirm(t("hold.place"), t("hold.text"), t("hold.place"),
				async (reason) => { await command("PlaceHold", { case: found.case, reason }); toast(t("done")); }, { reason: t("reason") })) : null,
		],
	}, found.holds?.length ? notice("warn", t("hold.is")) : null, (found.parts || []).map((p) => part(p, found.case)), sheet(t("verification"), verification(found.case))));
}
