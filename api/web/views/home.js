// SPDX-License-Identifier: Apache-2.0
// What waits for whoever signed in, first things first.
import { h, page, sheet, later, empty, link, table, state, time, left, notice, badge } from "../ui.js";
import { t } from "../language.js";
import { me, get, command } from "../server.js";
import { caseWords } from "./requests.js";
import { title } from "./warnings.js";
import { whoReads } from "./waiting.js";
import { readingDays } from "./home-reading.js";
import { handlerDrafts, archivistDrafts, proposals, health } from "./homework.js";

const block = (title, work, show) => sheet(title, later(work, show));

const requestRows = (list, none) => table([
	{ label: t("request"), get: (r) => link(r.request, `#/request/${r.request}`) },
	{ label: t("purpose"), get: (r) => t(`purpose.${r.purpose}`, {}, r.purpose) },
	{ label: t("reader"), get: whoReads },
	{ label: t("cases"), get: caseWords },
	{ label: t("filed.at"), get: (r) => time(r.filed), sort: (r) => r.filed || "" },
	{ label: t("state"), get: (r) => state(r.state) },
], list, { none });

const mine = () => block(t("home.requests"), () => get("/requests"), ({ requests = [] }) =>
	requestRows(requests.slice(0, 20), empty(t("home.requests.none"), t("home.requests.hint"), link(t("ask"), "#/ask", "button main-action"))));

const readings = () => block(t("home.grants"), () => get("/grants"), ({ grants = [] }) => {
	const live = grants.filter((g) => g.state === "live");
	return table([
		{ label: t("grant"), get: (g) => link(g.grant, `#/room/${g.grant}`) },
		{ label: t("purpose"), get: (g) => t(`purpose.${g.purpose}`, {}, g.purpose) },
		{ label: t("cases"), number: true, get: (g) => (g.cases || []).length },
		{ label: t("until"), get: (g) => [time(g.until), " ", badge(left(g.until), new Date(g.until) - Date.now() < 172800000 ? "warn" : "")], sort: (g) => g.until },
	], live, { none: empty(t("home.grants.none"), t("home.grants.hint"), link(t("find"), "#/find", "button")) });
});

const warnings = () => block(t("nav.warnings"), () => get("/warnings"), ({ warnings: list = [] }) => list.length
	? h("ul", {}, list.slice(0, 12).map((w) => h("li", {}, title(w), " ", w.cases?.length ? badge(String(w.cases.length), "warn") : null)))
	: empty(t("warnings.none")));

const days = {
	handler: () => [handlerDrafts(), mine(), readings()],
	archivist: () => [archivistDrafts(), warnings(), mine()],
	admin: () => [proposals(), health()],
	...readingDays,
};

export default function home() {
	const who = me();
	return page(t("home.title", { name: who.role === "party" ? t("role.party") : who.full_name || who.user }), { lead: t(`home.lead.${who.role}`, {}, "") },
		who.escort ? notice("warn", t("home.escort")) : null, (days[who.role] || (() => []))());
}
