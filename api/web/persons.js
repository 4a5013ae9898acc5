// SPDX-License-Identifier: Apache-2.0
// Who somebody is by name: colleagues as the keeper lists them, asked for once a session.
import { h } from "./ui.js";
import { t } from "./language.js";
import { me, command, onSession } from "./server.js";

let known = null;
let owner = "";
onSession((who) => {
	if (owner !== (who?.session || "")) known = null;
	owner = who?.session || "";
});

// Those of one's organ (auditor and administrators: of all), user → { user, full_name, role, organ, disabled }.
export function colleagues() {
	if (!me() || me().role === "party") return Promise.resolve(new Map());
	known ??= command("ListColleagues").then(({ people = [] }) => new Map(people.map((p) => [p.user, p])), (error) => {
		known = null;
		throw error;
	});
	return known;
}

// The name of a user as a node; `name` where the answer says it.  A user that is nobody here stays what it is.
export function person(user, name) {
	if (!user) return name || "";
	if (name) return h("span", { title: t("gate.user.is", { user }) }, name);
	const node = h("span", { title: t("gate.user.is", { user }) }, user);
	colleagues().then((list) => { node.textContent = list.get(user)?.full_name || user; }, () => {});
	return node;
}

// [user, "name（role）"] for a choice: of `roles`, without oneself and who left.
export async function choicesOf(roles) {
	return [...(await colleagues()).values()].filter((p) => roles.includes(p.role) && !p.disabled && p.user !== me().user)
		.sort((a, b) => a.full_name.localeCompare(b.full_name, "zh-Hans-CN"))
		.map((p) => [p.user, t("person.role", { name: p.full_name, role: t(`role.${p.role}`) })]);
}
