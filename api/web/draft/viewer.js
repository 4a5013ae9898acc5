// SPDX-License-Identifier: Apache-2.0
// One file of a draft, shown in the page: for who describes it and for who inspects it.
import { h, later, replace, notice, say, empty } from "../ui.js";
import { t } from "../language.js";
import { send } from "../server.js";

export const url = (id, path) => `/api/v1/drafts/${encodeURIComponent(id)}/file?path=${encodeURIComponent(path)}`;
const raw = (id, path, accept = "*/*") => send("GET", url(id, path), undefined, { raw: true, headers: { Accept: accept } });
export const textOf = async (id, path) => (await raw(id, path)).text();

const TEXT = 2000000;

async function pdf(id, path, box) {
	const { show } = await import("../pdf.js");
	await show(await (await raw(id, path, "application/pdf")).arrayBuffer(), box);
}

export function viewer(id, member, file) {
	const name = (member.path || "").toLowerCase();
	const said = h("div", { "aria-live": "polite" });
	const failed = () => replace(said, notice("bad", t("viewer.failed")));
	const around = (node) => h("div", {}, h("div", { class: "viewer small-viewer" }, node), said);
	if (!file) return empty(t("file.missing"), t("file.missing.hint"));
	if (/\.(mp4|m4v|webm|mov)$/.test(name)) return around(h("video", { src: url(id, member.path), controls: true, preload: "metadata", onerror: failed }));
	if (/\.(mp3|wav|m4a|ogg)$/.test(name)) return around(h("audio", { src: url(id, member.path), controls: true, preload: "metadata", onerror: failed }));
	if (/\.(jpe?g|png|gif|webp|bmp)$/.test(name)) return around(h("img", { src: url(id, member.path), alt: member.title || member.path, onerror: failed }));
	if (name.endsWith(".pdf")) {
		const box = h("div", { class: "pages", tabindex: "0", "aria-label": member.title || member.path, role: "region" });
		pdf(id, member.path, box).catch((error) => replace(said, notice("bad", error.name === "InvalidPDFException" ? t("viewer.failed") : say(error))));
		return around(box);
	}
	if (/\.(md|txt|srt|vtt|csv|json)$/.test(name)) return later(() => textOf(id, member.path), (text) => h("pre", { class: "text" }, text.slice(0, TEXT)));
	return empty(t("viewer.none"), t("viewer.none.hint"));
}
