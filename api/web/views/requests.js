// SPDX-License-Identifier: Apache-2.0
// Requests: the caller's own, and those that wait for an official or their deputy.
import { h, page, later, replace, button, empty, link, table, state, time, tabs, badge } from "../ui.js";
import { t } from "../language.js";
import { me, get } from "../server.js";
import { words } from "../names.js";
import { cards, caseLine, isOpen, requestsAndLate, waitsFor, whoReads } from "./waiting.js";

const OVER = 200; // of those that are over, at a time

export const caseWords = caseLine;

const rows = (list, late, none) => table([
	{ label: t("request"), get: (r) => link(r.request, `#/request/${r.request}`) },
	{ label: t("reader"), get: whoReads },
	{ label: t("purpose"), get: (r) => words("purpose", r.purpose) },
	{ label: t("cases"), get: caseLine },
	{ label: t("channels"), get: (r) => words("channel", r.channels) },
	{ label: t("days"), number: true, get: (r) => r.days },
	{ label: t("filed.at"), get: (r) => time(r.filed), sort: (r) => r.filed || "" },
	{ label: t("state"), get: (r) => [state(r.state), " ", late.has(r.request) ? badge(t("request.late"), "bad") : null] },
], list, { none, caption: t("nav.requests") });

// The newest of those that are over, and older ones when they are asked for.
function olderRows(list, late, after) {
	const place = h("div");
	const more = async () => {
		const found = await get("/requests", { limit: OVER, after });
		return [[...list, ...found.requests.filter((r) => !isOpen(r))], found.next];
	};
	return replace(place, rows(list, late, empty(t("requests.over.none"))),
		after ? button(t("find.more"), () => replace(place, later(more, ([all, next]) => olderRows(all, late, next)))) : null);
}

export default function requests() {
	const official = me().role === "official";
	return page(t("nav.requests"), {
		lead: official ? t("requests.lead.official") : t("requests.lead"),
		actions: official ? null : link(t("ask"), "#/ask", "button main-action"),
	}, later(async () => {
		const [open, { requests: newest = [], next }] = await Promise.all([requestsAndLate(), get("/requests", { limit: OVER })]);
		return { ...open, newest, next };
	}, ({ all, late, newest, next }) => {
		const mine = all.filter(waitsFor).reverse();
		const open = all.filter((r) => !waitsFor(r));
		const over = newest.filter((r) => !isOpen(r));
		const lists = [
			official || mine.length ? [t("requests.decide", { count: mine.length }), () => cards(mine, late, empty(t("requests.open.none"), t("home.waiting.hint")))] : null,
			!official || open.length ? [t("requests.open", { count: open.length }), () => rows(open, late, empty(t("requests.open.none"), t("requests.open.hint")))] : null,
			[t("requests.over", { count: next ? `${over.length}+` : over.length }), () => olderRows(over, late, next)],
		];
		return tabs(lists.filter(Boolean));
	}));
}
