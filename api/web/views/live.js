// SPDX-License-Identifier: Apache-2.0
// Who reads what now, with a button that stops it.  Asked again every three seconds while it is looked at.
import { h, page, replace, empty, table, time, button, confirm, toast, say, notice } from "../ui.js";
import { t } from "../language.js";
import { me, get, post } from "../server.js";
import { word } from "../names.js";
import { person } from "../persons.js";
import { since } from "./waiting.js";

const EVERY_MS = 3000;

export default function live() {
	const place = h("div", {}, h("div", { class: "loading", role: "status" }, t("loading")));
	const told = h("p", { class: "sr-only", role: "status" });
	const may = ["official", "security-admin"].includes(me().role);
	let seen = "";
	const stop = (l) => confirm(t("live.stop"), t("grant.revoke.text", { reader: l.reader_name || t("grant.by.pass") }), t("live.stop"), async (reason) => {
		await post(`/grants/${l.grant}/revoke`, { reason });
		toast(t("grant.revoked"));
		look();
	}, { reason: t("reason") });
	const draw = (list) => table([
		{ label: t("reader"), get: (l) => l.reader_name ? person(l.reader, l.reader_name) : t("grant.by.pass") },
		{ label: t("number"), get: (l) => l.number || h("span", { class: "soft" }, t("live.hidden")) },
		{ label: t("live.what"), get: (l) => l.title || t("live.member", { n: l.member }) },
		{ label: t("channels"), get: (l) => word("channel", l.channel) },
		{ label: t("live.since"), get: (l) => h("span", { title: time(l.since) }, since(l.since)), sort: (l) => l.since },
		{ label: t("live.from"), get: (l) => l.address || [l.program, l.uid !== null && l.uid !== undefined ? t("live.uid", { uid: l.uid }) : ""].filter(Boolean).join(" · ") },
		{ label: t("approved.by"), get: (l) => (l.approved_by_names || []).join(t("word.and")) },
		{ label: t("grant"), get: (l) => l.grant },
		may ? { label: "", sort: null, get: (l) => button(t("live.stop"), () => stop(l), "seal small", { "aria-label": t("live.stop.whose", { reader: l.reader_name || t("grant.by.pass"), grant: l.grant }) }) } : null,
	].filter(Boolean), list, { none: empty(t("live.none"), t("live.hint")), caption: t("nav.live") });

	// Drawn again only when something changed, and never under somebody's fingers.
	async function look() {
		try {
			const { live: list = [] } = await get("/live");
			list.sort((a, b) => b.opened - a.opened);
			const now = JSON.stringify(list);
			if (now !== seen) {
				replace(place, draw(list));
				told.textContent = t("live.count", { n: list.length });
			}
			seen = now;
		} catch (error) {
			if (error.status !== 0) replace(place, notice("bad", say(error)));
			seen = "";
		}
	}
	look();
	const timer = setInterval(() => { if (place.isConnected) look(); else clearInterval(timer); }, EVERY_MS);
	return page(t("nav.live"), { lead: t("live.lead") }, told, place);
}
