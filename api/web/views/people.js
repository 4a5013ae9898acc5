// SPDX-License-Identifier: Apache-2.0
// People: the administrator proposes, the security administrator confirms; until then nothing has changed.
import { h, page, sheet, later, empty, table, state, badge, button, dialog, form, field, input, select, choices, toast, confirm, facts, notice, replace } from "../ui.js";
import { t } from "../language.js";
import { me, command } from "../server.js";
import { organ, organChoices, forgetOrgans, word, words } from "../names.js";

const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
const roles = ["handler", "archivist", "official", "supervisor", "auditor", "security-admin", "admin"];
const classes = ["privacy", "commercial", "state-secret"];
// Whoever handles or decides about cases of people meets private matters in nearly all of them.
const private_by_default = ["archivist", "official"];

async function propose(user) {
	const organs = await organChoices().catch(() => []);
	let touched = !!user;
	dialog(user ? t("people.change", { user: user.user }) : t("people.add"), (close) => {
		const role = select("role", roles.map((r) => [r, t(`role.${r}`)]), user?.role || "handler", { onchange: () => suggest() });
		const boxes = choices(t("clearances"), "clearances", classes.map((c) => [c, t(`classification.${c}`)]), user?.clearances || []);
		boxes.addEventListener("change", () => { touched = true; });
		const suggest = () => {
			if (!touched) boxes.querySelector("input[value=privacy]").checked = private_by_default.includes(role.value);
		};
		suggest();
		return form([
			h("p", { class: "soft small" }, t("people.propose.text")),
			h("div", { class: "fields" },
				user ? null : field(t("gate.user"), input("user", { required: true, autocapitalize: "none", autocomplete: "off", maxlength: 63 }), t("people.user.hint")),
				field(t("full_name"), input("full_name", { value: user?.full_name || "", required: !user, maxlength: 60 })),
				field(t("role"), role),
				field(t("organ"), select("organ", organs, user?.organ || me().organ)),
				field(t("people.login"), input("login", { value: user?.login?.name || "", autocapitalize: "none" }), t("people.login.hint")),
				user ? null : field(t("people.password"), input("password", { type: "password", minlength: 8, autocomplete: "new-password" }), t("people.password.hint"))),
			boxes, h("p", { class: "hint soft small" }, t("people.clearances.hint")),
		], t("people.propose"), async (given) => {
			const changed = user ? Object.fromEntries(Object.entries(given).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(key === "login" ? user.login?.name : user[key] ?? (key === "clearances" ? [] : undefined)))) : given;
			if (user && !Object.keys(changed).length) throw new Error(t("people.nothing"));
			await command(user ? "ChangeUser" : "ProposeUser", user ? { user: user.user, ...changed } : given);
			close();
			toast(t("people.proposed"));
			again();
		}, { also: button(t("cancel"), close) });
	});
}

function reset(user) {
	confirm(t("people.reset"), t("people.reset.text", { user: user.full_name || user.user }), t("people.reset"), async () => {
		const done = await command("ResetPassword", { user: user.user });
		if (done.password) dialog(t("people.reset"), (close) => [h("p", {}, t("people.reset.shown")), h("p", {}, h("strong", { class: "mono" }, done.password)), h("div", { class: "actions" }, button(t("close"), () => { close(); again(); }))]);
		else again();
	});
}

// --- what waits ---

// Each thing that will be different, before and after.
function difference(p, users) {
	const before = users.find((u) => u.user === p.user) || {};
	const rows = [
		[t("full_name"), before.full_name, p.full_name],
		[t("role"), before.role && word("role", before.role), p.role && word("role", p.role)],
		[t("organ"), before.organ && organ(before.organ), p.organ && organ(p.organ)],
		[t("clearances"), words("classification", before.clearances), p.clearances && (words("classification", p.clearances) || t("none"))],
		[t("people.login"), before.login?.name, p.login?.name || p.login],
	].filter(([, , after]) => after !== undefined && after !== null && after !== "");
	return facts([[t("action"), word("action", p.action)], [t("gate.user"), p.user], ...rows.map(([label, old, after]) => [label, old && p.action !== "add" ? h("span", {}, h("del", {}, old), " → ", after) : after]),
		[t("people.removed"), (p.removed || []).map((x) => t(x === "login" ? "people.login" : x)).join(t("word.and"))], [t("by"), p.by || t("log.itself")], [t("reason"), p.reason]]);
}

const decide = (p, users) => dialog(t("people.confirm"), (close) => form([difference(p, users), notice("warn", t("people.confirm.check"))], t("people.confirm"), async () => {
	await command("ConfirmUser", { user: p.user, proposal: p.proposal });
	close();
	toast(t("people.confirmed"));
	again();
}, { kind: "seal", also: button(t("cancel"), close) }));

const refuse = (p) => confirm(t(me().role === "admin" ? "people.take_back" : "people.refuse"), t("people.refuse.text", { user: p.user }), t(me().role === "admin" ? "people.take_back" : "people.refuse"), async (reason) => {
	await command("DropProposal", { user: p.user, proposal: p.proposal, reason });
	toast(t("done"));
	again();
}, { reason: t("reason") });

