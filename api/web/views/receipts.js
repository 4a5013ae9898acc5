// SPDX-License-Identifier: Apache-2.0
// Receipts (调阅存证回执) of one's own readings: of one grant, or of all.
import { h, dialog, later, table, button, empty, time, toast, say } from "../ui.js";
import { t } from "../language.js";
import { get } from "../server.js";
import { entries } from "./log-entries.js";

// The receipt as a file of its own; it is proof by itself, without this server.
export async function save(seq) {
	try {
		const { receipt } = await get(`/ledger/proof/${seq}`);
		const a = h("a", { href: URL.createObjectURL(new Blob([receipt], { type: "text/plain" })), download: t("receipt.name", { seq }) });
		a.click();
		setTimeout(() => URL.revokeObjectURL(a.href), 1000);
		toast(t("receipt.saved", { seq }));
	} catch (error) {
		toast(say(error), "bad");
	}
}

export const saveButton = (e) => button(t("receipt.save"), () => save(e.seq), "small", { "aria-label": t("receipt.save.of", { seq: e.seq }) });

export function receiptsOf(grant) {
	const titles = new Map(grant.cases.flatMap((c) => (c.members || []).map((m) => [`${c.case}/${m.number}`, m.title || m.path])));
	dialog(t("room.receipts"), (close) => [
		h("p", {}, t("room.receipts.text")),
		later(() => entries({ type: "access.opened", about: grant.grant, since: grant.from }), ({ list }) => table([
			{ label: t("log.time"), get: (e) => time(e.time), sort: (e) => e.seq },
			{ label: t("title"), get: (e) => titles.get(`${e.case}/${e.member}`) || t("live.member", { n: e.member }) },
			{ label: "", sort: null, get: saveButton },
		], list, { size: 8, caption: t("room.receipts"), none: empty(t("me.readings.none"), t("me.readings.hint")) })),
		h("div", { class: "actions" }, button(t("close"), close)),
	]);
}
