// SPDX-License-Identifier: Apache-2.0
// The register of matters (执法台账): what the bureau did, and which of it is archived.
import { h, page, sheet, later, empty, link, table, badge, button, dialog, form, field, input, select, toast, replace, facts, notice, filePicker } from "../ui.js";
import { t } from "../language.js";
import { me, get, post } from "../server.js";
import { organ } from "../names.js";

const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
const category = (c) => c ? t(`w.${c}`, {}, c) : "";
const PAGE = 1000;
const MOST = 20000;

function bring() {
	dialog(t("register.import"), (close) => form([
		h("p", {}, t("register.import.text")),
		h("p", { class: "small soft" }, t("register.import.columns")),
		field(t("register.file"), filePicker("file", { accept: ".csv,text/csv", required: true })),
	], t("register.import"), async ({ file: [file] }) => {
		if (!file) throw new Error(t("register.import.none"));
		const done = await post("/register/import", { csv: await textOf(file) });
		close();
		toast(t("register.imported", { rows: done.rows, recorded: done.recorded, unchanged: done.unchanged }));
		again();
	}, { also: button(t("cancel"), close) }));
}

// Spreadsheets of the region write GB18030 as often as UTF-8.
async function textOf(file) {
	const bytes = await file.arrayBuffer();
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		return new TextDecoder("gb18030").decode(bytes);
	}
}

function add(given = {}) {
	const day = (name) => field(t(`column.${name}`), input(name, { type: "date", value: given[name] || "" }));
	dialog(t(given.number ? "register.change" : "register.add"), (close) => form([
		h("div", { class: "fields" },
			field(t("number"), input("number", { required: true, value: given.number || "", readonly: !!given.number, maxlength: 150 })),
			field(t("column.title"), input("title", { required: true, value: given.title || "" })),
			field(t("column.category"), select("category", [["", t("form.open")], ...["penalty", "inspection", "coercion", "confirmation"].map((c) => [c, category(c)])], given.category || "")),
			field(t("column.unit"), input("unit", { value: given.unit || "" })),
			field(t("column.officers"), input("officers", { value: given.officers || me().full_name || "" }), t("register.officers.hint")),
			day("started"), day("decided"), day("execution_ended"), day("closed")),
	], t("save"), async (row) => {
		await post("/register", { row: { ...given, ...row } });
		close();
		toast(t("saved"));
		again();
	}, { also: button(t("cancel"), close) }));
}

const comparison = () => later(() => get("/register/reconciliation"), (found) => {
	const list = [...(found.unsealed || []).map((r) => ({ ...r, what: r.overdue ? "overdue" : "unsealed" })), ...(found.unregistered || []).map((r) => ({ ...r, what: "unregistered" }))];
	return [
		facts([[t("register.rows"), String(found.rows)], [t("register.matched"), String(found.matched)], [t("register.overdue"), found.overdue ? badge(String(found.overdue), "bad") : "0"], [t("register.unregistered"), String((found.unregistered || []).length)]]),
		table([
			{ label: t("number"), get: (r) => r.case ? link(r.number, `#/case/${r.case}`) : r.number, sort: (r) => r.number },
			{ label: t("title"), get: (r) => r.title || "" },
			{ label: t("organ"), get: (r) => organ(r.organ), sort: (r) => r.organ || "" },
			{ label: t("state"), get: (r) => badge(t(`register.${r.what}`), r.what === "overdue" ? "bad" : "warn") },
			{ label: t("due.label"), get: (r) => r.due ? [r.due, " ", r.days === null || r.days === undefined ? null : badge(r.days < 0 ? t("due.over", { n: -r.days }) : t("due.in", { n: r.days }), r.days < 0 ? "bad" : r.days <= 10 ? "warn" : "")] : "", sort: (r) => r.due || "9" },
		], list, { none: empty(t("register.equal"), t("register.equal.hint")), caption: t("register.compared") }),
	];
});

async function all(year) {
	const rows = [];
	let after, total;
	do {
		const found = await get("/register", { year, limit: PAGE, after });
		rows.push(...(found.rows || []));
		total = found.total;
		after = found.next;
	} while (after && rows.length < MOST);
	return { rows, total };
}

const columns = (writer) => [
	{ label: t("number"), get: (r) => r.case ? link(r.number, `#/case/${r.case}`) : r.number, sort: (r) => r.number },
	{ label: t("column.title"), get: (r) => r.row?.title || "" },
	{ label: t("organ"), get: (r) => organ(r.organ), sort: (r) => r.organ || "" },
	{ label: t("column.category"), get: (r) => category(r.row?.category) },
	{ label: t("column.officers"), get: (r) => r.row?.officers || "" },
	{ label: t("column.decided"), get: (r) => r.row?.decided || "" },
	{ label: t("column.closed"), get: (r) => r.row?.closed || "" },
	{ label: t("state"), get: (r) => r.case ? badge(t("register.sealed"), "good") : badge(t("register.missing"), "warn") },
	...(writer ? [{ label: t("register.row"), sort: null, get: (r) => button(t("edit"), () => add({ ...r.row, number: r.number }), "small", { "aria-label": `${t("edit")} ${r.number}` }) }] : []),
];

export default function register({ query }) {
	const writer = ["handler", "archivist"].includes(me().role);
	const compared = h("div", { "aria-live": "polite" });
	const year = query.get("year") || "";
	const now = new Date().getFullYear();
	const list = h("div");
	const words = h("input", { type: "search", "aria-label": t("register.filter"), placeholder: t("register.filter") });
	return page(t("nav.register"), {
		lead: t("register.lead"),
		actions: [writer ? [button(t("register.add"), () => add(), "main-action"), button(t("register.import"), bring)] : null,
			button(t("register.compare"), () => { replace(compared, sheet(t("register.compared"), comparison())); compared.scrollIntoView({ block: "nearest" }); })],
	}, compared, h("div", { class: "row filter" },
		field(t("year"), select("year", [["", t("any")], ...Array.from({ length: 12 }, (_, i) => [String(now - i), String(now - i)])], year, { onchange: (e) => { location.hash = `#/register${e.target.value ? `?year=${e.target.value}` : ""}`; } })),
		field(t("find.words"), words)),
	later(() => all(year), ({ rows, total }) => {
		const draw = () => {
			const wanted = words.value.trim().toLowerCase();
			const some = wanted ? rows.filter((r) => `${r.number} ${r.row?.title || ""} ${r.row?.officers || ""} ${r.row?.unit || ""}`.toLowerCase().includes(wanted)) : rows;
			replace(list, table(columns(writer), some, { none: rows.length ? empty(t("find.none")) : empty(t("register.none"), t("register.none.hint"), writer ? button(t("register.add"), () => add(), "main-action") : null), caption: t("nav.register") }));
		};
		words.oninput = draw;
		draw();
		return [total > rows.length ? notice("warn", t("register.more", { shown: rows.length, total })) : null, list];
	}));
}
