// SPDX-License-Identifier: Apache-2.0
// People: the administrator proposes, the security administrator confirms; until then nothing has changed.
import { h, page, sheet, later, empty, table, state, badge, button, dialog, form, field, input, select, choices, toast, confirm } from "../ui.js";
import { t } from "../language.js";
import { me, command } from "../server.js";
import { organ } from "../names.js";

const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
const roles = ["handler", "archivist", "official", "supervisor", "auditor", "security-admin", "admin"];
const classes = ["privacy", "commercial", "state-secret"];

function propose(user) {
	dialog(user ? t("people.change", { user: user.user }) : t("people.add"), (close) => form([
		h("div", { class: "fields" },
			user ? null : field(t("gate.user"), input("user", { required: true, autocapitalize: "none", autocomplete: "off" })),
			field(t("full_name"), input("full_name", { value: user?.full_name || "", required: !user })),
			field(t("role"), select("role", roles.map((r) => [r, t(`role.${r}`)]), user?.role || "handler")),
			field(t("organ"), input("organ", { value: user?.organ || "" }), t("people.organ.hint")),
			field(t("people.login"), input("login", { value: user?.login?.name || "" }), t("people.login.hint")),
			user ? null : field(t("gate.password"), input("password", { type: "password", autocomplete: "new-password" }), t("people.password.hint"))),
		choices(t("clearances"), "clearances", classes.map((c) => [c, t(`classification.${c}`)]), user?.clearances || []),
	], t("people.propose"), async (given) => {
		await command(user ? "ChangeUser" : "ProposeUser", user ? { user: user.user, ...given } : given);
		close();
		toast(t("people.proposed"));
		again();
	}, { also: button(t("cancel"), close) }));
}

function reset(user) {
	confirm(t("people.reset"), t("people.reset.text", { user: user.user }), t("people.reset"), async () => {
		const done = await command("ResetPassword", { user: user.user });
		if (done.password) dialog(t("people.reset"), (close) => [h("p", {}, t("people.reset.shown")), h("p", {}, h("strong", { class: "mono" }, done.password)), h("div", { class: "actions" }, button(t("close"), () => { close(); again(); }))]);
	});
}

const waiting = (proposals) => sheet(t("people.waiting"), table([
	{ label: t("gate.user"), get: (p) => p.user },
	{ label: t("action"), get: (p) => t(`action.${p.action}`, {}, p.action) },
	{ label: t("full_name"), get: (p) => p.full_name || "" },
	{ label: t("role"), get: (p) => p.role ? t(`role.${p.role}`) : "" },
	{ label: t("organ"), get: (p) => organ(p.organ) },
	{ label: t("clearances"), get: (p) => (p.clearances || []).map((c) => t(`classification.${c}`)).join("、") },
	{ label: t("people.login"), get: (p) => p.login?.name || p.login || "" },
	{ label: t("by"), get: (p) => p.by || "" },
	{ label: "", sort: null, get: (p) => me().role === "security-admin" ? button(t("people.confirm"), () => confirm(t("people.confirm"), t("people.confirm.text", { user: p.user }), t("people.confirm"), async () => {
		await command("ConfirmUser", { user: p.user, proposal: p.proposal });
		toast(t("people.confirmed"));
		again();
	}), "seal small") : "" },
], proposals, { none: empty(t("home.proposals.none"), me().role === "admin" ? t("people.waiting.admin") : t("home.proposals.hint")) }));

const rows = (users) => table([
	{ label: t("gate.user"), get: (u) => u.user },
	{ label: t("full_name"), get: (u) => u.full_name || "" },
	{ label: t("role"), get: (u) => t(`role.${u.role}`, {}, u.role) },
	{ label: t("organ"), get: (u) => organ(u.organ) },
	{ label: t("clearances"), get: (u) => (u.clearances || []).map((c) => badge(t(`classification.${c}`))) },
	{ label: t("people.login"), get: (u) => u.login?.name || u.login || "" },
	{ label: t("state"), get: (u) => state(u.disabled ? "disabled" : u.state || "active") },
	{ label: "", sort: null, get: (u) => me().role === "admin" && !u.disabled ? h("span", { class: "row" }, button(t("edit"), () => propose(u), "small"), button(t("people.reset"), () => reset(u), "small"),
		button(t("people.disable"), () => confirm(t("people.disable"), t("people.disable.text", { user: u.user }), t("people.disable"), async (reason) => {
			await command("DisableUser", { user: u.user, reason });
			toast(t("people.proposed"));
			again();
		}, { reason: t("reason") }), "small")) : "" },
], users, { none: empty(t("people.none")) });

const organs = () => sheet(t("organs"), later(() => command("ListOrgans"), ({ organs: list = [] }) => [
	table([
		{ label: t("organ.code"), get: (o) => o.organ },
		{ label: t("organ.name"), get: (o) => o.name },
		{ label: t("organ.level"), get: (o) => t(`level.${o.level}`, {}, o.level) },
		{ label: t("organ.parent"), get: (o) => organ(o.parent) },
	], list, { none: empty(t("organs.none")) }),
	me().role === "admin" ? button(t("organ.add"), () => dialog(t("organ.add"), (close) => form([
		field(t("organ.code"), input("organ", { required: true })),
		field(t("organ.name"), input("name", { required: true })),
		field(t("organ.level"), select("level", ["province", "city", "county"].map((l) => [l, t(`level.${l}`)]), "county")),
		field(t("organ.parent"), select("parent", [["", ""], ...list.map((o) => [o.organ, `${o.organ} ${o.name}`])])),
	], t("organ.add"), async (given) => { await command("AddOrgan", given); close(); again(); }, { also: button(t("cancel"), close) }))) : null,
]));

export default function people() {
	return page(t("nav.people"), { lead: t("people.lead"), actions: me().role === "admin" ? button(t("people.add"), () => propose(), "main-action") : null },
		later(() => command("ListUsers"), ({ users = [], proposals = [] }) => [waiting(proposals), sheet(t("people.all"), rows(users))]), organs());
}
