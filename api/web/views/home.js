// SPDX-License-Identifier: Apache-2.0
// What waits for whoever signed in, first things first.
import { h, page, sheet, later, empty, link, table, state, time, left, notice, badge } from "../ui.js";
import { t } from "../language.js";
import { me, get, command } from "../server.js";
import { caseWords } from "./requests.js";
import { readingDays } from "./home-reading.js";

const block = (title, work, show) => sheet(title, later(work, show));

const requestRows = (list, none) => table([
	{ label: t("request"), get: (r) => link(r.request, `#/request/${r.request}`) },
	{ label: t("purpose"), get: (r) => t(`purpose.${r.purpose}`, {}, r.purpose) },
	{ label: t("reader"), get: (r) => r.on_behalf?.name || r.for || r.reader || r.filed_by },
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

const drafts = (title, wanted, hint) => block(title, () => get("/drafts"), ({ drafts: list = [] }) => table([
	{ label: t("draft"), get: (d) => link(d.draft, `#/draft/${d.draft}`) },
	{ label: t("number"), get: (d) => d.number || "" },
	{ label: t("title"), get: (d) => d.title || "" },
	{ label: t("handler"), get: (d) => d.handler || "" },
	{ label: t("due"), get: (d) => d.due ? [d.due, " ", badge(left(d.due), new Date(d.due) < Date.now() ? "bad" : "")] : "", sort: (d) => d.due || "9" },
	{ label: t("state"), get: (d) => state(d.state) },
], list.filter((d) => !wanted || wanted.includes(d.state)), { none: empty(t("home.drafts.none"), hint, link(t("drafts.open"), "#/drafts", "button")) }));

const proposals = () => block(t("home.proposals"), () => command("ListUsers"), ({ proposals: list = [] }) => table([
	{ label: t("user"), get: (p) => p.user },
	{ label: t("action"), get: (p) => t(`action.${p.action}`, {}, p.action) },
	{ label: t("by"), get: (p) => p.by || "" },
	{ label: "", get: () => link(t("open"), "#/people") },
], list, { none: empty(t("home.proposals.none"), t("home.proposals.hint")) }));

const warnings = () => block(t("nav.warnings"), () => get("/warnings"), ({ warnings: list = [] }) => list.length
	? h("ul", {}, list.slice(0, 12).map((w) => h("li", {}, w.zh && t("locale").startsWith("zh") ? w.zh : w.en || w.text || w.code, " ", w.cases?.length ? badge(String(w.cases.length), "warn") : null)))
	: empty(t("warnings.none")));

const days = {
	handler: () => [drafts(t("home.drafts"), null, t("home.drafts.hint")), mine(), readings()],
	archivist: () => [drafts(t("home.submitted"), ["submitted"], t("home.submitted.hint")), warnings(), mine()],
	admin: () => [proposals()],
	...readingDays,
};

export default function home() {
	const who = me();
	return page(t("home.title", { name: who.role === "party" ? t("role.party") : who.full_name || who.user }), { lead: t(`home.lead.${who.role}`, {}, "") },
		who.escort ? notice("warn", t("home.escort")) : null, (days[who.role] || (() => []))());
}
