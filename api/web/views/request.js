// SPDX-License-Identifier: Apache-2.0
// One request: what is asked, and for an official approving, narrowing or refusing it in one look.
import { h, page, sheet, facts, later, link, table, state, time, notice, form, field, input, area, choices, toast, confirm } from "../ui.js";
import { t } from "../language.js";
import { me, get, post, remove } from "../server.js";

const caseRows = (request) => table([
	{ label: t("number"), get: (c) => c.case ? link(c.number || c.case, `#/case/${c.case}`) : c },
	{ label: t("title"), get: (c) => c.title || "" },
	{ label: t("members"), get: (c) => {
		const some = (request.members || []).find((m) => m.case === c.case);
		return some ? some.members.join("、") : t("members.all");
	} },
], request.catalogue || (request.cases || []).map((id) => ({ case: id })));

const papers = (request) => request.papers?.length
	? h("ul", {}, request.papers.map((p) => h("li", {}, t(`paper.${p.kind}`, {}, p.kind), " ", h("span", { class: "soft" }, p.name || ""))))
	: t("papers.none");

function what(request) {
	return sheet(t("request.what"), facts([
		[t("filed.by"), request.filed_by],
		[t("reader"), request.reader],
		[t("for"), request.on_behalf?.name || request.for],
		[t("purpose"), t(`purpose.${request.purpose}`, {}, request.purpose)],
		[t("reason"), request.reason],
		[t("channels"), (request.channels || []).map((c) => t(`channel.${c}`, {}, c)).join("、")],
		[t("volumes"), (request.volumes || []).map((v) => t(`volume.${v}`, {}, v)).join("、")],
		[t("days"), request.days],
		[t("papers"), papers(request)],
		[t("filed.at"), time(request.filed)],
		[t("state"), state(request.state)],
	]));
}

const decided = (request) => request.decisions?.length ? sheet(t("decisions"), table([
	{ label: t("official"), get: (d) => d.deputy_for || (d.for && d.for !== d.official) ? t("deputy.for", { deputy: d.official, official: d.deputy_for || d.for }) : d.official },
	{ label: t("decision"), get: (d) => t(`decision.${d.decision || "approve"}`) },
	{ label: t("date"), get: (d) => time(d.time || d.at) },
	{ label: t("reason"), get: (d) => d.reason || "" },
], request.decisions)) : null;

const numbers = (text) => (text || "").split(/[\s,，、]+/).filter(Boolean).map(Number).filter((n) => Number.isInteger(n) && n > 0);
const scope = (request, text) => {
	const list = numbers(text);
	return list.length ? (request.cases || []).map((c) => ({ case: c.case || c, members: list })) : undefined;
};

// Only what is taken away is sent; the digest binds the decision to what was shown.
function decision(request, again) {
	const node = h("div");
	const approve = form([
		request.handled?.length ? notice("warn", t("decide.handled")) : null,
		request.approvals > 1 ? notice("", t("decide.needed", { needed: request.approvals, approvals: (request.decisions || []).filter((d) => d.decision === "approve").length })) : null,
		choices(t("channels"), "channels", (request.channels || []).map((c) => [c, t(`channel.${c}`, {}, c)]), request.channels || []),
		h("div", { class: "fields" },
			field(t("days"), input("days", { type: "number", min: 1, max: Math.min(30, request.days || 30), value: request.days || 7 }), t("decide.days")),
			field(t("decide.without"), input("without", { placeholder: "3, 7" }), t("decide.without.hint")),
			field(t("decide.with"), input("with"), t("decide.with.hint")),
			field(t("decide.escort"), input("escort"), t("decide.escort.hint"))),
		choices("", "no_cache", [["yes", t("decide.no_cache")]]),
		field(t("decide.remark"), area("reason")),
	], t("decide.approve"), async (given) => {
		const done = await post(`/requests/${request.request}/decision`, {
			decision: "approve", digest: request.digest, channels: given.channels, days: given.days,
			without_members: scope(request, given.without), with_members: scope(request, given.with),
			escort: given.escort, no_cache: given.no_cache?.length ? true : undefined, reason: given.reason,
		});
		toast(done.grant ? t("decide.granted", { grant: done.grant }) : t("decide.second"));
		again();
	}, { also: h("button", { type: "button", class: "button seal", onclick: () => confirm(t("decide.refuse"), t("decide.refuse.text"), t("decide.refuse"), async (reason) => {
		await post(`/requests/${request.request}/decision`, { decision: "refuse", digest: request.digest, reason });
		toast(t("decide.refused"));
		again();
	}, { reason: t("decide.refuse.reason") }) }, t("decide.refuse")) });
	node.append(sheet(t("decide"), approve));
	return node;
}

export default function show({ rest: [id] }) {
	const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
	return later(() => get(`/requests/${id}`), (answer) => {
		const request = answer.request && typeof answer.request === "object" ? answer.request : answer;
		const open = request.state === "filed" || request.state === "partly";
		const own = request.filed_by === me().user || request.reader === me().user;
		return page(t("request.title", { request: request.request }), {
			actions: [
				request.grant ? link(t("grant.open"), `#/room/${request.grant}`, "button main-action") : null,
				open && request.filed_by === me().user ? h("button", { type: "button", class: "button", onclick: () => confirm(t("withdraw"), t("withdraw.text"), t("withdraw"), async () => {
					await remove(`/requests/${request.request}`);
					toast(t("withdrawn"));
					again();
				}) }, t("withdraw")) : null,
			],
		},
		own && me().role === "official" && open ? notice("warn", t("decide.own")) : null,
		h("div", { class: open && me().role === "official" && !own ? "pair" : "" },
			h("div", {}, what(request), sheet(t("cases"), caseRows(request)), decided(request)),
			open && me().role === "official" && !own ? decision(request, again) : null));
	});
}
