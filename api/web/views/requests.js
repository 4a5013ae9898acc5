// SPDX-License-Identifier: Apache-2.0
// Requests: the caller's own, or those that wait for an official.
import { page, later, empty, link, table, state, time, tabs } from "../ui.js";
import { t } from "../language.js";
import { me, get } from "../server.js";

export const caseNames = (request) => (request.cases || []).map((c) => c.number || c.case || c);

const rows = (list, none) => table([
	{ label: t("request"), get: (r) => link(r.request, `#/request/${r.request}`) },
	{ label: t("purpose"), get: (r) => t(`purpose.${r.purpose}`, {}, r.purpose) },
	{ label: t("filed.by"), get: (r) => r.filed_by || "" },
	{ label: t("for"), get: (r) => r.on_behalf?.name || r.for || "" },
	{ label: t("cases"), get: (r) => { const n = caseNames(r); return n.length > 2 ? t("cases.and", { first: n[0], count: n.length }) : n.join("、"); } },
	{ label: t("channels"), get: (r) => (r.channels || []).map((c) => t(`channel.${c}`, {}, c)).join("、") },
	{ label: t("days"), number: true, get: (r) => r.days },
	{ label: t("filed.at"), get: (r) => time(r.filed_at), sort: (r) => r.filed_at || "" },
	{ label: t("state"), get: (r) => state(r.state) },
], list, { none });

export default function requests() {
	const official = me().role === "official";
	return page(t("nav.requests"), {
		lead: official ? t("requests.lead.official") : t("requests.lead"),
		actions: official ? null : link(t("ask"), "#/ask", "button main-action"),
	}, later(() => get("/requests"), ({ requests: all = [] }) => {
		const open = all.filter((r) => r.state === "filed" || r.state === "partly");
		const rest = all.filter((r) => r.state !== "filed" && r.state !== "partly");
		return tabs([
			[t("requests.open", { count: open.length }), () => rows(open, empty(t("requests.open.none"), official ? t("home.waiting.hint") : t("requests.open.hint")))],
			[t("requests.over", { count: rest.length }), () => rows(rest, empty(t("requests.over.none")))],
		]);
	}));
}
