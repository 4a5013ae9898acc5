// SPDX-License-Identifier: Apache-2.0
// For parties, without a login: apply, follow by code, come in by a one-time pass.
import { h, sheet, form, field, input, area, replace, notice, facts, state } from "../ui.js";
import { t } from "../language.js";
import { post, get, redeem } from "../server.js";

function apply(place) {
	return form([
		h("p", { class: "lead" }, t("apply.lead")),
		field(t("number"), input("number", { required: true })),
		field(t("apply.name"), input("name", { required: true, autocomplete: "name" })),
		field(t("apply.identity"), input("identity", { required: true })),
		field(t("apply.contact"), input("contact", { required: true, autocomplete: "tel" })),
		field(t("reason"), area("reason", { required: true })),
	], t("apply.send"), async (given) => {
		const done = await post("/applications", given);
		replace(place, notice("good", t("apply.sent"), h("p", {}, h("strong", { class: "mono" }, done.code)), h("p", {}, t("apply.keep"))));
	});
}

function follow(place) {
	return form([field(t("apply.code"), input("code", { required: true, class: "mono", autocapitalize: "none" }))], t("apply.look"), async ({ code }) => {
		const found = await get(`/applications/${encodeURIComponent(code)}`);
		replace(place, sheet(null, facts([[t("apply.stage"), state(found.stage)], [t("due"), found.due], [t("reason"), found.reason]])));
	});
}

function pass() {
	return form([h("p", {}, t("pass.lead")), field(t("pass.code"), input("pass", { required: true, class: "mono", autocomplete: "off", autocapitalize: "none" }))],
		t("gate.enter"), async ({ pass: code }) => {
			await redeem(code);
			location.hash = "#/home";
		});
}

export default function open({ name }) {
	const place = h("div", { "aria-live": "polite" });
	document.title = `${t(`gate.${name}`)} · ${t("brand")}`;
	return h("div", {}, h("h1", {}, t(`gate.${name}`)), { apply, follow, pass }[name](place), place);
}
