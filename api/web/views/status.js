// SPDX-License-Identifier: Apache-2.0
// The state of the appliance, and its configuration as it is in force.
import { h, page, sheet, later, facts, notice, table, size, time } from "../ui.js";
import { t } from "../language.js";
import { command } from "../server.js";

const value = (key, v) => {
	if (v === null || v === undefined) return "";
	if (typeof v === "boolean") return t(v ? "yes" : "no");
	if (/bytes|free|total|used/.test(key) && typeof v === "number") return size(v);
	if (/(_at|time|until|since|last|wall|ledger)$/.test(key) && typeof v === "string") return time(v);
	if (Array.isArray(v)) return h("ul", {}, v.map((x) => h("li", {}, typeof x === "object" ? Object.values(x).map((y) => /^\d{4}-.*Z$/.test(y) ? time(y) : y).join(" · ") : String(x))));
	if (typeof v === "object") return h("dl", { class: "facts" }, Object.entries(v).map(([k, x]) => [h("dt", {}, t(`status.${k}`, {}, k)), h("dd", {}, value(k, x))]));
	return String(v);
};

export default function status() {
	return page(t("nav.status"), { lead: t("status.lead") },
		later(() => command("Status"), (found) => [
			(found.warnings || []).map((w) => notice("warn", typeof w === "string" ? w : w.text || w.en || w.code)),
			Object.entries(found).filter(([k]) => k !== "warnings").map(([k, v]) => sheet(t(`status.${k}`, {}, k),
				v && typeof v === "object" && !Array.isArray(v) ? facts(Object.entries(v).map(([key, x]) => [t(`status.${key}`, {}, key), value(key, x)])) : h("p", {}, value(k, v)))),
		]),
		sheet(t("status.configuration"), later(() => command("Configure"), (found) => {
			const list = found.configuration || found.config || found;
			return table([
				{ label: t("key"), get: (r) => h("code", {}, r.key || r.name) },
				{ label: t("value"), get: (r) => String(r.value ?? "") },
			], Array.isArray(list) ? list : Object.entries(list).map(([key, v]) => ({ key, value: v })));
		})));
}
