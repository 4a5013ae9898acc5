// SPDX-License-Identifier: Apache-2.0
// The viewing room (阅览室): members in catalogue order, each in its viewer, under a watermark of who reads by
// whose leave.  Nothing is kept: content comes with no-store, and is let go of with the view.
import { h, page, later, replace, notice, button, facts, time, left, badge, empty, size, toast, confirm, say } from "../ui.js";
import { t } from "../language.js";
import { me, get, post, send } from "../server.js";

const url = (grant, id, n) => `/api/v1/grants/${encodeURIComponent(grant)}/cases/${id}/members/${n}`;

function watermark(grant) {
	const text = t("watermark", { reader: me().full_name || me().user, official: [grant.approved_by_names || grant.approved_by].flat().join("、"), time: time(new Date().toISOString()) });
	return h("div", { class: "watermark", "aria-hidden": "true" }, Array.from({ length: 24 }, () => h("span", {}, text)));
}

async function textOf(path) {
	const answer = await send("GET", path, undefined, { raw: true, headers: { Accept: "*/*" } });
	return answer.text();
}

async function pdf(path, box) {
	const { show } = await import("../pdf.js");
	const answer = await send("GET", path, undefined, { raw: true, headers: { Accept: "application/pdf" } });
	await show(await answer.arrayBuffer(), box);
}

function viewerOf(member, path) {
	const type = member.media_type || "";
	const name = (member.path || "").toLowerCase();
	const failed = () => toast(t("room.failed"), "bad");
	if (type.startsWith("video/")) return h("video", { src: path, controls: true, controlslist: "nodownload", preload: "metadata", onerror: failed });
	if (type.startsWith("audio/")) return h("audio", { src: path, controls: true, controlslist: "nodownload", preload: "metadata", onerror: failed });
	if (type.startsWith("image/") && type !== "image/svg+xml") return h("img", { src: path, alt: member.title || member.path, onerror: failed });
	if (type === "application/pdf" || name.endsWith(".pdf")) {
		const box = h("div", { class: "pages", tabindex: "0" });
		pdf(path, box).catch((error) => replace(box, notice("bad", say(error))));
		return box;
	}
	if (type.startsWith("text/") || type === "application/json" || /\.(md|txt|srt|vtt)$/.test(name))
		return later(() => textOf(path), (text) => h("pre", {}, text.slice(0, 2000000)));
	return h("div", { class: "empty" }, h("strong", {}, t("room.no_viewer")), t("room.no_viewer.hint"));
}

// The explanation and transcript of a medium stand beside it.
function beside(part, member, paths) {
	const list = [member.explanation, member.transcript].filter(Boolean)
		.map((n) => part.members.find((m) => m.number === n || m.path === n)).filter(Boolean);
	const stem = (member.path || "").replace(/^[^/]*\//, "").replace(/\.[^.]*$/, "");
	if (!list.length && member.class === "medium")
		list.push(...part.members.filter((m) => m.class === "explanation" && (m.path || "").includes(stem)));
	return list.map((m) => h("section", { class: "beside" }, h("h3", {}, m.title || m.path), later(() => textOf(paths(m)), (text) => h("pre", {}, text))));
}

function room(found) {
	const grant = found;
	const id = found.grant;
	const view = h("div", {}, empty(t("room.choose"), t("room.choose.hint")));
	const buttons = [];
	function open(part, member, pressed) {
		const path = url(id, part.case, member.number);
		buttons.forEach((b) => b.setAttribute("aria-current", b === pressed ? "true" : "false"));
		replace(view, h("h2", {}, member.title || member.path),
			h("div", { class: "viewer", oncontextmenu: (e) => e.preventDefault() }, viewerOf(member, path), watermark(grant)),
			h("p", { class: "soft small" }, [member.responsible, member.date, size(member.bytes)].filter(Boolean).join(" · "), " ",
				(grant.channels || []).includes("copy") ? h("a", { href: `${path}?download=1`, download: "" }, t("room.download")) : null),
			beside(part, member, (m) => url(id, part.case, m.number)));
	}
	const list = h("nav", { class: "list", "aria-label": t("catalogue") }, (found.cases || []).map((part) => [
		h("h2", { class: "small" }, part.number, " ", h("span", { class: "soft" }, part.title)),
		(part.members || []).map((member) => {
			const item = button([h("span", { class: "soft" }, `${member.order ?? member.number}. `), member.title || member.path,
				" ", h("span", { class: "soft small" }, t(`volume.${member.volume}`, {}, ""))], () => open(part, member, item), "");
			item.className = "";
			buttons.push(item);
			return item;
		}),
	]));
	return [
		facts([[t("purpose"), grant.purpose && t(`purpose.${grant.purpose}`, {}, grant.purpose)], [t("approved.by"), [grant.approved_by_names || grant.approved_by].flat().filter(Boolean).join("、")],
			[t("until"), [time(grant.until), " ", badge(left(grant.until), "info")]]]),
		grant.escort ? notice("warn", t("room.escorted", { escort: grant.escort })) : null,
		h("div", { class: "room" }, list, view),
	];
}

export default function show({ rest: [id] }) {
	return page(t("room.title"), {
		lead: t("room.lead"),
		actions: button(t("grant.return"), () => confirm(t("grant.return"), t("grant.return.text"), t("grant.return"), async () => {
			await post(`/grants/${id}/return`, {});
			location.hash = "#/grants";
		})),
	}, later(async () => {
		const [content, { grants = [] }] = await Promise.all([get(`/grants/${encodeURIComponent(id)}`), get("/grants", { grant: id })]);
		return { ...grants.find((g) => g.grant === id), ...content, grant: id };
	}, room));
}
