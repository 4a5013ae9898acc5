// SPDX-License-Identifier: Apache-2.0
// Requests: the caller's own, or those that wait for an official.
import { page, later, empty, link, table, state, time, tabs } from "../ui.js";
import { t } from "../language.js";
import { me, get } from "../server.js";

// Lists name cases by their ids alone: how many they are says more.
export const caseNames = (request) => (request.catalogue || []).map((c) => c.number);
export const caseWords = (request) => {
	const names = caseNames(request);
	const count = request.case_count ?? (request.cases || []).length;
	return names.length && names.length <= 2 ? names.join("、") : names.length ? t("cases.and", { first: names[0], count }) : t("cases.count", { count });
};

const rows = (list, none) => table([
	{ label: t("request"), get: (r) => link(r.request, `#/request/${r.request}`) },
	{ label: t("purpose"), get: (r) => t(`purpose.${r.purpose}`, {}, r.purpose) },
	{ label: t("filed.by"), get: (r) => r.filed_by || "" },
	{ label: t("for"), get: (r) => r.on_behalf?.name || r.for || "" },
	{ label: t("cases"), get: caseWords },
	{ label: t("channels"), get: (r) => (r.channels || []).map((c) => t(`channel.${c}`, {}, c)).join("、") },
	{ label: t("days"), number: true, get: (r) => r.days },
	{ label: t("filed.at"), get: (r) => time(r.filed), sort: (r) => r.filed || "" },
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
