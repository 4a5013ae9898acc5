// SPDX-License-Identifier: Apache-2.0
// The log (操作留痕台账): entries with filters, a receipt of each, and the tree checked in the browser.
import { h, page, sheet, later, empty, table, time, button, form, field, input, select, replace, notice, toast, say, dialog, facts } from "../ui.js";
import { t } from "../language.js";
import { get, command, send } from "../server.js";
import { checkTree } from "../merkle.js";

const types = ["user.proposed", "user.confirmed", "user.disabled", "session.opened", "session.refused", "request.filed", "request.decided", "grant.revoked",
	"grant.returned", "access.opened", "access.closed", "access.refused", "export.made", "case.sealed", "fixity.passed", "fixity.failed", "backup.made", "policy.changed", "clock.set"];
const SIZE = 100;
const parse = (entry) => typeof entry === "string" ? JSON.parse(entry) : entry;

function show(entry) {
	dialog(t("log.entry", { seq: entry.seq }), (close) => [
		facts(Object.entries(entry).filter(([k]) => !["v", "salt"].includes(k)).map(([k, v]) => [k, typeof v === "object" ? JSON.stringify(v) : String(v)])),
		h("div", { class: "actions" }, button(t("receipt.save"), () => save(entry.seq)), button(t("close"), close)),
	]);
}

export async function save(seq) {
	try {
		const answer = await get(`/ledger/proof/${seq}`);
		const text = answer.receipt || answer;
		const a = h("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: `${seq}.tlog-proof` });
		a.click();
		setTimeout(() => URL.revokeObjectURL(a.href), 1000);
	} catch (error) {
		toast(say(error), "bad");
	}
}

const rows = (entries) => table([
	{ label: t("log.seq"), number: true, get: (e) => button(String(e.seq), () => show(e), "quiet small"), sort: (e) => e.seq },
	{ label: t("log.time"), get: (e) => time(e.time), sort: (e) => e.time },
	{ label: t("log.type"), get: (e) => t(`entry.${e.type}`, {}, e.type) },
	{ label: t("log.who"), get: (e) => e.actor?.user || (e.actor?.pass && t("grant.by.pass")) || e.actor?.login || t("log.itself") },
	{ label: t("log.what"), get: (e) => [e.number, e.case, e.grant, e.request, e.user, e.why].filter(Boolean).slice(0, 2).join(" · ") },
], entries, { size: SIZE, none: empty(t("log.none")) });

async function verify(place) {
	replace(place, h("p", {}, t("log.verifying")), h("progress", { "aria-label": t("log.verifying") }));
	try {
		const [keeper, own] = [await command("VerifyLedger"), await checkTree((path) => send("GET", path, undefined, { raw: true }))];
		const good = keeper.ok && own.ok;
		replace(place, notice(good ? "good" : "bad", t(good ? "log.whole" : "log.broken", { size: keeper.size, first: keeper.first_wrong ?? "" }), h("p", { class: "small" }, h("code", {}, keeper.root))));
	} catch (error) {
		replace(place, notice("bad", say(error)));
	}
}

export default function log({ query }) {
	const place = h("div", { "aria-live": "polite" });
	const list = h("div");
	const load = (given) => replace(list, later(async () => {
		const { checkpoint } = await get("/ledger/checkpoint").catch(() => ({}));
		const size = Number((checkpoint || "").split("\n")[1]) || 0;
		const from = given.from !== undefined ? Number(given.from) : Math.max(0, size - SIZE);
		return get("/ledger/entries", { from, limit: given.type ? 1000 : SIZE * 5, type: given.type });
	}, ({ entries = [] }) => rows(entries.map(parse).reverse())));
	load(Object.fromEntries(query));
	return page(t("nav.log"), { lead: t("log.lead"), actions: button(t("log.verify"), () => verify(place)) }, place,
		sheet(null, form([h("div", { class: "fields" },
			field(t("log.type"), select("type", [["", t("any")], ...types.map((x) => [x, t(`entry.${x}`)])], query.get("type") || "")),
			field(t("log.from"), input("from", { type: "number", min: 0, value: query.get("from") || "" }), t("log.from.hint")))],
		t("log.show"), (given) => load(given))), list);
}
