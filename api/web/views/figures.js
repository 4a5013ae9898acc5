// SPDX-License-Identifier: Apache-2.0
// Figures of a year: each bar opens the cases behind it.
import { h, page, sheet, later, empty, table, select, facts, link } from "../ui.js";
import { t } from "../language.js";
import { get } from "../server.js";
import { bars, line } from "../pictures.js";

function draw(year, name, value) {
	const title = t(`figure.${name}`, {}, name);
	if (typeof value === "number") return null;
	const list = Array.isArray(value) ? value : Object.entries(value).map(([label, v]) => ({ label, ...(typeof v === "object" ? v : { value: v }) }));
	const rows = list.map((r) => ({
		label: t(`figure.${name}.${r.label ?? r.key}`, {}, String(r.label ?? r.key ?? r.month ?? "")),
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
		{ label: t("number"), get: (c) => link(c.number || c, `#/case/${c.case || c}`) },
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
		const all = found.figures || found;
		const numbers = Object.entries(all).filter(([k, v]) => typeof v === "number" && k !== "year");
		return [
			query.get("figure") ? behind(found, query.get("figure"), query.get("key")) : null,
			numbers.length ? sheet(t("figures.year", { year }), facts(numbers.map(([k, v]) => [t(`figure.${k}`, {}, k), v]))) : null,
			h("div", { class: "grid" }, Object.entries(all).filter(([, v]) => v && typeof v === "object").map(([k, v]) => draw(year, k, v))),
		];
	}));
}
