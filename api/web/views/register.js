// SPDX-License-Identifier: Apache-2.0
// The register of matters (执法台账): what the bureau did, and which of it is archived.
import { h, page, sheet, later, empty, link, table, badge, button, dialog, form, field, toast, replace } from "../ui.js";
import { t } from "../language.js";
import { me, command } from "../server.js";

function bring() {
	dialog(t("register.import"), (close) => form([
		h("p", {}, t("register.import.text")),
		field("CSV", h("input", { type: "file", name: "file", accept: ".csv,text/csv", required: true })),
	], t("register.import"), async ({ file: [file] }) => {
		if (!file) throw new Error(t("register.import.none"));
		const done = await command("ImportRegister", { csv: await file.text() });
		close();
		toast(t("register.imported", { rows: done.rows ?? done.imported ?? "" }));
		window.dispatchEvent(new HashChangeEvent("hashchange"));
	}, { also: button(t("cancel"), close) }));
}

export default function register() {
	const compared = h("div");
	const compare = () => replace(compared, sheet(t("register.compared"), later(() => command("ReconcileRegister"), (found) => {
		const list = [...(found.missing || []).map((r) => ({ ...r, what: "missing" })), ...(found.unregistered || []).map((r) => ({ ...r, what: "unregistered" })), ...(found.rows || [])];
		return table([
			{ label: t("number"), get: (r) => r.case ? link(r.number, `#/case/${r.case}`) : r.number },
			{ label: t("state"), get: (r) => badge(t(`register.${r.what || r.state}`, {}, r.what || r.state), "warn") },
			{ label: t("due"), get: (r) => r.due || "" },
		], list, { none: empty(t("register.equal")) });
	})));
	return page(t("nav.register"), {
		lead: t("register.lead"),
		actions: [["handler", "archivist"].includes(me().role) ? button(t("register.import"), bring, "main-action") : null, button(t("register.compare"), compare)],
	}, compared, later(() => command("ListRegister"), ({ rows = [] }) => {
		const keys = [...new Set(rows.flatMap((r) => Object.keys(r.row || {})))].slice(0, 7);
		return table([
			{ label: t("number"), get: (r) => r.case ? link(r.number, `#/case/${r.case}`) : r.number },
			...keys.filter((k) => k !== "number").map((k) => ({ label: t(`column.${k}`, {}, k), get: (r) => r.row?.[k] ?? "" })),
			{ label: t("state"), get: (r) => r.sealed || r.case ? badge(t("register.sealed"), "good") : badge(t("register.missing"), "warn") },
		], rows, { none: empty(t("register.none"), t("register.none.hint")) });
	}));
}
