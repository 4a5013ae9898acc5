// SPDX-License-Identifier: Apache-2.0
// What concerns whoever is signed in: their readings with receipts, their sessions, their password.
import { h, page, sheet, later, empty, table, time, button, form, field, input, badge, toast, facts } from "../ui.js";
import { t } from "../language.js";
import { me, get, remove, command } from "../server.js";
import { organ } from "../names.js";
import { save } from "./log.js";

export default function mine() {
	const who = me();
	const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
	return page(t("nav.me"), {},
		sheet(null, facts([[t("gate.user"), who.user], [t("full_name"), who.full_name], [t("role"), t(`role.${who.role}`)], [t("organ"), organ(who.organ, who.organ_name)],
			[t("clearances"), (who.clearances || []).map((c) => t(`classification.${c}`)).join("、") || t("none")]])),
		sheet(t("me.readings"), later(() => get("/ledger/entries", { type: "access.opened", limit: 500 }), ({ entries = [] }) => table([
			{ label: t("log.time"), get: (e) => time(e.time), sort: (e) => e.time },
			{ label: t("number"), get: (e) => e.number || e.case },
			{ label: t("member.no"), number: true, get: (e) => e.member },
			{ label: t("grant"), get: (e) => e.grant },
			{ label: "", sort: null, get: (e) => button(t("receipt.save"), () => save(e.seq), "small") },
		], entries.map((e) => typeof e === "string" ? JSON.parse(e) : e).reverse(), { none: empty(t("me.readings.none"), t("me.readings.hint")) }))),
		sheet(t("me.sessions"), later(() => command("ListSessions"), ({ sessions = [] }) => [table([
			{ label: t("me.session"), get: (s) => [s.session, " ", s.this || s.own === true ? badge(t("me.this"), "info") : null] },
			{ label: t("live.from"), get: (s) => s.address },
			{ label: t("me.opened"), get: (s) => time(s.opened), sort: (s) => s.opened },
			{ label: t("me.used"), get: (s) => time(s.last_used) },
			{ label: "", sort: null, get: (s) => s.this ? "" : button(t("me.end"), async () => { await remove(`/sessions/${encodeURIComponent(s.session)}`); again(); }, "small") },
		], sessions), button(t("me.end.all"), async () => { await remove("/sessions"); toast(t("done")); again(); })])),
		sheet(t("me.password"), form([h("div", { class: "fields" },
			field(t("me.password.old"), input("old", { type: "password", required: true, autocomplete: "current-password" })),
			field(t("me.password.new"), input("new", { type: "password", required: true, minlength: 8, autocomplete: "new-password" }), t("people.password.rule")),
			field(t("me.password.again"), input("again", { type: "password", required: true, autocomplete: "new-password" })))],
		t("me.password"), async (given, node) => {
			if (given.new !== given.again) throw new Error(t("me.password.differ"));
			await command("ChangePassword", { old: given.old, new: given.new });
			node.reset();
			toast(t("saved"));
		})));
}
