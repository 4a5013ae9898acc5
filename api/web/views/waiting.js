// SPDX-License-Identifier: Apache-2.0
// What waits for an official (or their deputy): who asks, why, for what, and what stands against it, each in one look.
import { h, sheet, later, empty, link, badge, time } from "../ui.js";
import { t } from "../language.js";
import { get } from "../server.js";
import { words, organ } from "../names.js";

export const isOpen = (request) => request.state === "filed" || request.state === "partly";

async function ofState(state) {
	const all = [];
	let after;
	do {
		const found = await get("/requests", { state, after, limit: 1000 });
		all.push(...(found.requests || []));
		after = found.next;
	} while (after && all.length < 10000);
	return all;
}

// Those that are open, the newest first, and the ids of those that wait too long.
export async function requestsAndLate() {
	const [filed, partly, { warnings = [] }] = await Promise.all([ofState("filed"), ofState("partly"), get("/warnings").catch(() => ({}))]);
	const late = new Set(warnings.filter((w) => w.code === "request_waiting").flatMap((w) => w.cases.map((c) => c.number)));
	return { all: [...filed, ...partly].sort((a, b) => a.request < b.request ? 1 : -1), late };
}

export const waitsFor = (request) => isOpen(request) && request.decides;

// How long ago, in the largest unit that says something.
export function since(text) {
	const minutes = Math.max(0, Math.round((Date.now() - new Date(text)) / 60000));
	if (minutes < 60) return t("since.minutes", { n: minutes });
	if (minutes < 2880) return t("since.hours", { n: Math.floor(minutes / 60) });
	return t("since.days", { n: Math.floor(minutes / 1440) });
}

// Who will read: a user by name, or whoever the archivist asks for.
export const whoReads = (r) => r.for ? t("request.for", { name: r.for, kind: t(`class.of.${r.for_kind || "other"}`) }) : r.reader_name || r.reader || r.filed_by_name || r.filed_by;

export function flags(r, late) {
	return [
		late.has(r.request) ? badge(t("request.late"), "bad") : null,
		r.own ? badge(t("request.own"), "bad") : null,
		r.handled?.length ? badge(t("request.handled"), "warn") : null,
		r.approvals > 1 ? badge(t("request.approvals", { has: (r.decisions || []).filter((d) => d.decision !== "refuse").length, needed: r.approvals }), "info") : null,
		r.deputy_for?.length ? badge(t("request.deputy", { names: r.deputy_for.map((d) => d.name).join(t("word.and")) }), "info") : null,
		r.decided ? badge(t("request.decided"), "good") : null,
	];
}

export const caseLine = (r) => {
	const first = (r.catalogue || [])[0];
	const count = r.case_count ?? (r.cases || []).length;
	if (!first?.number) return t("cases.count", { count });
	return count > 1 ? t("request.cases", { number: first.number, title: first.title || "", count }) : `${first.number} ${first.title || ""}`;
};

function card(r, late) {
	return h("li", { class: `waits${late.has(r.request) ? " late" : ""}` },
		h("div", { class: "waits-who" },
			h("h3", {}, link(whoReads(r), `#/request/${r.request}`)),
			h("p", { class: "soft small" }, [r.filed_by !== r.reader && r.for ? t("request.by", { name: r.filed_by_name || r.filed_by }) : t(`class.of.${r.class}`, {}, null) ?? t(`role.${r.class}`, {}, ""), " · ", organ(r.organ)])),
		h("div", { class: "waits-what" },
			h("p", {}, h("strong", {}, words("purpose", r.purpose)), h("span", { class: "clip" }, `　${r.reason || ""}`)),
			h("p", { class: "clip" }, caseLine(r)),
			h("p", { class: "soft small" }, [words("channel", r.channels), t("request.days", { n: r.days }),
				r.members?.length ? t("request.members", { n: r.members.reduce((sum, m) => sum + m.members.length, 0) }) : t("members.all")].join(" · ")),
			h("p", { class: "flags" }, flags(r, late))),
		h("div", { class: "waits-go" },
			h("p", { class: "soft small", title: time(r.filed) }, since(r.filed)),
			link(r.own || r.decided ? t("open") : t("decide"), `#/request/${r.request}`, r.own || r.decided ? "button" : "button main-action")));
}

export const cards = (list, late, none) => list.length ? h("ul", { class: "cards" }, list.map((r) => card(r, late))) : none;

export const waiting = () => sheet(t("home.waiting"), later(requestsAndLate, ({ all, late }) => {
	const list = all.filter(waitsFor).reverse();
	return cards(list, late, empty(t("home.waiting.none"), t("home.waiting.hint")));
}));

// For who is no official: shown only where somebody named them as deputy and something waits.
export const standingIn = () => {
	const place = h("div");
	requestsAndLate().then(({ all, late }) => {
		const list = all.filter((r) => waitsFor(r) && !r.own).reverse();
		if (list.length) place.append(sheet(t("home.deputy"), cards(list, late)));
	}, () => {});
	return place;
};
