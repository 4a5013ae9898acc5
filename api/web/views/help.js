// SPDX-License-Identifier: Apache-2.0
// Help for a role: its day in a few steps.
import { h, page, sheet } from "../ui.js";
import { t } from "../language.js";
import { me } from "../server.js";

export default function help() {
	const role = me()?.role || "party";
	const steps = [];
	for (let i = 1; t(`help.${role}.${i}`, {}, null); i++) steps.push(h("li", {}, t(`help.${role}.${i}`)));
	return page(t("help.title", { role: t(`role.${role}`) }), { lead: t("help.lead") },
		sheet(t("help.steps"), h("ol", {}, steps)),
		sheet(t("help.words"), h("ul", {}, ["case", "grant", "receipt", "seal", "finding", "hold"].map((w) => h("li", {}, t(`help.word.${w}`))))));
}
