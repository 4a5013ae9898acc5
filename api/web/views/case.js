// SPDX-License-Identifier: Apache-2.0
// One sealed case: cover, catalogue, verification, papers to print, and the way to ask for it.
import { h, page, sheet, facts, later, link, table, time, size, badge, button, notice, toast, say, confirm } from "../ui.js";
import { t } from "../language.js";
import { me, get, command, job } from "../server.js";
import { caseTimeline } from "../case-timeline.js";

const members = (part) => table([
	{ label: t("member.no"), number: true, get: (m) => m.number ?? m.n },
	{ label: t("member.volume"), get: (m) => t(`volume.${m.volume}`, {}, m.volume || "") },
	{ label: t("title"), get: (m) => m.title || m.path },
	{ label: t("member.responsible"), get: (m) => m.responsible || "" },
	{ label: t("date"), get: (m) => m.date || "" },
	{ label: t("member.class"), get: (m) => t(`class.${m.class}`, {}, m.class) },
	{ label: t("size"), number: true, get: (m) => size(m.bytes), sort: (m) => m.bytes },
], part.catalogue?.members || part.members || [], { caption: t("catalogue") });

const verification = (id) => sheet(t("verification"), later(() => get(`/cases/${id}/verification`), (result) => {
	const list = result.archives || result.parts || [];
	return [
		list.length ? table([
			{ label: t("part"), number: true, get: (a) => a.part },
			{ label: t("result"), get: (a) => badge(a.ok ? t("verified") : t("damaged"), a.ok ? "good" : "bad") },
			{ label: t("checked.at"), get: (a) => time(a.at || a.time) },
			{ label: t("depth"), get: (a) => t(`depth.${a.depth}`, {}, a.depth || "") },
		], list) : h("p", {}, t("verification.never")),
		["archivist", "supervisor", "auditor", "admin"].includes(me().role)
			? button(t("verify.now"), async (event) => {
				event.target.disabled = true;
				try {
					const done = await job("/verifications", { cases: [id] });
					const bad = (done.archives || []).filter((a) => !a.ok);
					toast(bad.length ? t("verify.bad", { count: bad.length }) : t("verify.good"), bad.length ? "bad" : "good");
				} catch (error) {
					toast(say(error), "bad");
				} finally {
					event.target.disabled = false;
				}
			}) : null,
	];
}));

function lifeOf(p) {
	const picture = caseTimeline(p.catalogue?.description, p.catalogue?.members, p.sealed_at);
	return picture ? [h("h3", {}, t("timeline")), picture] : null;
}

const part = (p) => sheet(p.part === 1 ? t("part.first") : t("part.supplement", { part: p.part }),
	facts([
		[t("sealed.at"), time(p.sealed_at)],
		[t("seal.digest"), h("code", {}, p.seal)],
		[t("retention"), p.cover?.retention && t(`retention.${p.cover.retention}`, {}, p.cover.retention)],
		[t("classification"), [p.cover?.classification].flat().filter(Boolean).map((c) => t(`classification.${c}`, {}, c)).join("、")],
	]),
	h("h3", {}, t("catalogue")), members(p),
	lifeOf(p),
	p.catalogue?.findings?.length ? [h("h3", {}, t("findings")), h("ul", { class: "findings" }, p.catalogue.findings.map((f) =>
		h("li", {}, badge(t(`severity.${f.severity}`, {}, f.severity), f.severity === "defect" ? "bad" : "warn"), " ", f.zh || f.text || f.code,
			h("div", { class: "article" }, f.article || ""))))] : null);

export default function show({ rest: [id] }) {
	return later(() => get(`/cases/${id}`), (found) => page(found.title, {
		lead: found.number,
		actions: [
			["handler", "archivist", "official", "supervisor"].includes(me().role) ? link(t("ask.this"), `#/ask?case=${found.case}`, "button main-action") : null,
			me().role === "official" ? button(t("hold.place"), () => confirm(t("hold.place"), t("hold.text"), t("hold.place"),
				async (reason) => { await command("PlaceHold", { case: found.case, reason }); toast(t("done")); }, { reason: t("reason") })) : null,
			button(t("print"), () => window.print()),
		],
	}, found.holds?.length ? notice("warn", t("hold.is")) : null, (found.parts || []).map(part), verification(found.case)));
}
