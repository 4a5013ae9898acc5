// SPDX-License-Identifier: Apache-2.0
// Figures of a year: each bar opens the cases behind it.
import { h, page, sheet, later, empty, table, select, facts, link } from "../ui.js";
import { t } from "../language.js";
import { get } from "../server.js";
import { bars, line } from "../pictures.js";

function draw(year, name, value) {
	const title = t(`figure.${name}`, {}, name);
	if (!value || typeof value !== "object") return null;
	const list = Array.isArray(value) ? value : Object.entries(value).map(([label, v]) => ({ label, ...(typeof v === "object" ? v : { value: v }) }));
	const rows = list.map((r) => ({
		label: t(`label.${r.label ?? r.key}`, {}, String(r.label ?? r.key ?? r.month ?? "")),
		value: r.value ?? r.count ?? r.cases?.length ?? 0,
		cases: r.cases,
		href: r.cases?.length ? `#/figures?year=${year}&figure=${name}&key=${encodeURIComponent(r.label ?? r.key ?? r.month)}` : undefined,
	}));
	if (!rows.length) return null;
	return sheet(title, name.includes("month") ? line(rows) : bars(rows));
}

function behind(found, figure, key) {
	const value = found[figure] || found.figures?.[figure];
	const list = Array.isArray(value) ? value : Object.entries(value || {}).map(([label, v]) => ({ label, ...v }));
	const row = list.find((r) => String(r.label ?? r.key ?? r.month) === key);
	return sheet(t("figure.behind"), table([
		{ label: t("number"), get: (c) => c.case ? link(c.number || c.case, `#/case/${c.case}`) : /^R\d/.test(c.number || "") ? link(c.number, `#/request/${c.number}`) : c.number || c },
		{ label: t("title"), get: (c) => c.title || "" },
	], row?.cases || [], { none: empty(t("nothing")) }));
}

export default function figures({ query }) {
	const now = new Date().getFullYear();
	const year = Number(query.get("year")) || now;
	const years = Array.from({ length: 8 }, (_, i) => [String(now - i), String(now - i)]);
	return page(t("nav.figures"), { lead: t("figures.lead"),
		actions: select("year", years, String(year), { "aria-label": t("year"), onchange: (e) => { location.hash = `#/figures?year=${e.target.value}`; } }) },
	later(() => get("/stats", { year }), (found) => {
		const all = found.figures || {};
		const rates = Object.entries(found.rates || {}).map(([k, v]) => [t(`figure.${k}`, {}, k), `${(100 * v).toFixed(1)} %`]);
		const sums = Object.entries(found.sums || {}).map(([k, v]) => [t(`figure.${k}`, {}, k), typeof v === "object" ? v.value ?? "" : String(v)]);
		const hours = found.hours?.count ? Object.entries(found.hours).map(([k, v]) => [t(`figure.${k}`, {}, k), v]) : [];
		const charts = Object.entries(all).map(([k, v]) => draw(year, k, v)).filter(Boolean);
		if (!charts.length && !rates.length && !sums.length) return empty(t("figures.none", { year }), t("figures.none.hint"));
		return [
			query.get("figure") ? behind(found, query.get("figure"), query.get("key")) : null,
			h("div", { class: "grid" },
				rates.length ? sheet(t("figures.rates"), facts(rates)) : null,
				hours.length ? sheet(t("figure.hours"), facts(hours)) : null,
				sums.length ? sheet(t("figures.sums"), facts(sums)) : null),
			h("div", { class: "grid wide" }, charts),
		];
	}));
}
