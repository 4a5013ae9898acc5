// SPDX-License-Identifier: Apache-2.0
// Early warnings: what is about to be late, with the cases it concerns.
import { h, page, sheet, later, empty, badge, link } from "../ui.js";
import { t, current } from "../language.js";
import { get } from "../server.js";

export default function warnings() {
	return page(t("nav.warnings"), { lead: t("warnings.lead") }, later(() => get("/warnings"), ({ warnings: list = [] }) => list.length
		? list.map((w) => sheet(null, h("h2", {}, (current() === "zh" ? w.zh : w.en) || w.text || w.code, " ", w.cases?.length ? badge(String(w.cases.length), "warn") : null),
			w.article ? h("p", { class: "small soft" }, w.article) : null,
			h("p", {}, (w.cases || []).slice(0, 50).map((c) => [link(c.number || c, `#/case/${c.case || c}`), c.due ? ` (${c.due})` : "", "　"]))))
		: empty(t("warnings.none"), t("warnings.hint"))));
}
