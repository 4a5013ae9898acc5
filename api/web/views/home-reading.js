// SPDX-License-Identifier: Apache-2.0
// The first view of those who approve, oversee, read by a pass, audit and confirm.
import { h, sheet, later, empty, link, table, state, time, left, notice, badge } from "../ui.js";
import { t } from "../language.js";
import { me, get } from "../server.js";
import { words } from "../names.js";
import { caseLine, waiting, standingIn, whoReads } from "./waiting.js";
import { overdue } from "./warnings.js";
import { confirmations } from "./confirm.js";
import { entries, entryRows } from "./log-entries.js";

const mine = () => sheet(t("home.requests"), later(() => get("/requests", { limit: 50 }), ({ requests = [] }) => table([
	{ label: t("request"), get: (r) => link(r.request, `#/request/${r.request}`) },
	{ label: t("purpose"), get: (r) => words("purpose", r.purpose) },
	{ label: t("reader"), get: whoReads },
	{ label: t("cases"), get: caseLine },
	{ label: t("filed.at"), get: (r) => time(r.filed), sort: (r) => r.filed || "" },
	{ label: t("state"), get: (r) => state(r.state) },
], requests.filter((r) => r.filed_by === me().user || r.reader === me().user).slice(0, 20),
{ caption: t("home.requests"), none: empty(t("home.requests.none"), t("home.requests.hint"), link(t("ask"), "#/ask", "button main-action")) })));

// Grants that can be read now, those that end first at the top.
const readings = () => sheet(t("home.grants"), later(() => get("/grants", { state: "live" }), ({ grants = [] }) => table([
	{ label: t("purpose"), get: (g) => link(words("purpose", g.purpose), `#/room/${g.grant}`) },
	{ label: t("grant"), get: (g) => g.grant },
	{ label: t("cases"), number: true, get: (g) => (g.cases || []).length },
	{ label: t("channels"), get: (g) => words("channel", g.channels) },
	{ label: t("until"), get: (g) => [time(g.until), " ", badge(left(g.until), new Date(g.until) - Date.now() < 86400000 ? "warn" : "")], sort: (g) => g.until },
	{ label: "", sort: null, get: (g) => g.channels?.includes("web") ? link(t("grant.open"), `#/room/${g.grant}`, "button small main-action") : h("span", { class: "soft small" }, t("grant.fs")) },
], grants.filter((g) => g.reader === me().user).sort((a, b) => a.until < b.until ? -1 : 1),
{ caption: t("home.grants"), none: empty(t("home.grants.none"), t("home.grants.hint"), link(t("find"), "#/find", "button")) })));

const log = () => sheet(t("home.log"), later(() => entries({ last: 15 }), ({ list }) => entryRows(list, { small: true })));

const party = () => sheet(t("home.party"), later(() => get("/grants"), ({ grants = [] }) => grants.length
	? grants.map((g) => h("div", { class: "party-grant" },
		h("p", {}, words("purpose", g.purpose), " · ", t("home.party.until", { until: time(g.until) }), " ", g.state === "live" ? badge(left(g.until), "info") : state(g.state)),
		g.escort ? notice("warn", t("home.party.escort")) : null,
		g.state === "live" ? h("p", {}, link(t("grant.open"), `#/room/${g.grant}`, "button main-action")) : null))
	: empty(t("home.party.none"), t("home.party.hint"))));

// Escorts: their page must be open while somebody reads.
const escorts = () => {
	const place = h("div");
	get("/grants", { state: "live" }).then(({ grants = [] }) => {
		const list = grants.filter((g) => g.escort === me().user);
		if (list.length) place.append(notice("warn", t("home.escort"), " ", list.map((g) => [link(t("escort.title", { grant: g.grant }), `#/escort/${g.grant}`), " "])));
	}, () => {});
	return place;
};

export const readingDays = {
	official: () => [escorts(), waiting(), overdue()],
	supervisor: () => [escorts(), standingIn(), readings(), mine(), overdue()],
	auditor: () => [log()],
	"security-admin": () => [confirmations()],
	party: () => [party(), h("p", { class: "soft" }, t("home.party.receipts"))],
};
