// SPDX-License-Identifier: Apache-2.0
// Finding sealed cases by number, words, party, category and date.
import { h, page, sheet, form, field, input, select, later, empty, link, table, time, button, replace } from "../ui.js";
import { t } from "../language.js";
import { me, get, onSession } from "../server.js";
import { organ } from "../names.js";

const columns = () => [
	{ label: t("number"), get: (c) => link(c.number, `#/case/${c.case}`) },
	{ label: t("title"), get: (c) => c.title },
	{ label: t("category"), get: (c) => c.category ? t(`w.${c.category}`, {}, c.category) : "" },
	{ label: t("organ"), get: (c) => organ(c.organ) },
	{ label: t("sealed.at"), get: (c) => time(c.sealed_at), sort: (c) => c.sealed_at },
	{ label: t("parts"), number: true, get: (c) => Array.isArray(c.parts) ? c.parts.length : c.parts },
];

function results(query) {
	const rows = [];
	const place = h("div");
	const load = async (after) => {
		const found = await get("/cases", { ...query, after, limit: 100 });
		rows.push(...found.cases);
		return found;
	};
	const show = (found) => [
		h("p", { class: "soft" }, t("find.total", { total: found.total })),
		found.total > 0 && !rows.length ? null : table(columns(), rows, { size: 100, none: empty(t("find.none"), t("find.none.hint")) }),
		found.next ? button(t("find.more"), () => replace(place, later(() => load(found.next), show))) : null,
	];
	return replace(place, later(() => load(), show));
}

// What was looked for is kept here and not in the address: browsers write addresses into their history, on disk.
let last = {};
onSession(() => { last = {}; });

export default function find() {
	const given = last;
	const answer = h("div", {}, results(given));
	return page(t("nav.find"), { lead: t("find.lead"), actions: me().role === "auditor" ? null : link(t("ask"), "#/ask", "button") },
		sheet(null, form([
			h("div", { class: "fields" },
				field(t("find.words"), input("q", { value: given.q || "", type: "search", placeholder: t("find.words.hint") })),
				field(t("number"), input("number", { value: given.number || "" })),
				field(t("find.party"), input("party", { value: given.party || "" })),
				field(t("category"), select("category", [["", t("any")], ...["penalty", "inspection", "coercion", "confirmation"].map((c) => [c, t(`w.${c}`)])], given.category || "")),
				field(t("find.from"), input("from", { type: "date", value: given.from || "" })),
				field(t("find.to"), input("to", { type: "date", value: given.to || "" }))),
		], t("find"), (values) => {
			last = values;
			replace(answer, results(values));
		})),
		answer);
}
