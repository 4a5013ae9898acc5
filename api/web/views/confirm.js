// SPDX-License-Identifier: Apache-2.0
// What the security administrator confirms: each proposal beside what holds now, so that the difference is seen.
import { h, page, sheet, later, empty, badge, button, confirm, toast, time } from "../ui.js";
import { t } from "../language.js";
import { command } from "../server.js";
import { organ, word, words } from "../names.js";
import { person } from "../persons.js";

const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
const shown = {
	full_name: (v) => v,
	role: (v) => word("role", v),
	organ: (v) => organ(v),
	clearances: (v) => words("classification", v) || t("none"),
	login: (v) => typeof v === "object" && v ? t("confirm.login", { name: v.name, uid: v.uid }) : v || t("none"),
};

// [field, now, then] of what the proposal says.
function changes(p, user) {
	return Object.keys(shown).filter((key) => p[key] !== undefined && p[key] !== null && !(user && same(user[key], p[key])))
		.map((key) => [t(key === "login" ? "people.login" : key), user ? shown[key](user[key]) : null, shown[key](p[key])]);
}

const cautions = (p, user) => [
	(p.role || user?.role) && ["admin", "security-admin", "auditor"].includes(p.role) && (!user || user.role !== p.role) ? badge(t("confirm.threefold"), "bad") : null,
	p.clearances?.includes("state-secret") && !user?.clearances?.includes("state-secret") ? badge(t("confirm.secret"), "bad") : null,
	p.action === "disable" ? badge(t("confirm.ends"), "warn") : null,
	p.action === "reset-password" ? badge(t("confirm.password"), "warn") : null,
];

function card(p, user) {
	const list = changes(p, user);
	const name = p.full_name || user?.full_name || p.user;
	const drop = () => confirm(t("confirm.drop"), t("confirm.drop.text", { name }), t("confirm.drop"), async (reason) => {
		await command("DropProposal", { user: p.user, proposal: p.proposal, reason });
		toast(t("confirm.dropped"));
		again();
	}, { reason: t("reason") });
	const yes = () => confirm(t("people.confirm"), t("people.confirm.text", { user: name }), t("people.confirm"), async () => {
		await command("ConfirmUser", { user: p.user, proposal: p.proposal });
		toast(t("people.confirmed"));
		again();
	});
	return h("li", { class: "waits" },
		h("div", { class: "waits-who" }, h("h3", {}, t("confirm.title", { action: t(`action.${p.action}`, {}, p.action), name })), h("p", { class: "soft small" }, t("confirm.user", { user: p.user }), " · ", t("by"), " ", person(p.by), p.at || p.time ? ` · ${time(p.at || p.time)}` : "")),
		h("div", { class: "waits-what" },
			list.length ? h("dl", { class: "facts" }, list.map(([label, now, then]) => [h("dt", {}, label), h("dd", {}, now !== null ? [h("del", { class: "soft" }, now), " → "] : null, h("strong", {}, then))])) : null,
			p.reason ? h("p", {}, t("reason"), t("colon"), p.reason) : null,
			h("p", { class: "flags" }, cautions(p, user))),
		h("div", { class: "waits-go" }, button(t("people.confirm"), yes, "seal"), button(t("confirm.drop"), drop, "small")));
}

export const confirmations = () => sheet(t("home.proposals"), later(() => command("ListUsers"), ({ users = [], proposals = [] }) => proposals.length
	? h("ul", { class: "cards" }, proposals.map((p) => card(p, users.find((u) => u.user === p.user))))
	: empty(t("home.proposals.none"), t("home.proposals.hint"))));

export default function show() {
	return page(t("nav.confirm"), { lead: t("people.lead") }, confirmations());
}
