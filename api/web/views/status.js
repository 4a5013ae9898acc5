// SPDX-License-Identifier: Apache-2.0
// The state of the appliance in words: disk, age of the backup, log, clock, certificates; its configuration as it is in
// force.
import { h, page, sheet, later, facts, notice, table, size, time, badge } from "../ui.js";
import { t } from "../language.js";
import { me, command } from "../server.js";

const tile = (value, label, bad) => h("div", { class: `tile ${bad ? "bad" : ""}` }, h("strong", {}, value), h("span", {}, label), bad ? badge(t("status.look"), "bad") : null);

function disk(found) {
	const total = found.disk?.total || 0, free = found.disk?.free || 0;
	const used = Math.max(0, total - free);
	const percent = total ? Math.round(100 * used / total) : 0;
	return sheet(t("status.disk"), h("p", {}, t("status.disk.said", { used: size(used), total: size(total), free: size(free) })),
		h("svg", { class: "meter", width: "100%", height: 22, role: "img", "aria-label": t("status.disk.percent", { n: percent }) },
			h("rect", { class: "track", x: 0, y: 3, width: "100%", height: 16, rx: 3 }), h("rect", { class: percent >= 90 ? "late" : "mark", x: 0, y: 3, width: `${percent}%`, height: 16, rx: 3 })),
		h("p", { class: "small soft" }, t("status.disk.percent", { n: percent })));
}

const backup = (found) => sheet(t("status.backup"), found.backup
	? facts([[t("status.made_at"), time(found.backup.time || found.backup.made_at)], [t("status.backup.old"), badge(t("status.backup.age", { n: found.backup.age_days ?? 0 }), (found.backup.age_days ?? 0) > 7 ? "warn" : "good")],
		[t("status.backup.size"), found.backup.size !== undefined ? String(found.backup.size) : ""]])
	: notice("bad", t("status.backup.none")));

const shown = (found) => [
	(found.warnings || []).length ? (found.warnings || []).map((w) => notice("warn", h("strong", {}, t(`status.warning.${w.code}`, {}, w.code)), h("div", { class: "small" }, t("locale") === "zh-CN" ? t(`status.mend.${w.code}`, {}, w.text || "") : w.text || "")))
		: notice("good", t("status.fine")),
	h("div", { class: "tiles" },
		tile(String(found.vault?.cases ?? 0), t("status.cases")), tile(String(found.vault?.archives ?? 0), t("status.archives")), tile(size(found.vault?.bytes || 0), t("status.bytes")),
		tile(String(found.keeper?.sessions ?? 0), t("status.sessions")), tile(String(found.ledger?.size ?? 0), t("status.size"))),
	h("div", { class: "grid wide" }, disk(found), backup(found),
		sheet(t("status.clock"), facts([[t("status.state"), badge(t(`clock.${found.clock?.state}`, {}, found.clock?.state || ""), found.clock?.state === "fine" ? "good" : "bad")], [t("status.wall"), time(found.clock?.wall)], [t("status.clock.ledger"), time(found.clock?.ledger)], [t("status.apart_s"), found.clock?.apart_s === undefined ? "" : String(found.clock.apart_s)]])),
		sheet(t("status.ledger"), facts([[t("status.origin"), found.ledger?.origin], [t("status.published"), found.ledger?.published === undefined ? "" : String(found.ledger.published)], [t("status.last"), time(found.ledger?.last)], [t("status.verifier_key"), found.ledger?.verifier_key ? h("code", {}, found.ledger.verifier_key) : ""]])),
		sheet(t("status.vault"), facts([[t("status.index_finished"), found.vault?.index_finished === undefined ? "" : t(found.vault.index_finished ? "yes" : "no")], [t("status.missing"), String(found.vault?.missing ?? 0)], [t("status.unknown"), String(found.vault?.unknown ?? 0)], [t("status.foreign"), String(found.vault?.foreign ?? 0)]])),
		sheet(t("status.keeper"), facts([[t("status.version"), found.version || found.keeper?.version], [t("status.started_at"), time(found.keeper?.since || found.keeper?.started_at)], [t("status.data"), found.keeper?.data ? h("code", {}, found.keeper.data) : ""]]))),
	(found.certificates || []).length ? sheet(t("status.certificates"), table([
		{ label: t("status.name"), get: (c) => t(`certificate.${c.name}`, {}, c.name) },
		{ label: t("status.until"), get: (c) => time(c.until), sort: (c) => c.until },
		{ label: t("status.days"), number: true, get: (c) => c.days },
	], found.certificates, { caption: t("status.certificates") })) : null,
];

// Configuration is looked at here and changed on the machine.
const configuration = () => sheet(t("status.configuration"), h("p", { class: "soft small" }, t("config.lead")), later(() => command("Configure"), ({ configuration: list = [] }) => table([
	{ label: t("config.what"), get: (r) => [t(`config.${r.key}`, {}, null) ?? r.help ?? r.key, h("div", { class: "small soft" }, h("code", {}, r.key))], sort: (r) => r.key },
	{ label: t("value"), get: (r) => r.value === "yes" || r.value === "no" ? t(r.value) : r.value || h("span", { class: "soft" }, t("config.empty")) },
	{ label: t("config.default"), get: (r) => r.value === r.default ? badge(t("config.is_default")) : r.default === "yes" || r.default === "no" ? t(r.default) : r.default || h("span", { class: "soft" }, t("config.empty")) },
], list, { size: 100, caption: t("status.configuration") })));

export default function status() {
	return page(t("nav.status"), { lead: t("status.lead") }, later(() => command("Status"), shown), me().role === "admin" ? configuration() : null);
}
