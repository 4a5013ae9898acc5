// SPDX-License-Identifier: Apache-2.0
// An official's deputies (代批): named in writing, from one day to another.
import { h, page, sheet, later, empty, table, button, form, field, input, toast, confirm } from "../ui.js";
import { t } from "../language.js";
import { command } from "../server.js";

export default function deputies() {
	const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
	const today = new Date().toISOString().slice(0, 10);
	return page(t("nav.deputies"), { lead: t("deputies.lead") },
		sheet(t("deputies.name"), form([h("div", { class: "fields" },
			field(t("deputy"), input("deputy", { required: true })),
			field(t("deputies.from"), input("from", { type: "date", required: true, value: today })),
			field(t("deputies.until"), input("until", { type: "date", required: true, min: today })))],
		t("deputies.name"), async (given) => { await command("Delegate", given); toast(t("done")); again(); })),
		later(() => command("ListDelegations"), ({ delegations = [] }) => table([
			{ label: t("official"), get: (d) => d.official },
			{ label: t("deputy"), get: (d) => d.deputy },
			{ label: t("deputies.from"), get: (d) => d.from },
			{ label: t("deputies.until"), get: (d) => d.until },
			{ label: "", sort: null, get: (d) => button(t("deputies.end"), () => confirm(t("deputies.end"), t("deputies.end.text", { deputy: d.deputy }), t("deputies.end"), async () => {
				await command("EndDelegation", { delegation: d.delegation });
				again();
			}), "small") },
		], delegations, { none: empty(t("deputies.none"), t("deputies.hint")) })));
}
