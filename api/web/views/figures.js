// SPDX-License-Identifier: Apache-2.0
// Figures of a year (统计分析): shares, months, kinds and weak points; each bar opens the cases behind it.
import { h, page, sheet, later, empty, table, select, facts, link, button } from "../ui.js";
import { t } from "../language.js";
import { me, get } from "../server.js";
import { organ } from "../names.js";
import { shares, columns, ranks } from "../charts.js";

const RATES = ["archived_in_time", "legal_review", "stored_in_time", "recorded_whole", "published_in_time", "reviews_passed", "requests_approved"];
const KINDS = { yes: "good", no: "bad", unknown: "unknown" };

// "IM23" is article 23 of the region's rules; the papers write articles in Chinese numerals.
const DIGITS = "〇一二三四五六七八九";
const numeral = (n) => n > 99 ? String(n) : `${n > 19 ? DIGITS[Math.floor(n / 10)] : ""}${n > 9 ? "十" : ""}${n % 10 || !n ? DIGITS[n % 10] : ""}`;
function article(code) {
	const found = code.match(/^(IM|YQ)(\d+)$/);
	return found ? t(`article.${found[1]}`, { n: found[2], zh: numeral(Number(found[2])) }) : code;
}
const labelOf = (name, label) => name === "article_defects" ? article(label) : t(`label.${name}.${label}`, {}, null) ?? t(`label.${label}`, {}, null) ?? (/^\d{4}-\d\d$/.test(label) ? t("month.n", { n: Number(label.slice(5)) }) : /^\d{1,2}$/.test(label) ? t("month.n", { n: Number(label) }) : label);
const at = (year, name, label) => `#/figures?${new URLSearchParams({ year, figure: name, key: label })}`;
const rowsOf = (year, name, list) => (list || []).map((r) => ({ label: labelOf(name, r.label), value: r.value, kind: KINDS[r.label] || "", href: r.cases?.length ? at(year, name, r.label) : undefined }));

// A request, a case that is sealed, or one that the register alone knows.
const behindLink = (c) => /^R\d+$/.test(c.number || "") ? link(c.number, `#/request/${c.number}`) : c.case && me().role !== "auditor" ? link(c.number || t("case.nameless"), `#/case/${c.case}`) : c.number || t("case.nameless");

function behind(found, year, figure, key) {
	const row = (found.figures?.[figure] || []).find((r) => r.label === key);
	return sheet([t("figure.behind.of", { figure: t(`figure.${figure}`, {}, figure), label: labelOf(figure, key) })],
		table([
			{ label: t("number"), get: behindLink, sort: (c) => c.number || "" },
			{ label: t("figure.where"), get: (c) => c.case ? t("figure.sealed.yes") : /^R\d+$/.test(c.number || "") ? t("request") : t("figure.sealed.no") },
		], row?.cases || [], { size: 20, caption: t("figure.behind"), none: empty(t("figure.behind.none"), t("figure.behind.hint")) }),
		link(t("figures.back"), `#/figures?year=${year}`, "button"));
}

function rate(found, year, name) {
	const list = found.figures?.[name];
	if (!list?.length) return null;
	const value = found.rates?.[name];
	const order = ["yes", "no", "unknown"];
	const rows = rowsOf(year, name, [...list].sort((a, b) => order.indexOf(a.label) - order.indexOf(b.label)));
	return sheet([t(`figure.${name}`), " ", h("span", { class: "big" }, value === null || value === undefined ? t("figure.norate") : `${(100 * value).toFixed(1)} %`)],
		shares(t(`figure.${name}`), rows), h("p", { class: "soft small" }, t(`figure.${name}.what`)));
}

// January to December, those without a case too.
function months(found, year) {
	const list = found.figures?.sealed_by_month || [];
	const rows = Array.from({ length: 12 }, (_, i) => {
		const row = list.find((r) => Number(r.label.slice(-2)) === i + 1);
		return { label: t("month.short", { n: i + 1 }), value: row?.value || 0, href: row?.cases?.length ? at(year, "sealed_by_month", row.label) : undefined };
	});
	return list.length ? sheet(t("figure.sealed_by_month"), columns(t("figure.sealed_by_month"), rows)) : null;
}

const ranked = (found, year, name) => found.figures?.[name]?.length ? sheet(t(`figure.${name}`), ranks(t(`figure.${name}`), rowsOf(year, name, found.figures[name])), t(`figure.${name}.what`, {}, null) ? h("p", { class: "soft small" }, t(`figure.${name}.what`)) : null) : null;

// Where the defects are: by unit and organ, of the counts that the keeper keeps beside the articles.
function weak(found) {
	const sum = new Map();
	for (const g of (found.groups || []).filter((x) => x.figure === "article_defects")) {
		const key = `${g.organ || ""}\n${g.unit || ""}`;
		const value = Object.entries(g).filter(([k, v]) => typeof v === "number" && !["organ", "unit", "category"].includes(k)).reduce((n, [, v]) => n + v, 0);
		sum.set(key, (sum.get(key) || 0) + value);
	}
	if (!sum.size) return null;
	return sheet(t("figure.weak"), table([
		{ label: t("organ"), get: (r) => organ(r.organ) },
		{ label: t("column.unit"), get: (r) => r.unit || t("figure.unit.none") },
		{ label: t("figure.defects"), number: true, get: (r) => r.value, sort: (r) => r.value },
	], [...sum].map(([key, value]) => ({ organ: key.split("\n")[0], unit: key.split("\n")[1], value })).sort((a, b) => b.value - a.value), { size: 10, caption: t("figure.weak") }));
}

function draw(found, year) {
	const sums = Object.entries(found.sums || {}).filter(([, v]) => Number(v?.value ?? v)).map(([k, v]) => [t(`figure.${k}`, {}, k), t("figure.yuan", { sum: Number(v?.value ?? v).toLocaleString(t("locale"), { minimumFractionDigits: 2 }) })]);
	const hours = found.hours?.count ? [[t("figure.count"), found.hours.count], [t("figure.median"), t("figure.h", { n: found.hours.median.toFixed(1) })], [t("figure.p90"), t("figure.h", { n: found.hours.p90.toFixed(1) })]] : [];
	const rates = RATES.map((name) => rate(found, year, name)).filter(Boolean);
	const rest = [months(found, year), ...["sealed_by_category", "article_defects", "outcomes", "disputes"].map((name) => ranked(found, year, name)), weak(found),
		hours.length ? sheet(t("figure.hours"), facts(hours)) : null, sums.length ? sheet(t("figures.sums"), facts(sums)) : null].filter(Boolean);
	if (!rates.length && !rest.length) return empty(t("figures.none", { year }), t("figures.none.hint"));
	return h("div", { class: "grid wide" }, rates, rest);
}

export default function figures({ query }) {
	const now = new Date().getFullYear();
	const year = Number(query.get("year")) || now;
	const years = Array.from({ length: 8 }, (_, i) => [String(now - i), t("year.n", { n: now - i })]);
	return page(t("nav.figures"), { lead: me().role === "auditor" ? t("figures.lead.auditor") : t("figures.lead"),
		actions: [select("year", years, String(year), { "aria-label": t("year"), onchange: (e) => { location.hash = `#/figures?year=${e.target.value}`; } }), button(t("print"), () => window.print())] },
	later(() => get("/stats", { year }), (found) => query.get("figure") ? behind(found, year, query.get("figure"), query.get("key")) : draw(found, year)));
}
