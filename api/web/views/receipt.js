// SPDX-License-Identifier: Apache-2.0
// A receipt (调阅存证回执) checked here, in the browser, without trusting the server.
import { h, page, sheet, form, field, area, input, notice, replace, facts, time, filePicker } from "../ui.js";
import { t } from "../language.js";
import { checkReceipt, verifySignature, hex } from "../merkle.js";
import { word } from "../names.js";
import { person } from "../persons.js";
import { proofPicture } from "../proof-picture.js";
import { typeName } from "./log-entries.js";

const verdict = (found, signed) => !found.ok ? "receipt.bad" : signed === false ? "receipt.unsigned" : signed === true ? "receipt.good" : signed === null ? "receipt.no_ed25519" : "receipt.no_key";

async function judge(text, verifier) {
	const found = await checkReceipt(text);
	const signed = verifier ? await verifySignature(found.checkpoint, verifier) : undefined;
	const good = found.ok && signed !== false;
	const e = found.entry;
	return [
		notice(!good ? "bad" : signed === true ? "good" : "warn", t(verdict(found, signed))),
		facts([[t("log.type"), typeName(e.type)], [t("log.time"), time(e.time)],
			[t("log.who"), e.actor?.user ? person(e.actor.user, e.reader_name) : e.actor?.pass ? `${t("grant.by.pass")} ${e.actor.pass}` : t("log.itself")], [t("grant"), e.grant], [t("request"), e.request],
			[t("live.what"), e.member && t("live.member", { n: e.member })], [t("channels"), e.channel && word("channel", e.channel)], [t("approved.by"), (e.approved_by || []).map((u, i) => [i ? t("word.and") : "", person(u, e.approved_by_names?.[i])])],
			[t("log.seq"), e.seq], [t("receipt.size"), found.checkpoint.size], [t("receipt.origin"), h("code", {}, found.checkpoint.origin)]]),
		h("h3", {}, t("receipt.picture")), proofPicture(found, hex(found.checkpoint.root)),
	];
}

export default function receipt() {
	const place = h("div", { "aria-live": "polite" });
	return page(t("nav.receipt"), { lead: t("receipt.lead") }, sheet(null, form([
		field(t("receipt.file"), filePicker("file", { accept: ".tlog-proof,text/plain" })),
		field(t("receipt.text"), area("text", { class: "mono", spellcheck: "false" })),
		field(t("receipt.key"), input("key", { class: "mono", spellcheck: "false" }), t("receipt.key.hint")),
	], t("receipt.check"), async ({ file, text, key }) => {
		const given = file?.length ? await file[0].text() : text;
		if (!given) throw new Error(t("receipt.none"));
		replace(place);
		let shown;
		try {
			shown = await judge(`${given.trimEnd()}\n`, key);
		} catch {
			throw new Error(t("receipt.unreadable"));
		}
		replace(place, sheet(null, shown));
	})), place);
}
