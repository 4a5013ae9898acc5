// SPDX-License-Identifier: Apache-2.0
// An official's deputies (代批): named in writing, from one day to another.
import { h, page, sheet, later, empty, table, button, form, field, input, select, toast, confirm, badge, notice } from "../ui.js";
import { t } from "../language.js";
import { me, command } from "../server.js";
import { choicesOf, colleagues, person } from "../persons.js";

const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());

const when = (d) => d.from > today() ? badge(t("deputies.later"), "info") : d.until < today() ? badge(t("state.ended")) : badge(t("state.live"), "good");

export default function deputies() {
	const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
	const mine = (d) => d.official === me().user;
	return page(t("nav.deputies"), { lead: t("deputies.lead") },
		later(() => command("ListDelegations"), ({ delegations = [] }) => sheet(t("deputies.all"), table([
			{ label: t("official"), get: (d) => person(d.official) },
			{ label: t("deputy"), get: (d) => person(d.deputy) },
			{ label: t("deputies.from"), get: (d) => d.from },
			{ label: t("deputies.until"), get: (d) => d.until },
			{ label: t("state"), get: when },
			{ label: "", sort: null, get: (d) => mine(d) ? button(t("deputies.end"), async () => confirm(t("deputies.end"), t("deputies.end.text", { deputy: (await colleagues()).get(d.deputy)?.full_name || d.deputy }), t("deputies.end"), async () => {
				await command("EndDelegation", { delegation: d.delegation });
				toast(t("done"));
				again();
			}), "small") : "" },
		], delegations, { caption: t("deputies.all"), none: empty(t("deputies.none"), t("deputies.hint")) }))),
		sheet(t("deputies.name"), later(() => choicesOf(["handler", "archivist", "official", "supervisor"]), (list) => list.length ? form([h("div", { class: "fields" },
			field(t("deputy"), select("deputy", list)),
			field(t("deputies.from"), input("from", { type: "date", required: true, value: today(), min: today() })),
			field(t("deputies.until"), input("until", { type: "date", required: true, min: today() })))],
		t("deputies.name"), async (given) => {
			if (given.until < given.from) throw new Error(t("deputies.order"));
			await command("Delegate", given);
			toast(t("done"));
			again();
		}) : notice("", t("deputies.nobody")))));
}
