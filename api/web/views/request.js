// SPDX-License-Identifier: Apache-2.0
// One request: who asks to read what, what for and how; for whoever decides, the decision beside it.
import { h, page, sheet, facts, later, link, table, state, time, notice, button, toast, confirm } from "../ui.js";
import { t } from "../language.js";
import { me, get, remove } from "../server.js";
import { organ, words } from "../names.js";
import { person } from "../persons.js";
import { decision } from "./decide.js";
import { isOpen, whoReads } from "./waiting.js";

const caseRows = (request) => table([
	{ label: t("number"), get: (c) => c.number ? link(c.number, `#/case/${c.case}`) : t("case.nameless") },
	{ label: t("title"), get: (c) => c.title || "" },
	{ label: t("members"), get: (c) => {
		const some = (request.members || []).find((m) => m.case === c.case);
		return some ? t("request.some", { list: some.members.join(t("word.and")) }) : t("members.all");
	} },
], request.catalogue || [], { caption: t("cases"), size: 20 });

const papers = (request) => request.papers?.length
	? h("ul", { class: "plain" }, request.papers.map((p) => h("li", {}, t(`paper.${p.kind}`, {}, p.kind), " ", h("span", { class: "soft" }, p.name || ""))))
	: t("papers.none");

function what(request) {
	return sheet(t("request.what"), facts([
		[t("reader"), whoReads(request)],
		[t("filed.by"), request.filed_by === request.reader ? null : person(request.filed_by, request.filed_by_name)],
		[t("organ"), organ(request.organ)],
		[t("purpose"), words("purpose", request.purpose)],
		[t("reason"), h("span", { class: "long" }, request.reason)],
		[t("channels"), words("channel", request.channels)],
		[t("volumes"), words("volume", request.volumes)],
		[t("days"), t("request.days", { n: request.days })],
		[t("papers"), request.for || request.papers?.length ? papers(request) : null],
		[t("review"), request.review ? link(request.review, `#/reviews/${request.review}`) : null],
		[t("filed.at"), time(request.filed)],
		[t("state"), state(request.state)],
	]));
}

const decided = (request) => request.decisions?.length ? sheet(t("decisions"), table([
	{ label: t("official"), get: (d) => d.for && d.for !== d.official ? t("deputy.for", { deputy: d.official_name || d.official, official: d.for_name || d.for }) : person(d.official, d.official_name) },
	{ label: t("decision"), get: (d) => t(`decision.${d.decision || "approve"}`) },
	{ label: t("date"), get: (d) => time(d.time || d.at) },
	{ label: t("reason"), get: (d) => h("span", { class: "long" }, d.reason || "") },
], request.decisions, { caption: t("decisions") })) : null;

function standing(request) {
	if (request.own) return notice("warn", t("decide.own"));
	if (request.decided) return notice("", t("decide.done", { has: request.decisions.length, needed: request.approvals }));
	return null;
}

export default function show({ rest: [id] }) {
	const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
	return later(() => get(`/requests/${encodeURIComponent(id)}`), (request) => {
		const open = isOpen(request);
		const decides = open && request.decides && !request.own && !request.decided ? decision(request, again) : null;
		return page(t("request.title", { request: request.request }), {
			actions: [
				request.grant && request.state === "approved" && request.reader === me().user ? link(t("grant.open"), `#/room/${request.grant}`, "button main-action") : null,
				open && request.filed_by === me().user ? button(t("withdraw"), () => confirm(t("withdraw"), t("withdraw.text"), t("withdraw"), async () => {
					await remove(`/requests/${request.request}`);
					toast(t("withdrawn"));
					again();
				})) : null,
			],
		},
		open && request.decides ? standing(request) : null,
		h("div", { class: decides ? "pair" : "" },
			h("div", {}, what(request), decided(request), decides ? decides.scope : sheet(t("cases"), caseRows(request))),
			decides?.form));
	});
}
