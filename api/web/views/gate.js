// SPDX-License-Identifier: Apache-2.0
// Signing in, and the frame of what needs no session.
import { h, form, field, input, link } from "../ui.js";
import { t } from "../language.js";
import { signIn } from "../server.js";

const brand = () => h("a", { class: "brand", href: "#/home" }, h("img", { src: "/icon.svg", alt: "" }), t("brand"));

export function around(content, tongue) {
	return h("div", { class: "gate" }, h("div", { class: "sheet wide" }, brand(), content,
		h("p", { class: "small gate-back" }, link(t("gate.back"), "#/home"), " ", tongue())));
}

export default function gate(tongue) {
	document.title = t("brand");
	return h("div", { class: "gate" }, h("main", { class: "sheet" }, brand(),
		h("h1", { class: "sr-only" }, t("gate.title")),
		form([
			field(t("gate.user"), input("user", { required: true, autocomplete: "username", autofocus: true, autocapitalize: "none" })),
			field(t("gate.password"), input("password", { type: "password", required: true, autocomplete: "current-password" })),
		], t("gate.enter"), ({ user, password }) => signIn(user, password)),
		h("hr"),
		h("p", { class: "small" }, t("gate.party"), " ", link(t("gate.apply"), "#/apply"), " · ", link(t("gate.follow"), "#/follow"), " · ", link(t("gate.pass"), "#/pass")),
		h("p", { class: "small" }, link(t("gate.receipt"), "#/receipt"), " · ", link(t("nav.help"), "#/help"), " ", tongue())));
}
