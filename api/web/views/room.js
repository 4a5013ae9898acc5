// SPDX-License-Identifier: Apache-2.0
// The viewing room (阅览室): members in catalogue order, each in its viewer, under a watermark of who reads by
// whose leave.  Nothing is kept: content comes with no-store, and is let go of with the view.  Whether the grant still
// lives is asked every three seconds: what is on the screen goes with it.
import { h, page, later, replace, notice, button, facts, time, left, badge, empty, link, size, toast, confirm, say } from "../ui.js";
import { t } from "../language.js";
import { me, get, post } from "../server.js";
import { word, words } from "../names.js";
import { person } from "../persons.js";
import { watermark } from "../watermark.js";
import { viewerOf, textOf } from "../viewers.js";
import { clock, transcript } from "../transcript.js";
import { poll } from "../polling.js";
import { noteFinding } from "./finding.js";
import { receiptsOf } from "./receipts.js";

const EVERY_MS = 3000;
const url = (grant, id, n) => `/api/v1/grants/${encodeURIComponent(grant)}/cases/${id}/members/${n}`;

// Members of the case that explain a medium: { explanation, transcript }.
function explains(part, member) {
	const at = (path) => part.members.find((m) => m.path === path);
	const found = { explanation: at(member.explanation?.path), transcript: at(member.transcript) };
	if (member.class === "medium" && !found.explanation) {
		const stem = (member.path || "").replace(/^[^/]*\//, "").replace(/\.[^.]*$/, "");
		found.explanation = part.members.find((m) => m.class === "explanation" && m !== found.transcript && (m.path || "").includes(stem));
	}
	return found;
}

const pages = ({ page_from: from, page_to: to }) => !from ? "" : to && to !== from ? t("room.pages.of", { from, to }) : t("finding.page", { page: from });

// What was said, under a sound and beside a picture that moves.
function said(found, viewer, path) {
	if (!viewer.player) return null;
	if (!found.transcript) return h("p", { class: "soft" }, t("room.transcript.none"));
	return h("section", { class: "said" }, h("h3", {}, t("room.transcript")), h("p", { class: "soft small" }, t("room.transcript.hint")),
		later(() => textOf(path(found.transcript)), (text) => transcript(text, viewer.player)));
}

function beside(found, member, path, also) {
	const about = member.explanation || {};
	return h("aside", { class: "beside", "aria-label": t("room.beside") },
		h("h3", {}, t("room.explanation")),
		facts([[t("explain.collector"), about.collector], [t("explain.time"), time(about.collected_at)], [t("explain.place"), about.place], [t("explain.proves"), about.proves],
			[t("explain.recorded"), member.recorded_from && member.recorded_to && member.recorded_from !== member.recorded_to ? t("explain.fromto", { from: time(member.recorded_from), to: time(member.recorded_to) }) : ""]]),
		found.explanation ? h("details", {}, h("summary", {}, found.explanation.title || t("class.explanation")), later(() => textOf(path(found.explanation)), (text) => h("pre", {}, text))) : null,
		also);
}

function watched(part, member, viewer, box, path) {
	const found = explains(part, member), words = said(found, viewer, path);
	const sound = viewer.player?.localName === "audio";
	return h("div", { class: "watch" }, h("div", {}, box, sound ? words : null), beside(found, member, path, sound ? null : words));
}

// What the reader sees of one member; { node, viewer }.
function opened(grant, part, member) {
	const path = (m) => url(grant.grant, part.case, m.number);
	const box = h("div", { class: `viewer ${member.class}`, oncontextmenu: (e) => e.preventDefault() });
	const failed = () => replace(box, notice("bad", t("room.failed")));
	const viewer = viewerOf(member, path(member), failed);
	box.append(viewer.node);
	const copy = (grant.channels || []).includes("copy");
	return {
		viewer,
		node: [
			h("div", { class: "member-head" }, h("h2", { tabindex: "-1" }, member.title || member.path), viewer.bar),
			h("p", { class: "soft small" }, [member.document_no, member.responsible, member.date, pages(member), size(member.bytes)].filter(Boolean).join(" · "), " ",
				copy ? h("a", { href: `${path(member)}?channel=copy`, class: "viewer-copy", download: (member.path || "").replace(/^.*\//, "") }, t("room.download")) : null),
			member.class === "medium" ? watched(part, member, viewer, box, path) : box,
		],
	};
}

// A finding of a review is noted where the reviewer looks: at this page, at this second.
function finding(grant, { item, viewer }) {
	const { page: at, at: seconds } = viewer.place();
	noteFinding({ review: grant.review, id: item.part.case, members: item.part.members,
		given: { member: item.member.number, page: at, at: seconds === undefined ? undefined : clock(seconds) } });
}

function room(grant) {
	const view = h("div", { class: "room-view", "aria-live": "polite" }, empty(t("room.choose"), t("room.choose.hint")));
	const items = [];
	let now = null;
	const bare = () => { now?.viewer.close(); now = null; };

	function open(item) {
		bare();
		items.forEach((i) => {
			i.node.setAttribute("aria-current", i === item ? "true" : "false");
			i.node.tabIndex = i === item ? 0 : -1;
		});
		now = { item, ...opened(grant, item.part, item.member) };
		replace(view, now.node);
		before.disabled = item === items[0];
		after.disabled = item === items[items.length - 1];
	}
	const step = (by) => {
		const to = items[items.indexOf(now?.item) + by];
		if (!to) return;
		open(to);
		to.node.scrollIntoView({ block: "nearest" });
		view.querySelector("h2")?.focus({ preventScroll: true });
	};
	const before = button(t("room.before"), () => step(-1), "small", { disabled: true });
	const after = button(t("room.after"), () => step(1), "small");

	const list = h("nav", { class: "list", "aria-label": t("catalogue"), onkeydown: (event) => {
		const at = items.findIndex((i) => i.node === document.activeElement);
		const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
		if (at < 0 || to === undefined || !items[to]) return;
		event.preventDefault();
		items[to].node.focus();
	} }, grant.cases.map((part) => part.damage
		? [h("h2", { class: "small" }, t("room.damaged")), notice("bad", t("room.damaged.hint"))]
		: [h("h2", { class: "small" }, part.number, " ", h("span", { class: "soft" }, part.title)),
			part.members.map((member, i) => {
				const volume = i === 0 ? part.members.some((m) => m.volume === "sub") && "main" : member.volume !== part.members[i - 1].volume && member.volume;
				const node = h("button", { type: "button", tabindex: items.length ? -1 : 0, onclick: () => open(item) },
					h("span", { class: "soft" }, `${member.order ?? member.number}. `), member.title || member.path,
					member.class === "medium" ? [" ", h("span", { class: "soft small" }, word("class", "medium"))] : null);
				const item = { node, part, member };
				items.push(item);
				return [volume ? h("h3", { class: "small" }, word("volume", volume)) : null, node];
			})]));
	const box = h("div", { class: "room" }, list, view,
		watermark({ reader: me().full_name || grant.reader_name || t("grant.by.pass"), officials: [grant.approved_by_names || []].flat().join(t("word.and")), grant: grant.grant }));
	const over = (text) => {
		bare();
		items.forEach((i) => { i.node.disabled = true; });
		tools.remove();
		box.closest("main")?.querySelector(".head .actions")?.remove(); // nothing can be given back any more
		replace(box, notice("bad", text, h("p", {}, link(t("room.leave"), "#/home", "button"))));
	};
	poll(box, EVERY_MS, async () => {
		try {
			const { grants = [] } = await get("/grants", { grant: grant.grant });
			const state = grants[0]?.state;
			if (state !== "live") over(t(`room.over.${state}`, {}, null) ?? t("room.over"));
		} catch (error) {
			if (error.status === 401) toast(t("room.over"), "bad");
			else if (error.status) over(say(error));
		}
	}, () => over(t("room.away")));
	window.addEventListener("hashchange", bare, { once: true });
	const tools = h("span", { class: "room-tools" });
	const whole = button(t("room.whole"), () => document.fullscreenElement ? document.exitFullscreen() : box.requestFullscreen?.(), "small");
	return [
		h("div", { class: "room-facts" },
			h("span", {}, words("purpose", grant.purpose)), h("span", {}, t("room.by", { names: [grant.approved_by_names || []].flat().join(t("word.and")) })),
			h("span", {}, t("room.until", { until: time(grant.until) }), " ", badge(left(grant.until), "info")),
			grant.escort ? h("span", {}, t("room.with"), " ", person(grant.escort, grant.escort_name)) : null,
			replace(tools, before, after, whole,
				grant.review ? button(t("room.finding"), () => { if (now) finding(grant, now); else toast(t("room.choose"), "warn"); }, "small") : null,
				button(t("room.receipts"), () => receiptsOf(grant), "small"))),
		box,
	];
}

async function load(id) {
	const [content, { grants = [] }] = await Promise.all([get(`/grants/${encodeURIComponent(id)}`), get("/grants", { grant: id })]);
	const grant = { ...grants.find((g) => g.grant === id), ...content, grant: id };
	if (me().role === "supervisor" && grant.request) grant.review = (await get(`/requests/${grant.request}`).catch(() => ({}))).review;
	// An answer a case, or several where it has very many members.
	const cases = [];
	for (const one of grant.cases || []) {
		const last = cases[cases.length - 1];
		if (last && last.case === one.case && one.members) last.members.push(...one.members);
		else cases.push(one);
	}
	return { ...grant, cases };
}

export default function show({ rest: [id] }) {
	return page(t("room.title"), {
		actions: button(t("grant.return"), () => confirm(t("grant.return"), t("grant.return.text"), t("grant.return"), async () => {
			await post(`/grants/${id}/return`, {});
			toast(t("grant.returned"));
			location.hash = me()?.role === "party" ? "#/home" : "#/grants";
		})),
	}, later(() => load(id), room));
}
