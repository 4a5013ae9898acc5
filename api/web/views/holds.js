// SPDX-License-Identifier: Apache-2.0
// Holds (暂缓处置) and disposal proposals.
import { page, sheet, later, empty, table, link, button, confirm, toast, time, state } from "../ui.js";
import { t } from "../language.js";
import { me, command } from "../server.js";
import { person } from "../persons.js";

export default function holds() {
	const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
	const official = me().role === "official";
	return page(t("nav.holds"), { lead: t("holds.lead") },
		sheet(t("holds"), later(() => command("ListHolds"), ({ holds: list = [] }) => table([
			{ label: t("hold"), get: (x) => x.hold },
			{ label: t("number"), get: (x) => link(x.number || x.case, `#/case/${x.case}`) },
			{ label: t("reason"), get: (x) => x.reason },
			{ label: t("by"), get: (x) => person(x.by) },
			{ label: t("date"), get: (x) => time(x.placed_at || x.time) },
			{ label: "", sort: null, get: (x) => official ? button(t("hold.release"), () => confirm(t("hold.release"), t("hold.release.text"), t("hold.release"), async (reason) => {
				await command("ReleaseHold", { case: x.case, hold: x.hold, reason });
				toast(t("done"));
				again();
			}, { reason: t("reason") }), "small") : "" },
		], list, { none: empty(t("holds.none"), t(official ? "holds.hint" : "holds.hint.others")) }))),
		sheet(t("disposals"), later(() => command("ListDisposals"), ({ disposals = [] }) => table([
			{ label: t("disposal"), get: (x) => x.disposal },
			{ label: t("cases"), number: true, get: (x) => (x.cases || []).length },
			{ label: t("reason"), get: (x) => x.reason },
			{ label: t("state"), get: (x) => state(x.state) },
			{ label: "", sort: null, get: (x) => official && x.state === "proposed" ? button(t("disposal.approve"), () => confirm(t("disposal.approve"), t("disposal.text", { count: (x.cases || []).length }), t("disposal.approve"), async () => {
				await command("ApproveDisposal", { disposal: x.disposal });
				again();
			}), "seal small") : "" },
		], disposals, { none: empty(t("disposals.none"), t("disposals.hint")) }))));
}
