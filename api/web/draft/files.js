// SPDX-License-Identifier: Apache-2.0
// The files of a draft: dropping them in, how far each is, and their order in the two volumes, by dragging and by keys.
import { h, replace, button, link, badge, notice, size, confirm, toast, say, table, empty, dialog } from "../ui.js";
import { t } from "../language.js";
import { notJson } from "../errors.js";
import { command } from "../server.js";
import { load, describe, changed } from "./state.js";
import { dropped, picked, arrange } from "./drop.js";
import * as uploads from "./upload.js";

const speed = (item) => item.rate ? t("upload.rate", { rate: size(item.rate) }) : "";
const kinds = { done: "good", failed: "bad", "signed-out": "warn", lost: "warn", paused: "", waiting: "", running: "info", filing: "info" };

// --- on their way ---

function line(item) {
	const bar = h("progress", { max: 1, value: item.size ? item.done / item.size : 1, "aria-label": item.path });
	return h("li", { class: "upload" },
		h("span", { class: "name" }, item.path), badge(t(`upload.${item.state}`), kinds[item.state]),
		bar, h("span", { class: "small soft" }, t("upload.of", { done: size(item.done), size: size(item.size) }), " ", item.state === "running" ? speed(item) : "", item.resumed && item.state !== "done" ? t("upload.resumed") : ""),
		item.error ? h("span", { class: "small bad" }, say(item.error)) : null,
		["waiting", "running", "lost"].includes(item.state) ? button(t("upload.pause"), () => uploads.pause(item), "small", { "aria-label": `${t("upload.pause")} ${item.path}` }) : null,
		["paused", "failed"].includes(item.state) ? button(t("upload.resume"), () => uploads.resume(item), "small", { "aria-label": `${t("upload.resume")} ${item.path}` }) : null,
		["done", "filing"].includes(item.state) ? null : button(t("upload.drop"), () => uploads.drop(item), "small quiet", { "aria-label": `${t("upload.drop")} ${item.path}` }));
}

const SHOWN = 40;

function progress(id) {
	const place = h("div", { class: "uploads" });
	const draw = () => {
		if (place.dataset.there && !place.isConnected) { stop(); return; }
		place.dataset.there = "yes";
		const list = uploads.items(id);
		const open = list.filter((i) => i.state !== "done");
		if (!list.length) { replace(place); return; }
		const done = list.reduce((sum, i) => sum + i.done, 0), all = list.reduce((sum, i) => sum + i.size, 0);
		replace(place,
			h("div", { class: "row" }, h("strong", {}, open.length ? t("upload.sum", { left: open.length, count: list.length }) : t("upload.all", { count: list.length })),
				h("span", { class: "soft small" }, t("upload.of", { done: size(done), size: size(all) })),
				open.some((i) => ["waiting", "running", "lost"].includes(i.state)) ? button(t("upload.pause.all"), () => open.forEach((i) => uploads.pause(i)), "small") : null,
				open.some((i) => i.state === "paused" || i.state === "failed") ? button(t("upload.resume.all"), () => open.filter((i) => i.state === "paused" || i.state === "failed").forEach((i) => uploads.resume(i)), "small") : null,
				open.length ? null : button(t("upload.clear"), () => uploads.clear(id), "small quiet")),
			open.some((i) => i.state === "lost") ? notice("warn", t("upload.lost.text")) : null,
			h("ul", { class: "plain" }, [...open, ...list.filter((i) => i.state === "done").reverse()].slice(0, SHOWN).map(line)),
			list.length > SHOWN ? h("p", { class: "small soft" }, t("upload.more", { n: list.length - SHOWN })) : null);
	};
	const stop = uploads.watch(draw);
	draw();
	return place;
}

// --- in ---

async function describedBy(id, file) {
	let given;
	try {
		given = JSON.parse(await file.text());
	} catch (error) {
		throw new Error(notJson(error));
	}
	await describe(id, given);
	toast(t("upload.described"));
}

function take(id, draft, list, known, taken) {
	const { description } = arrange(list);
	const start = () => {
		const { files } = arrange(list, draft.description.members); // what is described keeps its description
		const there = new Set(draft.files.map((f) => f.path));
		const again = files.filter(({ path }) => there.has(path));
		const go = () => { uploads.add(id, files, known); taken(); };
		if (!again.length) go();
		else confirm(t("upload.again"), t("upload.again.text", { count: again.length, first: again[0].path }), t("upload.replace"), async () => go(), { kind: "main-action" });
	};
	if (!description) { start(); return; }
	dialog(t("upload.description"), (close) => [h("p", {}, t("upload.description.text")), h("div", { class: "actions" },
		button(t("upload.description.no"), () => { close(); start(); }),
		button(t("upload.description.yes"), () => { close(); describedBy(id, description).then(async () => { Object.assign(draft, await load(id)); start(); }).catch((error) => { toast(say(error), "bad"); start(); }); }, "main-action"))]);
}

