// SPDX-License-Identifier: Apache-2.0
// Grants: what may be read until when; stopping one, giving one back.
import { h, page, later, empty, link, table, state, time, left, badge, button, tabs, confirm, toast, id } from "../ui.js";
import { t } from "../language.js";
import { me, get, post } from "../server.js";

function rows(list, none) {
	const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
	const role = me().role;
	const stop = (g) => button(t("grant.revoke"), () => confirm(t("grant.revoke"), t("grant.revoke.text", { reader: g.reader || "" }), t("grant.revoke"), async (reason) => {
		await post(`/grants/${g.grant}/revoke`, { reason });
		toast(t("grant.revoked"));
		again();
	}, { reason: t("reason") }), "seal small");
	const giveBack = (g) => button(t("grant.return"), () => confirm(t("grant.return"), t("grant.return.text"), t("grant.return"), async () => {
		await post(`/grants/${g.grant}/return`, {});
		toast(t("grant.returned"));
		again();
	}), "small");
	return table([
		{ label: t("grant"), get: (g) => g.reader === me().user && g.state === "live" ? link(g.grant, `#/room/${g.grant}`, "nowrap") : id(g.grant) },
		{ label: t("reader"), get: (g) => g.reader_name || g.reader || t("grant.by.pass") },
		{ label: t("approved.by"), get: (g) => [g.approved_by_names || g.approved_by].flat().join(t("word.and")) },
		{ label: t("purpose"), get: (g) => t(`purpose.${g.purpose}`, {}, g.purpose) },
		{ label: t("channels"), get: (g) => (g.channels || []).map((c) => t(`channel.${c}`, {}, c)).join(t("word.and")) },
		{ label: t("cases"), number: true, get: (g) => (g.cases || []).length },
		{ label: t("until"), get: (g) => [time(g.until), " ", g.state === "live" ? badge(left(g.until)) : null], sort: (g) => g.until },
		{ label: t("state"), get: (g) => state(g.state) },
		{ label: "", sort: null, get: (g) => g.state !== "live" ? "" : h("span", { class: "row" },
			g.escort === me().user ? link(t("escort"), `#/escort/${g.grant}`, "button small") : null,
			g.reader === me().user ? giveBack(g) : null,
			role === "official" || role === "security-admin" ? stop(g) : null) },
	], list, { none });
}

export default function grants() {
	return page(t("nav.grants"), { lead: t("grants.lead") }, later(() => get("/grants"), ({ grants: all = [] }) => {
		const live = all.filter((g) => g.state === "live");
		return tabs([
			[t("grants.live", { count: live.length }), () => rows(live, empty(t("grants.live.none"), t("grants.live.hint")))],
			[t("grants.over", { count: all.length - live.length }), () => rows(all.filter((g) => g.state !== "live"), empty(t("grants.over.none")))],
		]);
	}));
}
