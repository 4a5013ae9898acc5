// SPDX-License-Identifier: Apache-2.0
// Early warnings: what is late or about to be, each with its cases, requests or grants behind it.
import { h, page, sheet, later, empty, badge, link, table } from "../ui.js";
import { t, current } from "../language.js";
import { get } from "../server.js";

// Of the codes that the keeper knows, how much they press.
const bad = new Set(["archive_overdue", "publication_overdue", "correction_overdue", "fixity_failed"]);
const soon = new Set(["archive_today", "archive_3", "publication_1", "request_waiting", "grant_ending", "sealed_with_defect"]);
const kind = (w) => bad.has(w.code) ? "bad" : soon.has(w.code) ? "warn" : "info";
const capital = (text) => text && text[0].toUpperCase() + text.slice(1);
export const title = (w) => (current() === "zh" ? w.zh : capital(w.en)) || t("warnings.other");

// A case by number, a request or a grant; what is known by its number alone is looked for.
const behind = (c) => {
	if (c.case) return link(c.number || t("case.nameless"), `#/case/${c.case}`);
	if (/^R\d+$/.test(c.number || "")) return link(c.number, `#/request/${c.number}`);
	if (/^G\d+/.test(c.number || "")) return link(c.number, "#/grants");
	return c.number || t("warnings.whole");
};

const anchor = (w) => `#/warnings?code=${encodeURIComponent(w.code)}`;

// In short, for the first view.
export const overdue = () => sheet(t("nav.warnings"), later(() => get("/warnings"), ({ warnings: list = [] }) => list.length
	? h("ul", { class: "plain" }, list.map((w) => h("li", {}, link([title(w), " ", badge(t("warnings.count", { n: w.cases.length }), kind(w))], anchor(w)))))
	: empty(t("warnings.none"), t("warnings.hint"))));

export default function warnings({ query }) {
	const wanted = query.get("code");
	return page(t("nav.warnings"), { lead: t("warnings.lead"), actions: wanted ? link(t("warnings.all"), "#/warnings", "button") : null },
		later(() => get("/warnings"), ({ warnings: list = [] }) => {
			const shown = list.filter((w) => !wanted || w.code === wanted);
			return shown.length
				? shown.map((w) => sheet([title(w), " ", badge(t("warnings.count", { n: w.cases.length }), kind(w))],
					w.article ? h("p", { class: "small soft" }, w.article) : null,
					table([
						{ label: t("warnings.what"), get: behind, sort: (c) => c.number || "" },
						{ label: t("due"), get: (c) => c.due || "", sort: (c) => c.due || "9" },
					], w.cases || [], { size: 20, caption: title(w) })))
				: empty(t("warnings.none"), t("warnings.hint"));
		}));
}
