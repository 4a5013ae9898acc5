// SPDX-License-Identifier: Apache-2.0
// The escort's page (陪同查阅): reading works only while it is open.
import { h, page, sheet, notice, replace, say } from "../ui.js";
import { t } from "../language.js";
import { post } from "../server.js";

export default function escort({ rest: [grant] }) {
	const place = h("div", { "aria-live": "polite" }, notice("", t("escort.begin")));
	let stopped = false;
	async function beat() {
		while (!stopped) {
			try {
				await post(`/grants/${grant}/beat`, {});
				if (!place.isConnected) break;
				replace(place, notice("good", t("escort.present")));
			} catch (error) {
				if (!place.isConnected) break;
				replace(place, notice("bad", say(error)));
				if (error.status === 403 || error.status === 404 || error.status === 401) return;
				await new Promise((resolve) => { setTimeout(resolve, 500); });
			}
		}
		await post(`/grants/${grant}/beat`, { leave: true }).catch(() => {});
	}
	window.addEventListener("hashchange", () => { stopped = true; }, { once: true });
	setTimeout(beat);
	return page(t("escort.title", { grant }), { lead: t("escort.lead") }, sheet(null, place));
}
