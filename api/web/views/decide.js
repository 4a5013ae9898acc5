// SPDX-License-Identifier: Apache-2.0
// Approving, narrowing or refusing a request in one look.  Decisions only take away: what is sent is what is left out,
// members above the reader's clearances that are let in, and the digest of what was shown.
import { h, sheet, replace, later, badge, button, form, field, input, area, choices, select, confirm, notice, toast, time, size } from "../ui.js";
import { t } from "../language.js";
import { get, post } from "../server.js";
import { word, words } from "../names.js";
import { choicesOf } from "../persons.js";
import { whoReads } from "./waiting.js";

const SHOWN_AT_ONCE = 3; // cases whose files are looked up without being asked for

const classesOf = (member) => [member.classification].flat().filter((c) => c && c !== "none");

// The members of one case that were asked for, each with a tick: { node, without(), with(), words() }.
function scopeOf(request, item, changed) {
	const some = (request.members || []).find((m) => m.case === item.case)?.members;
	const volumes = request.volumes?.length ? request.volumes : ["main", "sub"];
	const cleared = new Set(request.clearances || []);
	let list = null;
	const place = h("div");

	function rows(found) {
		list = (found.parts || []).flatMap((p) => p.catalogue?.members || p.members || [])
			.filter((m) => (!some || some.includes(m.number)) && volumes.includes(m.volume || "main"))
			.map((m) => ({ m, above: classesOf(m).filter((c) => !cleared.has(c)) }));
		list.forEach((row) => {
			row.box = h("input", { type: "checkbox", checked: !row.above.length, onchange: changed });
		});
		const all = (on) => () => { list.forEach((row) => { row.box.checked = on && !row.above.length; }); changed(); };
		setTimeout(changed);
		return [
			h("p", { class: "row" }, button(t("decide.all"), all(true), "small"), button(t("decide.nothing"), all(false), "small")),
			h("ul", { class: "ticks" }, list.map(({ m, above, box }) => h("li", {}, h("label", {}, box,
				h("span", {}, h("span", { class: "soft" }, `${m.number}. `), m.title || m.path, " ",
					h("span", { class: "soft small" }, [word("class", m.class), m.volume === "sub" ? t("volume.sub") : "", m.bytes ? size(m.bytes) : ""].filter(Boolean).join(" · ")),
					above.length ? [" ", badge(t("decide.above", { classes: words("classification", above) }), "warn")] : null))))),
		];
	}
	const look = () => replace(place, later(() => get(`/cases/${item.case}`), rows));
	const node = h("details", { class: "scope", ontoggle: (event) => { if (event.target.open && !list) look(); } },
		h("summary", {}, item.number || t("case.nameless"), " ", h("span", { class: "soft" }, item.title || "")), place);
	return {
		node,
		known: () => list !== null,
		total: () => list?.length ?? 0,
		chosen: () => list?.filter((row) => row.box.checked).length ?? 0,
		without: () => list ? list.filter((row) => !row.box.checked && !row.above.length).map((row) => row.m.number) : [],
		with: () => list ? list.filter((row) => row.box.checked && row.above.length).map((row) => row.m.number) : [],
		open: () => { node.open = true; },
	};
}

const pick = (scopes, request, which) => {
	const list = request.catalogue.map((c, i) => ({ case: c.case, members: scopes[i][which]() })).filter((x) => x.members.length);
	return list.length ? list : undefined;
};
// A case of which nothing is left is left out as a whole.
const left = (scopes, request) => {
	const list = request.catalogue.filter((c, i) => !scopes[i].known() || scopes[i].chosen() > 0).map((c) => c.case);
	return list.length < request.catalogue.length ? list : undefined;
};

function warn(request) {
	return [
		request.handled?.length ? notice("warn", t("decide.handled")) : null,
		request.approvals > 1 ? notice("", t("decide.needed", { needed: request.approvals, approvals: (request.decisions || []).length })) : null,
		(request.channels || []).includes("copy") ? notice("warn", t("decide.copy")) : null,
	];
}