const waiting = (proposals, users) => sheet(t("people.waiting"), table([
	{ label: t("gate.user"), get: (p) => p.user },
	{ label: t("action"), get: (p) => word("action", p.action) },
	{ label: t("full_name"), get: (p) => p.full_name || users.find((u) => u.user === p.user)?.full_name || "" },
	{ label: t("role"), get: (p) => word("role", p.role) },
	{ label: t("organ"), get: (p) => organ(p.organ) },
	{ label: t("clearances"), get: (p) => words("classification", p.clearances) },
	{ label: t("by"), get: (p) => p.by || t("log.itself") },
	{ label: t("people.act"), sort: null, get: (p) => h("span", { class: "row" },
		me().role === "security-admin" ? button(t("people.look"), () => decide(p, users), "seal small", { "aria-label": `${t("people.look")} ${p.user}` }) : null,
		["security-admin", "admin"].includes(me().role) ? button(t(me().role === "admin" ? "people.take_back" : "people.refuse"), () => refuse(p), "small", { "aria-label": `${t(me().role === "admin" ? "people.take_back" : "people.refuse")} ${p.user}` }) : null) },
], proposals, { none: empty(t("home.proposals.none"), me().role === "admin" ? t("people.waiting.admin") : t("home.proposals.hint")), caption: t("people.waiting") }));

// --- everybody ---

function everybody(users) {
	const list = h("div");
	const search = h("input", { type: "search", "aria-label": t("people.filter"), placeholder: t("people.filter"), oninput: () => draw() });
	const draw = () => {
		const wanted = search.value.trim().toLowerCase();
		const shown = wanted ? users.filter((u) => `${u.user} ${u.full_name || ""} ${t(`role.${u.role}`, {}, "")}`.toLowerCase().includes(wanted)) : users;
		replace(list, table([
			{ label: t("gate.user"), get: (u) => u.user },
			{ label: t("full_name"), get: (u) => u.full_name || "" },
			{ label: t("role"), get: (u) => word("role", u.role) },
			{ label: t("organ"), get: (u) => organ(u.organ), sort: (u) => u.organ || "" },
			{ label: t("clearances"), get: (u) => (u.clearances || []).map((c) => badge(word("classification", c))) },
			{ label: t("people.login"), get: (u) => u.login?.name || u.login || "" },
			{ label: t("state"), get: (u) => state(u.disabled ? "disabled" : "active") },
			...(me().role === "admin" ? [{ label: t("people.act"), sort: null, get: (u) => u.disabled ? "" : h("span", { class: "row" },
				button(t("edit"), () => propose(u), "small", { "aria-label": `${t("edit")} ${u.user}` }), button(t("people.reset"), () => reset(u), "small", { "aria-label": `${t("people.reset")} ${u.user}` }),
				button(t("people.disable"), () => confirm(t("people.disable"), t("people.disable.text", { user: u.full_name || u.user }), t("people.disable"), async (reason) => {
					await command("DisableUser", { user: u.user, reason });
					toast(t("people.proposed"));
					again();
				}, { reason: t("reason") }), "small", { "aria-label": `${t("people.disable")} ${u.user}` })) }] : []),
		], shown, { none: empty(users.length ? t("people.filter.none") : t("people.none")), caption: t("people.all") }));
	};
	draw();
	return sheet(t("people.all"), h("div", { class: "filter" }, search), list);
}

function addOrgan(list) {
	dialog(t("organ.add"), (close) => form([
		field(t("organ.name"), input("name", { required: true, maxlength: 60 })),
		field(t("organ.code"), input("organ", { required: true, maxlength: 63 }), t("organ.code.hint")),
		field(t("organ.level"), select("level", ["province", "city", "county"].map((l) => [l, t(`level.${l}`)]), "county")),
		field(t("organ.parent"), select("parent", [["", t("organ.top")], ...list.map((o) => [o.organ, o.name])], me().organ)),
	], t("organ.add"), async (given) => { await command("AddOrgan", given); forgetOrgans(); close(); again(); }, { also: button(t("cancel"), close) }));
}

const organs = () => sheet(t("organs"), later(() => command("ListOrgans"), ({ organs: list = [] }) => [
	table([
		{ label: t("organ.name"), get: (o) => o.name || t("organ.unknown") },
		{ label: t("organ.code"), get: (o) => h("code", {}, o.organ), sort: (o) => o.organ },
		{ label: t("organ.level"), get: (o) => word("level", o.level) },
		{ label: t("organ.parent"), get: (o) => organ(o.parent) },
	], list, { none: empty(t("organs.none")), caption: t("organs") }),
	me().role === "admin" ? button(t("organ.add"), () => addOrgan(list)) : null,
]));

export default function people() {
	return page(t("nav.people"), { lead: t("people.lead"), actions: me().role === "admin" ? button(t("people.add"), () => propose(), "main-action") : null },
		later(() => command("ListUsers"), ({ users = [], proposals = [] }) => [waiting(proposals, users), everybody(users)]), organs());
}
