// SPDX-License-Identifier: Apache-2.0
// The first signing in: a password that somebody else chose is exchanged for one's own.
import { h, page, sheet, form, field, input, toast } from "../ui.js";
import { t } from "../language.js";
import { me, command, refresh } from "../server.js";

export default function password() {
	const who = me();
	return page(t("password.title"), { lead: t("password.lead", { name: who.full_name || who.user }) },
		sheet(null, form([
			h("input", { type: "text", name: "username", value: who.user, autocomplete: "username", hidden: true, "aria-hidden": "true", tabindex: "-1" }),
			field(t("me.password.old"), input("old", { type: "password", required: true, autocomplete: "current-password" })),
			field(t("me.password.new"), input("new", { type: "password", required: true, minlength: 8, autocomplete: "new-password" }), t("people.password.rule")),
			field(t("me.password.again"), input("again", { type: "password", required: true, autocomplete: "new-password" })),
		], t("password.save"), async (given) => {
			if (given.new !== given.again) throw new Error(t("me.password.differ"));
			if (given.new === given.old) throw new Error(t("password.same"));
			await command("ChangePassword", { old: given.old, new: given.new });
			toast(t("password.done"));
			await refresh();
			location.hash = "#/home";
		})));
}
