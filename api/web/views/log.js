// SPDX-License-Identifier: Apache-2.0
// The log (操作留痕台账): entries with filters, a receipt of each, and the tree checked in the browser.
import { h, page, sheet, later, button, form, field, input, select, replace, notice, say } from "../ui.js";
import { t } from "../language.js";
import { me, command, job, send } from "../server.js";
import { checkTree, verifySignature, readCheckpoint, hex } from "../merkle.js";
import { choicesOf } from "../persons.js";
import { entries, entryRows, typeName } from "./log-entries.js";
import { saveButton } from "./receipts.js";

const TYPES = ["ledger.opened", "user.proposed", "user.confirmed", "user.dropped", "user.changed", "user.disabled", "session.opened", "session.closed", "session.refused", "organ.added",
	"register.recorded", "draft.opened", "draft.changed", "draft.viewed", "draft.submitted", "draft.returned", "draft.dropped", "authority.delegated", "authority.ended", "case.sealed", "case.imported",
	"application.filed", "application.dropped", "pass.issued", "pass.used", "request.filed", "request.scope", "request.decided", "request.withdrawn", "grant.revoked", "grant.returned",
	"escort.began", "escort.ended", "access.opened", "access.closed", "access.refused", "export.made", "review.seeded", "review.drawn", "review.recorded", "review.finding",
	"fixity.passed", "fixity.failed", "hold.placed", "hold.released", "disposal.proposed", "disposal.approved", "disposal.done", "rulebook.changed", "policy.proposed", "policy.changed",
	"config.changed", "key.changed", "clock.set", "backup.made", "index.rebuilt"];
const SIZE = 500;
const ZONE = "+08:00"; // days are those of the appliance's zone

// The days of the form as moments: the last day counts whole.
const since = (day) => day ? `${day}T00:00:00${ZONE}` : undefined;
const until = (day) => day ? `${new Date(Date.parse(`${day}T00:00:00Z`) + 86400000).toISOString().slice(0, 10)}T00:00:00${ZONE}` : undefined;

/*
 * The log is whole when three agree: the keeper's own walk through all entries and what follows from them, the tree
 * that this browser makes of all published leaves, and the signature on the checkpoint.
 */
async function verify(place) {
	const bar = h("progress", { max: 100, "aria-label": t("log.verifying") });
	const step = h("p", { role: "status" }, t("log.verifying"));
	replace(place, sheet(null, step, bar));
	const tell = (words) => (done, total) => {
		step.textContent = t(words, { done, total });
		bar.value = total ? 100 * done / total : 0;
	};
	try {
		const raw = (path) => send("GET", path, undefined, { raw: true });
		const published = await command("LedgerCheckpoint");
		const checkpoint = readCheckpoint(published.checkpoint), { size } = checkpoint;
		const own = await checkTree(checkpoint, raw, tell("log.verify.tree"));
		const signed = await verifySignature(checkpoint, published.verifier);
		const keeper = me().role === "auditor" ? await job("/ledger/verification", null, tell("log.verify.keeper")) : { ok: true, size };
		const good = keeper.ok && own && signed !== false;
		const broken = Number.isInteger(keeper.first_wrong) ? "log.broken" : "log.broken_tree";
		replace(place, notice(good ? "good" : "bad", h("strong", {}, t(good ? "log.whole" : broken, { size, first: keeper.first_wrong })),
			h("ul", { class: "plain small" },
				h("li", {}, mark(own), t("log.said.tree", { size })),
				h("li", {}, mark(keeper.ok), t("log.said.keeper", { size: keeper.size })),
				h("li", {}, mark(signed), t(signed === null ? "log.said.no_ed25519" : "log.said.signed"))),
			h("p", { class: "small" }, t("log.root"), h("code", {}, hex(checkpoint.root)))));
	} catch (error) {
		replace(place, notice("bad", say(error)));
	}
}
const mark = (good) => h("span", { class: good ? "good" : "bad" }, good ? "✓ " : good === null ? "– " : "✗ ");

export default function log({ query }) {
	const place = h("div", { "aria-live": "polite" });
	const list = h("div");
	const load = (given) => {
		const filter = { type: given.type, who: given.who, about: given.about, since: since(given.since), until: until(given.until) };
		const narrow = Object.values(filter).some(Boolean);
		const more = (found) => found.next < found.size && narrow
			? h("p", { class: "row" }, button(t("log.more"), () => run({ ...filter, from: found.next, limit: SIZE }))) : null;
		const run = (wanted) => replace(list, later(() => entries(wanted), (found) => [
			h("p", { class: "soft small" }, narrow ? t("log.found", { n: found.list.length, next: found.next, size: found.size }) : t("log.newest", { n: found.list.length, size: found.size })),
			entryRows(found.list, { more: saveButton }), more(found)]));
		run(narrow || given.from !== undefined ? { ...filter, from: given.from, limit: SIZE } : { last: SIZE });
	};
	load(Object.fromEntries(query));
	const who = h("div", {}, field(t("log.who"), input("who")));
	choicesOf(["handler", "archivist", "official", "supervisor", "auditor", "security-admin", "admin"]).then((people) =>
		replace(who, field(t("log.who"), select("who", [["", t("any")], ...people], query.get("who") || ""))), () => {});
	return page(t("nav.log"), { lead: t("log.lead"), actions: button(t("log.verify"), () => verify(place), "main-action") }, place,
		sheet(null, form([h("div", { class: "fields" },
			field(t("log.type"), select("type", [["", t("any")], ...TYPES.map((x) => [x, typeName(x)])], query.get("type") || "")),
			who,
			field(t("log.about"), input("about", { value: query.get("about") || "" }), t("log.about.hint")),
			field(t("log.since"), input("since", { type: "date", value: query.get("since") || "" })),
			field(t("log.until"), input("until", { type: "date", value: query.get("until") || "" })),
			field(t("log.from"), input("from", { type: "number", min: 0, value: query.get("from") || "" }), t("log.from.hint")))],
		t("log.show"), (given) => load(given))), list);
}
