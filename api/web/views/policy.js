// SPDX-License-Identifier: Apache-2.0
// The approval table: who must approve what.  The administrator proposes a table, an official confirms it.
import { h, page, sheet, later, table, button, form, field, area, toast, notice, confirm } from "../ui.js";
import { t } from "../language.js";
import { notJson } from "../errors.js";
import { me, command } from "../server.js";

const list = (rule, key, prefix) => rule[key]?.length ? rule[key].map((w) => t(`${prefix}.${w}`, {}, w)).join(t("word.and")) : t("any");

export const rules = (policy) => table([
	{ label: t("policy.class"), get: (r) => list(r, "class", "class.of") },
	{ label: t("purpose"), get: (r) => list(r, "purpose", "purpose") },
	{ label: t("channels"), get: (r) => list(r, "channels", "channel") },
	{ label: t("classification"), get: (r) => list(r, "classification", "classification") },
	{ label: t("policy.approvals"), number: true, get: (r) => r.approvals },
	{ label: t("papers"), get: (r) => (r.papers || []).map((p) => t(`paper.${p}`, {}, p)).join(t("word.and")) },
], policy?.rules || []);

export default function policy() {
	const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
	return page(t("nav.policy"), { lead: t("policy.lead") }, later(() => command("ShowPolicy"), (found) => [
		sheet(t("policy.holds"), rules(found.table), h("p", { class: "small soft" }, h("code", {}, found.policy))),
		(found.proposed || []).map((p) => sheet(t("policy.proposed"), notice("warn", t("policy.waits")), rules(p.table),
			me().role === "official" ? button(t("policy.confirm"), () => confirm(t("policy.confirm"), t("policy.confirm.text"), t("policy.confirm"), async () => { await command("ConfirmPolicy", { policy: p.policy }); again(); }), "seal") : null)),
		me().role === "admin" ? sheet(t("policy.propose"), form([
			field("JSON", area("table", { required: true, class: "mono", rows: 14, value: JSON.stringify(found.table, null, 2) })),
		], t("policy.propose"), async ({ table: text }) => {
			let value;
			try {
				value = JSON.parse(text);
			} catch (error) {
				throw new Error(notJson(error));
			}
			await command("ProposePolicy", { table: value });
			toast(t("people.proposed"));
			again();
		})) : null,
	]));
}
