// SPDX-License-Identifier: Apache-2.0
// One member in its viewer.  Each viewer is { node, bar, place() → "page 3" or seconds for a finding, close() }: what was
// read is let go of when the next one is opened.
import { h, replace, notice, later, button, say } from "./ui.js";
import { t } from "./language.js";
import { send } from "./server.js";
import { stay } from "./polling.js";

const TEXT_MAX = 2000000;

export async function textOf(path) {
	const answer = await send("GET", path, undefined, { raw: true, headers: { Accept: "*/*" } });
	return answer.text();
}

function pdf(path) {
	const bar = h("div", { class: "tools", role: "toolbar", "aria-label": t("room.tools") });
	const box = h("div", { class: "pages", tabindex: "0", role: "region", "aria-label": t("room.pages") }, h("div", { class: "loading", role: "status" }, t("loading")));
	const cut = new AbortController();
	let shown = null;
	(async () => {
		const { show } = await import("./pdf.js");
		const answer = await send("GET", path, undefined, { raw: true, headers: { Accept: "application/pdf" }, signal: cut.signal });
		const bytes = await answer.arrayBuffer();
		replace(box);
		if (!cut.signal.aborted) shown = await show(bytes, box, bar);
		if (cut.signal.aborted) shown?.close();
	})().catch((error) => { if (error.name !== "AbortError") replace(box, notice("bad", say(error))); });
	return { node: box, bar, place: () => shown ? { page: shown.page() } : {}, close() { cut.abort(); shown?.close(); replace(box); } };
}

function picture(member, path, failed) {
	const image = h("img", { src: path, alt: member.title || member.path, onerror: failed, draggable: "false" });
	const box = h("div", { class: "picture", tabindex: "0", role: "region", "aria-label": t("room.picture") }, image);
	let zoom = 0, turn = 0;
	const draw = () => {
		image.style.maxWidth = image.style.maxHeight = zoom ? "none" : "";
		image.style.width = zoom ? `${image.naturalWidth * zoom}px` : "";
		image.style.transform = turn ? `rotate(${turn}deg)` : "";
	};
	const real = () => image.clientWidth / (image.naturalWidth || 1) || 1;
	const bar = h("div", { class: "tools", role: "toolbar", "aria-label": t("room.tools") },
		button("−", () => { zoom = (zoom || real()) / 1.5; draw(); }, "small", { "aria-label": t("room.smaller") }),
		button("＋", () => { zoom = (zoom || real()) * 1.5; draw(); }, "small", { "aria-label": t("room.larger") }),
		button(t("room.fit"), () => { zoom = 0; draw(); }, "small"),
		button(t("room.turn"), () => { turn = (turn + 90) % 360; draw(); }, "small"));
	return { node: box, bar, place: () => ({}), close: () => image.removeAttribute("src") };
}

// Full screen is the room's own: the browser's would leave the watermark behind.
function medium(kind, member, path, failed) {
	const player = h(kind, { src: path, controls: true, controlslist: "nodownload nofullscreen noremoteplayback", disablepictureinpicture: true, disableremoteplayback: true,
		preload: "metadata", onerror: failed, ontimeupdate: stay, "aria-label": member.title || member.path });
	const jump = (by) => { player.currentTime = Math.max(0, Math.min(player.duration || 0, player.currentTime + by)); };
	const speed = h("select", { class: "speed", "aria-label": t("room.speed"), onchange: () => { player.playbackRate = Number(speed.value); } },
		[0.5, 1, 1.5, 2].map((x) => h("option", { value: x, selected: x === 1 }, `${x}×`)));
	const bar = h("div", { class: "tools", role: "toolbar", "aria-label": t("room.tools") },
		button(t("room.back"), () => jump(-10), "small"), button(t("room.forward"), () => jump(10), "small"), speed);
	return {
		node: player, bar, player, place: () => ({ at: Math.floor(player.currentTime || 0) }),
		close() {
			player.onerror = null;
			player.removeEventListener("error", failed);
			player.pause();
			player.removeAttribute("src");
			player.load();
		},
	};
}

const still = (node) => ({ node, bar: null, place: () => ({}), close: () => replace(node) });

export function viewerOf(member, path, failed) {
	const type = member.media_type || "";
	const name = (member.path || "").toLowerCase();
	if (type.startsWith("video/")) return medium("video", member, path, failed);
	if (type.startsWith("audio/") || type === "application/ogg") return medium("audio", member, path, failed);
	if (type.startsWith("image/") && type !== "image/svg+xml") return picture(member, path, failed);
	if (type === "application/pdf" || name.endsWith(".pdf")) return pdf(path);
	if (type.startsWith("text/") || type === "application/json" || /\.(md|txt|srt|vtt)$/.test(name))
		return still(h("div", {}, later(() => textOf(path), (text) => h("pre", { tabindex: "0" }, text.slice(0, TEXT_MAX)))));
	return still(h("div", { class: "empty" }, h("strong", {}, t("room.no_viewer")), t("room.no_viewer.hint")));
}
