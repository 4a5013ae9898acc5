// SPDX-License-Identifier: Apache-2.0
// A receipt (调阅存证回执) checked here, in the browser, without trusting the server.
import { h, page, sheet, form, field, area, input, notice, replace, facts, time } from "../ui.js";
import { t } from "../language.js";
import { checkReceipt, verifySignature } from "../merkle.js";
import { proof } from "../pictures.js";

async function judge(text, verifier) {
	const found = await checkReceipt(text);
	const signed = verifier ? await verifySignature(found.checkpoint, verifier) : undefined;
	const good = found.ok && signed !== false;
	return [
		notice(good ? "good" : "bad", t(!found.ok ? "receipt.bad" : signed === false ? "receipt.unsigned" : signed === true ? "receipt.good" : signed === null ? "receipt.no_ed25519" : "receipt.no_key")),
		facts([[t("log.seq"), found.entry.seq], [t("log.time"), time(found.entry.time)], [t("log.type"), t(`entry.${found.entry.type}`, {}, found.entry.type)],
			[t("log.who"), found.entry.actor?.user || found.entry.actor?.pass || t("log.itself")], [t("receipt.size"), found.checkpoint.size]]),
		h("h3", {}, t("receipt.picture")), proof(found.steps),
	];
}

export default function receipt() {
	const place = h("div", { "aria-live": "polite" });
	return page(t("nav.receipt"), { lead: t("receipt.lead") }, sheet(null, form([
		field(t("receipt.file"), h("input", { type: "file", name: "file", accept: ".tlog-proof,text/plain" })),
		field(t("receipt.text"), area("text", { class: "mono" })),
		field(t("receipt.key"), input("key", { class: "mono" }), t("receipt.key.hint")),
	], t("receipt.check"), async ({ file, text, key }) => {
		const given = file?.length ? await file[0].text() : text;
		if (!given) throw new Error(t("receipt.none"));
		try {
			replace(place, sheet(t("result"), await judge(given.endsWith("\n") ? given : `${given}\n`, key)));
		} catch {
			replace(place, notice("bad", t("receipt.unreadable")));
		}
	})), place);
}
