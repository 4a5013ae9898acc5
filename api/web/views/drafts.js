// SPDX-License-Identifier: Apache-2.0
// Cases that are being gathered (待归档案卷), nearest filing deadline first.
import { h, page, later, empty, link, table, state, button, dialog, form, field, input, toast, ways } from "../ui.js";
import { t } from "../language.js";
import { me, get, post } from "../server.js";
import { organ } from "../names.js";
import { dueBadge } from "./draft.js";

export function begin() {
	dialog(t("drafts.new"), (close) => form([
		field(t("number"), input("number", { required: true, placeholder: "样医保罚〔2025〕1号", maxlength: 150 }), t("drafts.new.hint")),
		field(t("title"), input("title", { required: true, placeholder: t("drafts.title.hint"), maxlength: 500 })),
	], t("drafts.begin"), async ({ number, title }) => {
		const made = await post("/drafts", { number, description: { number, title } });
		close();
		location.hash = `#/draft/${made.draft}`;
		toast(t("drafts.made"));
	}, { also: button(t("cancel"), close) }));
}

const order = (d) => d.days === null || d.days === undefined ? 1e9 : d.days;

// The rows as home and this list have them.
export const draftTable = (list, none, { whose } = {}) => table([
	{ label: t("number"), get: (d) => link(d.number || t("draft.unnumbered"), `#/draft/${d.draft}`), sort: (d) => d.number || "" },
	{ label: t("title"), get: (d) => d.title || h("span", { class: "soft" }, t("draft.untitled")), sort: (d) => d.title || "" },
	...(whose ? [{ label: t("handler"), get: (d) => d.handler_name || d.handler || "" }, { label: t("organ"), get: (d) => organ(d.organ, d.organ_name) }] : []),
	{ label: t("members"), number: true, get: (d) => d.listed ?? "" },
	{ label: t("due.label"), get: dueBadge, sort: order },
	{ label: t("state"), get: (d) => [state(d.state), d.state === "returned" && d.reason ? h("div", { class: "small soft clip" }, d.reason) : null] },
], [...list].sort((a, b) => order(a) - order(b)), { none, caption: t("nav.drafts") });

const groups = { all: null, gathering: ["open"], submitted: ["submitted"], returned: ["returned"], due: "due" };

export default function drafts({ query }) {
	const archivist = me().role === "archivist";
	const chosen = query.get("show") || "all";
	const wanted = (d) => chosen === "due" ? d.days !== null && d.days !== undefined && d.days <= 10 : !groups[chosen] || groups[chosen].includes(d.state);
	return page(t("nav.drafts"), {
		lead: t(archivist ? "drafts.lead.archivist" : "drafts.lead"),
		actions: button(t("drafts.new"), begin, "main-action"),
	}, later(() => get("/drafts"), ({ drafts: list = [] }) => [
		ways(t("drafts.groups"), Object.keys(groups).map((name) => {
			const n = list.filter((d) => name === "due" ? d.days !== null && d.days !== undefined && d.days <= 10 : !groups[name] || groups[name].includes(d.state)).length;
			return [`#/drafts?show=${name}`, t(`drafts.group.${name}`, { n }), name === chosen];
		})),
		draftTable(list.filter(wanted), list.length ? empty(t("drafts.group.none"), null, link(t("drafts.group.all", { n: list.length }), "#/drafts", "button"))
			: empty(t("drafts.none"), t("drafts.none.hint"), button(t("drafts.new"), begin, "main-action")), { whose: archivist }),
	]));
}
