// SPDX-License-Identifier: Apache-2.0
// Readings that somebody should look at: at odd hours, very many, refused, or signing in that failed.  What counts as odd
// is said beside it; the auditor judges.
import { h, page, sheet, later, empty, table, time, form, field, input, badge, replace, size, notice, id } from "../ui.js";
import { t } from "../language.js";
import { get } from "../server.js";
import { word } from "../names.js";
import { person } from "../persons.js";
import { entries } from "./log-entries.js";
import { ranks } from "../charts.js";

const BEGIN_H = 8, END_H = 19;   // of a working day
const MANY_MEMBERS = 30;         // members of one reader within an hour
const MANY_BYTES = 20 * 2 ** 30; // of one reader in a day
const ROWS_MAX = 20000;
const ZONE = "+08:00";

const local = (text) => new Date(new Date(text).getTime() + 8 * 3600000); // read with getUTC…
const dayOf = (text) => local(text).toISOString().slice(0, 10);
const isLate = (r) => {
	const at = local(r.time);
	return at.getUTCHours() < BEGIN_H || at.getUTCHours() >= END_H || at.getUTCDay() === 0 || at.getUTCDay() === 6;
};

async function readings(from, to) {
	const rows = [];
	let after;
	do {
		const found = await get("/readings", { from, to, after, limit: 2000 });
		rows.push(...(found.rows || []));
		after = found.next;
	} while (after !== null && after !== undefined && rows.length < ROWS_MAX);
	return rows;
}

function group(rows, key) {
	const found = new Map();
	for (const row of rows) {
		const name = key(row);
		if (!found.has(name)) found.set(name, []);
		found.get(name).push(row);
	}
	return found;
}

// Readers with very many members within an hour, or bytes in a day.
function crowds(rows) {
	const list = [];
	for (const [, of] of group(rows, (r) => `${r.reader} ${r.time.slice(0, 13)}`))
		if (new Set(of.map((r) => `${r.case}/${r.member}`)).size > MANY_MEMBERS) list.push({ ...of[0], what: t("odd.members", { n: of.length }) });
	for (const [, of] of group(rows, (r) => `${r.reader} ${dayOf(r.time)}`)) {
		const bytes = of.reduce((sum, r) => sum + (r.bytes || 0), 0);
		if (bytes > MANY_BYTES) list.push({ ...of[0], what: t("odd.bytes", { size: size(bytes) }) });
	}
	return list;
}

const readingTable = (rows, caption) => table([
	{ label: t("log.time"), get: (r) => time(r.time), sort: (r) => r.time },
	{ label: t("reader"), get: (r) => r.full_name ? person(r.reader, r.full_name) : t("grant.by.pass") },
	{ label: t("odd.why"), get: (r) => r.what || t("odd.hours") },
	{ label: t("purpose"), get: (r) => word("purpose", r.purpose) },
	{ label: t("grant"), get: (r) => id(r.grant) },
	{ label: t("live.from"), get: (r) => r.address || "" },
], rows, { size: 20, caption, none: empty(t("odd.none")) });

const refusals = (list) => table([
	{ label: t("log.time"), get: (e) => time(e.time), sort: (e) => e.seq },
	{ label: t("log.who"), get: (e) => e.actor?.user || e.user ? person(e.actor?.user || e.user) : t("odd.stranger") },
	{ label: t("odd.why"), get: (e) => e.type === "session.refused" ? t("odd.signin") : e.why ? t(`error.${e.why}`, {}, null) ?? t("word.unknown", { word: e.why }) : "" },
	{ label: t("odd.times"), number: true, get: (e) => e.count || 1, sort: (e) => e.count || 1 },
	{ label: t("live.from"), get: (e) => [e.address, e.addresses].flat().filter(Boolean).join(t("word.and")) },
], list, { size: 20, caption: t("odd.refused"), none: empty(t("odd.none")) });

function byReader(rows) {
	const counts = [...group(rows, (r) => r.full_name || t("grant.by.pass"))].map(([label, of]) => ({ label, value: of.length })).sort((a, b) => b.value - a.value).slice(0, 12);
	return counts.length ? ranks(t("odd.readers", { n: rows.length }), counts) : empty(t("odd.none"));
}

export default function odd() {
	const today = dayOf(new Date().toISOString());
	const month = dayOf(new Date(Date.now() - 30 * 86400000).toISOString());
	const list = h("div");
	const load = ({ from, to }) => replace(list, later(async () => {
		const range = { since: `${from}T00:00:00${ZONE}`, limit: 2000 };
		const [rows, opened, members] = await Promise.all([readings(from, to), entries({ ...range, type: "session.refused" }), entries({ ...range, type: "access.refused" })]);
		return { rows, refused: [...opened.list, ...members.list].filter((e) => dayOf(e.time) <= to).sort((a, b) => b.seq - a.seq) };
	}, ({ rows, refused }) => {
		const late = rows.filter(isLate), many = crowds(rows);
		return [
			rows.length >= ROWS_MAX ? notice("warn", t("odd.more", { n: ROWS_MAX })) : null,
			sheet([t("odd.reading"), " ", badge(String(late.length + many.length), late.length + many.length ? "warn" : "good")], h("p", { class: "soft small" }, t("odd.rule", { from: BEGIN_H, to: END_H, members: MANY_MEMBERS, size: size(MANY_BYTES) })), readingTable([...many, ...late], t("odd.reading"))),
			sheet([t("odd.refused"), " ", badge(String(refused.reduce((n, e) => n + (e.count || 1), 0)), refused.length ? "warn" : "good")], refusals(refused)),
			sheet(t("odd.readers", { n: rows.length }), byReader(rows)),
		];
	}));
	load({ from: month, to: today });
	return page(t("nav.odd"), { lead: t("odd.lead") }, sheet(null, form([h("div", { class: "fields" },
		field(t("log.since"), input("from", { type: "date", value: month, required: true })), field(t("log.until"), input("to", { type: "date", value: today, required: true })))],
	t("log.show"), async (given) => load(given))), list);
}
