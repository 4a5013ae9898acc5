// SPDX-License-Identifier: Apache-2.0
// Cases that are being gathered (待归档案卷), nearest filing deadline first.
import { page, later, empty, link, table, state, badge, left, button, dialog, form, field, input, toast } from "../ui.js";
import { t } from "../language.js";
import { me, get, post } from "../server.js";

function begin() {
	dialog(t("drafts.new"), (close) => form([
		field(t("number"), input("number", { required: true, placeholder: "样医保罚〔2025〕1号" }), t("drafts.new.hint")),
		field(t("title"), input("title", { required: true, placeholder: t("drafts.title.hint") })),
	], t("drafts.begin"), async ({ number, title }) => {
		const made = await post("/drafts", { number, description: { number, title } });
		close();
		location.hash = `#/draft/${made.draft}`;
		toast(t("drafts.made"));
	}, { also: button(t("cancel"), close) }));
}

export default function drafts() {
	return page(t("nav.drafts"), {
		lead: t(me().role === "archivist" ? "drafts.lead.archivist" : "drafts.lead"),
		actions: button(t("drafts.new"), begin, "main-action"),
	}, later(() => get("/drafts"), ({ drafts: list = [] }) => table([
		{ label: t("draft"), get: (d) => link(d.draft, `#/draft/${d.draft}`) },
		{ label: t("number"), get: (d) => d.number || "" },
		{ label: t("title"), get: (d) => d.title || "" },
		{ label: t("handler"), get: (d) => d.handler || "" },
		{ label: t("members"), number: true, get: (d) => Array.isArray(d.members) ? d.members.length : d.members ?? "" },
		{ label: t("due"), get: (d) => d.due ? [d.due, " ", badge(left(d.due), new Date(d.due) < Date.now() ? "bad" : "warn")] : "", sort: (d) => d.due || "9" },
		{ label: t("state"), get: (d) => state(d.state) },
	], [...list].sort((a, b) => (a.due || "9").localeCompare(b.due || "9")), { none: empty(t("drafts.none"), t("drafts.none.hint"), button(t("drafts.new"), begin, "main-action")) })));
}
