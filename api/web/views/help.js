// SPDX-License-Identifier: Apache-2.0
// Help for a role: its day in steps, what people ask, and the words.
import { h, page, sheet, button, select, field } from "../ui.js";
import { t, current } from "../language.js";
import { me } from "../server.js";
import zh from "../strings/help-zh.js";
import en from "../strings/help-en.js";

const roles = ["handler", "archivist", "official", "supervisor", "party", "auditor", "security-admin", "admin"];

export default function help({ query }) {
	const role = roles.includes(query.get("role")) ? query.get("role") : me()?.role || "party";
	const { day, ask, words } = { ...(current() === "zh" ? zh : en)[role], words: (current() === "zh" ? zh : en).words };
	return h("div", { class: "help" }, page(t("help.title", { role: t(`role.${role}`) }), { lead: t("help.lead"), actions: button(t("print"), () => window.print()) },
		sheet(t("help.steps"), h("ol", {}, day.map((text) => h("li", {}, text)))),
		sheet(t("help.asked"), ask.map(([question, answer]) => h("details", { open: true }, h("summary", {}, h("strong", {}, question)), h("p", {}, answer)))),
		sheet(t("help.words"), h("dl", { class: "facts" }, words.map(([word, text]) => [h("dt", {}, word), h("dd", {}, text)]))),
		me() ? field(t("help.other"), select("role", roles.map((r) => [r, t(`role.${r}`)]), role, { onchange: (e) => { location.hash = `#/help?role=${e.target.value}`; } })) : null));
}