function zone(id, draft) {
	const rest = h("div");
	let known = [];
	const pick = h("input", { type: "file", multiple: true, class: "sr-only", "aria-label": t("draft.pick"), onchange: () => { take(id, draft, picked(pick.files), known, look); pick.value = ""; } });
	const folder = h("input", { type: "file", webkitdirectory: true, class: "sr-only", "aria-label": t("draft.pick.folder"), onchange: () => { take(id, draft, picked(folder.files), known, look); folder.value = ""; } });
	const node = h("div", { class: "drop", ondragover: (e) => { e.preventDefault(); node.classList.add("over"); }, ondragleave: () => node.classList.remove("over"),
		ondrop: async (e) => { e.preventDefault(); node.classList.remove("over"); take(id, draft, await dropped(e.dataTransfer), known, look); } },
	h("p", {}, h("strong", {}, t("draft.drop"))), h("p", { class: "small" }, t("draft.drop.where")),
	h("div", { class: "row centre" }, button(t("draft.pick"), () => pick.click(), "main-action"), button(t("draft.pick.folder"), () => folder.click())), pick, folder);
	const look = () => uploads.unfinished().then((list) => {
		known = list;
		const mine = list.filter((u) => u.draft === id);
		replace(rest);
		if (!mine.length) return;
		replace(rest, h("div", { class: "notice warn", role: "status" }, h("p", {}, h("strong", {}, t("upload.left", { count: mine.length })), " ", t("upload.left.text")),
			h("ul", { class: "plain" }, mine.map((u) => h("li", { class: "upload" }, h("span", { class: "name" }, u.path), h("progress", { max: u.bytes || 1, value: u.offset, "aria-label": u.path }),
				h("span", { class: "small" }, t("upload.of", { done: size(u.offset), size: size(u.bytes) })),
				button(t("upload.drop"), (event) => uploads.forget(u).then(() => { known = known.filter((k) => k !== u); event.target.closest("li").remove(); }, (error) => toast(say(error), "bad")), "small quiet", { "aria-label": `${t("upload.drop")} ${u.path}` }))))));
	}, () => {});
	look();
	return h("div", {}, node, rest, progress(id));
}

// --- the order ---

const PAGE = 200;

/*
 * The rows of both volumes in one list: a row is dragged, or lifted with the space bar, moved with the arrows and put
 * down with the space bar; into the other volume with the arrows over its edge or by the select.
 */