// One sentence of what the button will grant.
function summary(place, node, scopes, request) {
	const days = Number(node.querySelector("[name=days]").value) || 0;
	const channels = [...node.querySelectorAll("[name=channels]:checked")].map((c) => c.value);
	const known = scopes.every((s) => s.known());
	const members = known ? t("decide.some", { chosen: scopes.reduce((n, s) => n + s.chosen(), 0), total: scopes.reduce((n, s) => n + s.total(), 0) }) : t("members.all");
	replace(place, t("decide.sum", { reader: whoReads(request), cases: request.catalogue.length, members, channels: words("channel", channels) || t("none"),
		until: time(new Date(Date.now() + days * 86400000).toISOString()) }));
}

// { scope, form }: what is to be read, and the decision beside it.
export function decision(request, again) {
	const sum = h("p", { class: "sum", role: "status" });
	const scopes = [];
	let node = null;
	const changed = () => { if (node) summary(sum, node, scopes, request); };
	request.catalogue.forEach((item) => scopes.push(scopeOf(request, item, changed)));
	const escort = h("div", {}, field(t("decide.escort.who"), select("escort", [["", t("none")]]), t("decide.escort.hint")));
	choicesOf(["archivist", "handler", "official"]).then((list) => replace(escort, field(t("decide.escort.who"), select("escort", [["", t("none")], ...list]), t("decide.escort.hint"))), () => {});
	const send = async (body) => post(`/requests/${request.request}/decision`, { digest: request.digest, deputy_for: request.deputy_for?.length > 1 ? node.querySelector("[name=deputy_for]").value : undefined, ...body });
	node = form([
		warn(request),
		request.deputy_for?.length > 1 ? field(t("decide.deputy_for"), select("deputy_for", request.deputy_for.map((d) => [d.user, d.name]))) : null,
		choices(t("channels"), "channels", (request.channels || []).map((c) => [c, word("channel", c)]), request.channels || []),
		h("div", { class: "fields" },
			field(t("days"), input("days", { type: "number", min: 1, max: Math.min(30, request.days || 30), value: request.days || 7, required: true }), t("decide.days")),
			escort),
		choices(t("decide.no_cache.legend"), "no_cache", [["yes", t("decide.no_cache")]]),
		field(t("decide.remark"), area("reason", { maxlength: 2000, rows: 2, class: "low" })),
		sum,
	], t("decide.approve"), async (given) => {
		if (!given.channels.length) throw new Error(t("decide.no_channel"));
		if (scopes.every((s) => s.known()) && scopes.every((s) => s.chosen() === 0)) throw new Error(t("decide.no_member"));
		const rest = left(scopes, request);
		const done = await send({ decision: "approve", channels: given.channels, days: given.days, cases: rest,
			without_members: pick(scopes, request, "without")?.filter((x) => !rest || rest.includes(x.case)), with_members: pick(scopes, request, "with"),
			escort: given.escort, no_cache: given.no_cache?.length ? true : undefined, reason: given.reason });
		toast(done.grant ? t("decide.granted", { grant: done.grant }) : t("decide.second"));
		again();
	}, { also: button(t("decide.refuse"), () => confirm(t("decide.refuse"), t("decide.refuse.text"), t("decide.refuse"), async (reason) => {
		await send({ decision: "refuse", reason });
		toast(t("decide.refused"));
		again();
	}, { reason: t("decide.refuse.reason") }), "seal") });
	node.addEventListener("input", changed);
	if (scopes.length <= SHOWN_AT_ONCE) scopes.forEach((s) => s.open());
	changed();
	return { scope: sheet(t("decide.scope"), h("p", { class: "soft small" }, t("decide.scope.hint")), scopes.map((s) => s.node)), form: h("div", { class: "decide" }, sheet(t("decide"), node)) };
}
