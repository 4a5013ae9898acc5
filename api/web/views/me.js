// SPDX-License-Identifier: Apache-2.0
// What concerns whoever is signed in: their readings with receipts, readings of what is theirs, sessions, password.
import { h, page, sheet, later, empty, table, time, button, form, field, input, badge, toast, facts, confirm, id } from "../ui.js";
import { t } from "../language.js";
import { me, get, remove, command } from "../server.js";
import { organ, word, words } from "../names.js";
import { person } from "../persons.js";
import { entries } from "./log-entries.js";
import { saveButton } from "./receipts.js";

const day = (ago) => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date(Date.now() - ago * 86400000));

// One's own openings; a party's are those of their pass.
const readings = () => sheet(t("me.readings"), later(() => entries({ type: "access.opened", who: me().user, since: `${day(365)}T00:00:00+08:00`, limit: 2000 }), ({ list }) => table([
	{ label: t("log.time"), get: (e) => time(e.time), sort: (e) => e.seq },
	{ label: t("file"), get: (e) => t("live.member", { n: e.member }) },
	{ label: t("channels"), get: (e) => word("channel", e.channel) },
	{ label: t("grant"), get: (e) => id(e.grant) },
	{ label: "", sort: null, get: saveButton },
], list, { size: 10, caption: t("me.readings"), none: empty(t("me.readings.none"), t("me.readings.hint")) })));

// Who read the cases of one's own: what a handler made, what an organ keeps.
const others = () => sheet(t("me.others"), h("p", { class: "soft" }, t("me.others.lead")), later(() => get("/readings", { from: day(90), to: day(0), limit: 500 }), ({ rows = [] }) => table([
	{ label: t("log.time"), get: (r) => time(r.time), sort: (r) => r.seq },
	{ label: t("reader"), get: (r) => person(r.reader, r.full_name) },
	{ label: t("number"), get: (r) => r.number || "" },
	{ label: t("title"), get: (r) => r.member_title || t("live.member", { n: r.member }) },
	{ label: t("purpose"), get: (r) => word("purpose", r.purpose) },
	{ label: t("approved.by"), get: (r) => [r.approved_by].flat().filter(Boolean).map((u, i) => [i ? t("word.and") : "", person(u, r.approved_by_names?.[i])]) },
], rows.filter((r) => r.reader !== me().user).reverse(), { size: 10, caption: t("me.others"), none: empty(t("me.others.none")) })));

function sessions(again) {
	return sheet(t("me.sessions"), later(() => command("ListSessions"), ({ sessions: list = [] }) => [table([
		{ label: t("live.from"), get: (s) => [s.address || t("me.here"), " ", s.this ? badge(t("me.this"), "info") : null] },
		{ label: t("me.door"), get: (s) => t(`door.${s.channel}`, {}, null) ?? t("door.other") },
		{ label: t("me.opened"), get: (s) => time(s.opened), sort: (s) => s.opened },
		{ label: t("me.used"), get: (s) => time(s.last_used), sort: (s) => s.last_used },
		{ label: "", sort: null, get: (s) => s.this ? "" : button(t("me.end"), async () => { await remove(`/sessions/${encodeURIComponent(s.session)}`); toast(t("done")); again(); }, "small") },
	], list, { size: 10, caption: t("me.sessions") }),
	button(t("me.end.all"), () => confirm(t("me.end.all"), t("me.end.all.text"), t("me.end.all"), async () => { await remove("/sessions"); toast(t("done")); again(); }))]));
}

const password = () => sheet(t("me.password"), form([h("div", { class: "fields" },
	field(t("me.password.old"), input("old", { type: "password", required: true, autocomplete: "current-password" })),
	field(t("me.password.new"), input("new", { type: "password", required: true, minlength: 8, autocomplete: "new-password" }), t("people.password.rule")),
	field(t("me.password.again"), input("again", { type: "password", required: true, autocomplete: "new-password" })))],
t("me.password"), async (given, node) => {
	if (given.new !== given.again) throw new Error(t("me.password.differ"));
	await command("ChangePassword", { old: given.old, new: given.new });
	node.reset();
	toast(t("me.password.done"));
}));

export default function mine() {
	const who = me();
	const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
	const party = who.role === "party";
	return page(t("nav.me"), {},
		sheet(null, facts([[t("gate.user"), party ? t("grant.by.pass") : who.user], [t("full_name"), who.full_name], [t("role"), word("role", who.role)],
			[t("organ"), party ? null : organ(who.organ, who.organ_name)],
			[t("clearances"), party ? null : words("classification", who.clearances) || t("none")]])),
		["handler", "archivist", "official", "supervisor", "party"].includes(who.role) ? readings() : null,
		["archivist", "official", "supervisor"].includes(who.role) ? others() : null,
		party ? null : [sessions(again), password()]);
}
