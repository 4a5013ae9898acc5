// SPDX-License-Identifier: Apache-2.0
// The counter: applications of parties, requests for them, and passes that are printed and handed over.
import { h, page, sheet, later, empty, link, table, time, state, button, dialog, form, field, select, facts } from "../ui.js";
import { t } from "../language.js";
import { command, get } from "../server.js";

function issue(grant) {
	dialog(t("pass.issue"), (close) => form([
		h("p", {}, t("pass.issue.text")),
		field(t("pass.identity"), select("identity", ["id-card", "passport", "lawyer-licence", "other"].map((k) => [k, t(`identity.${k}`)]))),
	], t("pass.issue"), async ({ identity }) => {
		const pass = await command("IssuePass", { grant, identity });
		close();
		dialog(t("pass.print"), (shut) => [
			facts([[t("pass.code"), h("strong", { class: "mono" }, pass.pass || pass.code)], [t("until"), time(pass.until)], [t("grant"), grant]]),
			h("p", {}, t("pass.once")),
			h("div", { class: "actions" }, button(t("print"), () => window.print(), "main-action"), button(t("close"), shut)),
		]);
	}, { also: button(t("cancel"), close) }));
}

export default function counter() {
	return page(t("nav.counter"), { lead: t("counter.lead"), actions: link(t("counter.ask"), "#/ask", "button main-action") },
		sheet(t("counter.passes"), later(() => get("/grants"), ({ grants = [] }) => table([
			{ label: t("grant"), get: (g) => g.grant },
			{ label: t("request"), get: (g) => link(g.request, `#/request/${g.request}`) },
			{ label: t("purpose"), get: (g) => t(`purpose.${g.purpose}`, {}, g.purpose) },
			{ label: t("until"), get: (g) => time(g.until) },
			{ label: "", sort: null, get: (g) => button(t("pass.issue"), () => issue(g.grant), "small") },
		], grants.filter((g) => g.state === "live" && !g.reader), { none: empty(t("counter.passes.none"), t("counter.passes.hint")) }))),
		sheet(t("counter.applications"), later(() => command("ListApplications"), ({ applications = [] }) => table([
			{ label: t("application"), get: (a) => a.application },
			{ label: t("filed.at"), get: (a) => time(a.filed_at) },
			{ label: t("apply.name"), get: (a) => a.name },
			{ label: t("number"), get: (a) => a.number },
			{ label: t("apply.contact"), get: (a) => a.contact },
			{ label: t("reason"), get: (a) => a.reason },
			{ label: t("state"), get: (a) => state(a.stage || a.state) },
		], applications, { none: empty(t("counter.applications.none"), t("counter.applications.hint")) }))));
}