function order(id, draft, again) {
	const members = draft.description.members;
	const there = new Map(draft.files.map((f) => [f.path, f]));
	const said = h("p", { class: "sr-only", "aria-live": "assertive" });
	const place = h("div", {});
	let page = 0, dragged = -1, lifted = -1, before = null;

	const save = async () => {
		try {
			await describe(id, { members });
		} catch (error) {
			toast(say(error), "bad");
			again();
		}
	};
	const move = (from, to) => {
		if (to < 0 || to >= members.length || from === to) return;
		members.splice(to, 0, ...members.splice(from, 1));
	};
	const dropOn = (to) => {
		if (dragged < 0 || dragged === to) return;
		const volume = members[to].volume;
		move(dragged, to);
		if (volume) members[to].volume = volume;
		dragged = -1;
		draw();
		save();
	};
	function key(event, i) {
		if (event.key === " " || event.key === "Enter") {
			event.preventDefault();
			if (lifted >= 0) {
				said.textContent = t("order.put", { n: lifted + 1 });
				lifted = -1;
				before = null;
				save();
			} else {
				lifted = i;
				before = [...members];
				said.textContent = t("order.lifted", { title: members[i].title || members[i].path, n: i + 1 });
			}
			draw(i);
		} else if (lifted >= 0 && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
			event.preventDefault();
			const to = lifted + (event.key === "ArrowUp" ? -1 : 1);
			if (to < 0 || to >= members.length) return;
			move(lifted, to);
			lifted = to;
			page = Math.floor(to / PAGE);
			said.textContent = t("order.at", { n: to + 1, of: members.length });
			draw(to);
		} else if (lifted >= 0 && event.key === "Escape") {
			members.splice(0, members.length, ...before);
			lifted = -1;
			said.textContent = t("order.back");
			draw(i);
		}
	}
	const row = (m, i) => {
		const file = there.get(m.path);
		return h("tr", { draggable: "true", class: lifted === i ? "lifted" : "", ondragstart: (e) => { dragged = i; e.dataTransfer.effectAllowed = "move"; e.dataTransfer.setData("text/plain", String(i)); },
			ondragover: (e) => { if (dragged >= 0) e.preventDefault(); }, ondrop: (e) => { if (dragged < 0) return; e.preventDefault(); e.stopPropagation(); dropOn(i); } },
		h("td", {}, h("button", { type: "button", class: "handle", "data-row": i, onkeydown: (e) => key(e, i), "aria-pressed": lifted === i ? "true" : "false", "aria-label": t("order.handle", { title: m.title || m.path, n: i + 1 }) }, "⠿")),
		h("td", { class: "number" }, i + 1),
		h("td", {}, link(m.title || m.path, `#/draft/${encodeURIComponent(id)}/file/${i}`), h("div", { class: "small soft path" }, m.path)),
		h("td", { class: "nowrap" }, t(`class.${m.class}`, {}, t("form.open"))),
		h("td", {}, h("select", { "aria-label": t("order.volume", { title: m.title || m.path }), onchange: (e) => { m.volume = e.target.value; save(); } },
			["main", "sub"].map((v) => h("option", { value: v, selected: v === (m.volume || "main") }, t(`volume.${v}`))))),
		h("td", { class: "number" }, file ? size(file.bytes) : badge(t("file.missing"), "bad")),
		h("td", { class: "nowrap" }, button(t("remove"), () => confirm(t("remove"), t("draft.remove.text", { path: m.path }), t("remove"), async () => { await command("RemoveMember", { draft: id, path: m.path }); changed(id); again(); }), "small", { "aria-label": `${t("remove")} ${m.path}` })));
	};
	function draw(focus) {
		const pages = Math.ceil(members.length / PAGE);
		replace(place,
			h("div", { class: "table", tabindex: "0", role: "region", "aria-label": t("catalogue") }, h("table", {},
				h("thead", {}, h("tr", {}, [[t("order.move"), ""], [t("member.no"), "number"], [t("title")], [t("member.class")], [t("member.volume")], [t("size"), "number"], [t("order.remove")]].map(([x, c]) => h("th", { scope: "col", class: c }, x)))),
				h("tbody", {}, members.slice(page * PAGE, (page + 1) * PAGE).map((m, i) => row(m, page * PAGE + i)))),
			h("div", { class: "pager" }, h("span", { class: "soft small" }, t("table.rows", { count: members.length })), pages > 1 ? [
				button(t("table.before"), () => { page--; draw(); }, "small", { disabled: page === 0 }), h("span", {}, `${page + 1} / ${pages}`),
				button(t("table.after"), () => { page++; draw(); }, "small", { disabled: page >= pages - 1 })] : null)));
		if (focus !== undefined) place.querySelector(`[data-row="${focus}"]`)?.focus();
	}
	draw();
	return [said, h("p", { class: "small soft" }, t("order.hint")), place];
}

// Files that lie there and that no member names.
function strangers(id, draft, again) {
	const named = new Set(draft.description.members.map((m) => m.path));
	const list = draft.files.filter((f) => !named.has(f.path) && f.path !== "case.json");
	if (!list.length) return null;
	const add = async () => {
		await describe(id, { members: [...draft.description.members, ...arrange(list.map((f) => ({ file: null, path: f.path }))).files.map((f) => f.description)] });
		again();
	};
	return notice("warn", h("p", {}, t("file.unnamed", { count: list.length, first: list[0].path })), button(t("file.name"), () => add().catch((error) => toast(say(error), "bad")), "small"));
}

export function tab(draft, { readOnly, again }) {
	const id = draft.draft;
	const place = h("div");
	const draw = () => replace(place, strangers(id, draft, again),
		draft.description.members.length ? order(id, draft, again) : empty(t("draft.files.none"), t("draft.files.none.hint")));
	if (readOnly) return readOnlyList(id, draft);
	let waiting = 0;
	const added = (event) => {
		if (!place.isConnected) { document.removeEventListener("member-added", added); return; }
		if (event.detail.draft !== id) return;
		changed(id);
		waiting ||= setTimeout(async () => {
			waiting = 0;
			Object.assign(draft, await load(id).catch(() => draft));
			draw();
		}, 300);
	};
	document.addEventListener("member-added", added);
	draw();
	return [zone(id, draft), h("h2", {}, t("catalogue")), place];
}

const readOnlyList = (id, draft) => table([
	{ label: t("member.no"), number: true, get: (m) => m.index + 1 },
	{ label: t("title"), get: (m) => link(m.title || m.path, `#/draft/${encodeURIComponent(id)}/file/${m.index}`), sort: (m) => m.title || m.path },
	{ label: t("member.class"), get: (m) => t(`class.${m.class}`, {}, t("form.open")) },
	{ label: t("member.volume"), get: (m) => t(`volume.${m.volume || "main"}`) },
	{ label: t("date"), get: (m) => m.date || "" },
	{ label: t("member.responsible"), get: (m) => m.responsible || "" },
], draft.description.members.map((m, index) => ({ ...m, index })), { none: empty(t("draft.files.none")), caption: t("catalogue"), size: 100 });
