// SPDX-License-Identifier: Apache-2.0
// The first page of the writing side: handler, archivist, administrators.
import { h, sheet, later, empty, link, table, time, badge, button, notice, size } from "../ui.js";
import { t } from "../language.js";
import { get, command } from "../server.js";
import { word } from "../names.js";
import { draftTable, begin } from "./drafts.js";

const block = (title, work, show) => sheet(title, later(work, show));
const soon = (d) => d.days !== null && d.days !== undefined && d.days <= 10;

export const handlerDrafts = () => block(t("home.drafts"), () => get("/drafts"), ({ drafts: list = [] }) => [
	list.filter((d) => d.state === "returned").map((d) => notice("bad", t("home.returned", { number: d.number || d.draft }), " ", d.reason || "", " ", link(t("home.returned.go"), `#/draft/${d.draft}/findings`))),
	draftTable(list, empty(t("home.drafts.none"), t("home.drafts.hint"), button(t("drafts.new"), begin, "main-action"))),
]);

export const archivistDrafts = () => [
	block(t("home.submitted"), () => get("/drafts"), ({ drafts: list = [] }) => [
		h("div", { class: "tiles" }, [["submitted", (d) => d.state === "submitted"], ["returned", (d) => d.state === "returned"], ["due", soon]].map(([name, f]) =>
			h("a", { class: "tile", href: `#/drafts?show=${name}` }, h("strong", {}, String(list.filter(f).length)), h("span", {}, t(`home.tile.${name}`))))),
		draftTable(list.filter((d) => d.state === "submitted"), empty(t("home.drafts.none"), t("home.submitted.hint"), link(t("drafts.open"), "#/drafts", "button")), { whose: true }),
	]),
	block(t("home.due"), () => get("/drafts"), ({ drafts: list = [] }) => draftTable(list.filter((d) => soon(d) && d.state !== "submitted"), empty(t("home.due.none"), t("home.due.hint")), { whose: true })),
];

export const proposals = () => block(t("home.proposals"), () => command("ListUsers"), ({ proposals: list = [] }) => table([
	{ label: t("user"), get: (p) => p.user },
	{ label: t("full_name"), get: (p) => p.full_name || "" },
	{ label: t("action"), get: (p) => word("action", p.action) },
	{ label: t("role"), get: (p) => word("role", p.role) },
	{ label: t("by"), get: (p) => p.by || t("log.itself") },
	{ label: t("people.go"), sort: null, get: () => link(t("open"), "#/people") },
], list, { none: empty(t("home.proposals.none"), t("home.proposals.hint")) }));

// The health of the appliance at a glance.
export const health = () => block(t("home.health"), () => command("Status"), (found) => [
	(found.warnings || []).map((w) => notice("warn", t(`status.warning.${w.code}`, {}, w.text || w.code))),
	h("div", { class: "tiles" },
		tile(found.backup?.age_days === undefined ? t("status.backup.never") : t("status.backup.age", { n: found.backup.age_days }), t("status.backup"), !found.backup || found.backup.age_days > 7),
		tile(found.disk?.free === undefined ? "" : size(found.disk.free), t("status.disk.free"), found.disk?.percent >= 90),
		tile(String(found.vault?.cases ?? ""), t("status.cases")),
		tile(found.ledger?.last ? time(found.ledger.last) : "", t("status.ledger.last"))),
	link(t("home.health.more"), "#/status"),
]);
const tile = (value, label, bad) => h("div", { class: `tile ${bad ? "bad" : ""}` }, h("strong", {}, value || "—"), h("span", {}, label), bad ? badge(t("status.look"), "bad") : null);
