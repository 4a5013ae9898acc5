// SPDX-License-Identifier: Apache-2.0
// Who reads what now, with a button that stops it.  Asked again every three seconds while it is looked at.
import { h, page, replace, empty, table, time, button, confirm, toast, say, notice } from "../ui.js";
import { t } from "../language.js";
import { me, get, post } from "../server.js";

export default function live() {
	const place = h("div", { "aria-live": "polite" });
	let seen = "";
	async function look() {
		try {
			const { live: list = [] } = await get("/live");
			const now = JSON.stringify(list);
			if (now !== seen) replace(place, draw(list));
			seen = now;
		} catch (error) {
			replace(place, notice("bad", say(error)));
			seen = "";
		}
	}
	const draw = (list) => table([
		{ label: t("reader"), get: (l) => l.reader || l.pass },
		{ label: t("number"), get: (l) => l.number || l.case },
		{ label: t("title"), get: (l) => l.title || l.member },
		{ label: t("channels"), get: (l) => t(`channel.${l.channel}`, {}, l.channel) },
		{ label: t("live.since"), get: (l) => time(l.since), sort: (l) => l.since },
		{ label: t("live.from"), get: (l) => l.address || [l.login || l.uid, l.program].filter((x) => x !== undefined).join(" ") },
		{ label: t("grant"), get: (l) => l.grant },
		{ label: "", sort: null, get: (l) => ["official", "security-admin"].includes(me().role)
			? button(t("live.stop"), () => confirm(t("live.stop"), t("grant.revoke.text", { reader: l.reader || "" }), t("live.stop"), async (reason) => {
				await post(`/grants/${l.grant}/revoke`, { reason });
				toast(t("grant.revoked"));
				look();
			}, { reason: t("reason") }), "seal small") : "" },
	], list, { none: empty(t("live.none"), t("live.hint")) });
	look();
	const timer = setInterval(() => { if (place.isConnected) look(); else clearInterval(timer); }, 3000);
	return page(t("nav.live"), { lead: t("live.lead") }, place);
}
