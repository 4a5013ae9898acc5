// SPDX-License-Identifier: Apache-2.0
// One member: the file, its row in the catalogue, and of a recording its explanation (音像资料文字说明), each field with
// its own control.  The explanation's text is written here and becomes a file of the case.
import { h, sheet, replace, link, button, notice, toast, say, later, facts, size, badge } from "../ui.js";
import { t } from "../language.js";
import { post, upload } from "../server.js";
import { memberParts } from "../casefields.js";
import { context, fieldsOf, place, nearest, check, refused } from "./form.js";
import { findings, describeMember, changed } from "./state.js";
import { show as finding } from "./findings.js";
import { viewer, textOf } from "./viewer.js";
import { wordOf } from "./controls.js";

const explanationPath = (path) => `explanations/${path.split("/").at(-1).replace(/\.[^.]*$/, "")}.md`;

// The text of an explanation or transcript, as a file beside the recording.
function textOfRecording(id, draft, row, readOnly, key, touched) {
	const pathOf = () => key === "explanation" ? row.explanation?.path : row.transcript;
	const path = pathOf();
	const there = path && draft.files.some((f) => f.path === path);
	const editable = !path || /\.(md|txt)$/i.test(path);
	if (!editable) return { node: h("p", { class: "small" }, t("told.text.other", { path })), save: async () => {} };
	let before = "";
	const node = h("textarea", { rows: 8, disabled: readOnly, "aria-label": t(`told.${key}`), oninput: touched, placeholder: t(`told.${key}.hint`) });
	const box = h("div", { class: "field" }, h("span", {}, t(`told.${key}`)), there
		? later(() => textOf(id, path), (text) => { before = text; node.value = text; return node; }) : node,
	h("p", { class: "hint" }, t("told.file", { path: path || (key === "explanation" ? explanationPath(row.path) : explanationPath(row.path).replace(/\.md$/, "-文字记录.md")) })));
	return { node: box, save: async () => {
		const text = node.value;
		if (text === before || !text.trim()) return;
		const to = path || (key === "explanation" ? explanationPath(row.path) : explanationPath(row.path).replace(/\.md$/, "-文字记录.md"));
		const at = await upload(new File([text], to.split("/").at(-1), { type: "text/plain" }));
		const known = draft.description.members.some((m) => m.path === to);
		await post(`/drafts/${encodeURIComponent(id)}/members`, { path: to, upload: at, description: known ? undefined : {
			path: to, class: "explanation", kind: t("told.kind"), title: t(key === "explanation" ? "told.title" : "told.title.transcript", { title: row.title || row.path }), volume: row.volume || "main",
			...(row.date ? { date: row.date } : {}), ...(row.responsible ? { responsible: row.responsible } : {}) } });
		if (key === "explanation") row.explanation = { ...row.explanation, path: to };
		else row.transcript = to;
		before = text;
	} };
}

function neighbours(draft, index) {
	const base = `#/draft/${encodeURIComponent(draft.draft)}`;
	const count = draft.description.members.length;
	return h("div", { class: "row" }, link(t("member.all"), `${base}/files`, "button small"),
		index > 0 ? link(t("member.before"), `${base}/file/${index - 1}`, "button small") : null,
		index < count - 1 ? link(t("member.after"), `${base}/file/${index + 1}`, "button small") : null,
		h("span", { class: "soft small" }, t("member.of", { n: index + 1, of: count })));
}

// The first fields of a recording's explanation come from what is known already.
function suggest(row, draft) {
	const act = (draft.description.acts || []).find((a) => a.recordings?.includes(row.path) || a.id === row.act);
	const given = {};
	if (!row.recorded_from && act?.from) given.recorded_from = act.from;
	if (!row.act && act?.id) given.act = act.id;
	const told = { collector: (draft.description.officers || [])[0]?.name, collected_at: row.recorded_from || act?.from, place: act?.place };
	for (const key of Object.keys(told)) if (!told[key] || row.explanation?.[key]) delete told[key];
	return { given, told };
}

function editor(draft, index, ctxGiven, at) {
	const id = draft.draft;
	const row = structuredClone(draft.description.members[index]);
	const file = draft.files.find((f) => f.path === row.path);
	const base = `/members/${index}`;
	const said = h("div", { "aria-live": "polite" });
	const ctx = context({ ...ctxGiven, description: draft.description, findings: [] });
	const saver = button(t("save"), () => save(), "main-action", { disabled: true });
	ctx.listeners.push(() => { saver.disabled = false; ctxGiven.dirty(true); });
	const touch = () => { ctx.dirty = true; saver.disabled = false; ctxGiven.dirty(true); };
	const recording = row.class === "medium";
	const texts = recording ? { explanation: textOfRecording(id, draft, row, ctx.readOnly, "explanation", touch), transcript: textOfRecording(id, draft, row, ctx.readOnly, "transcript", touch) } : {};

	async function save() {
		if (!check(ctx)) { replace(said, notice("bad", t("form.wrong"))); return; }
		saver.disabled = true;
		try {
			for (const text of Object.values(texts)) await text.save();
			await describeMember(id, row.path, row);
			ctxGiven.dirty(false);
			changed(id);
			toast(t("saved"));
			ctxGiven.again();
		} catch (error) {
			saver.disabled = false;
			if (!refused(ctx, error)) replace(said, notice("bad", say(error)));
			else replace(said, notice("bad", t("form.wrong")));
		}
	}

	const parts = memberParts(row.class).map(([name, schema]) => sheet(t(`part.${name}`),
		name === "told" ? h("p", { class: "soft small" }, t("part.told.lead")) : null,
		name === "told" && !ctx.readOnly ? useKnown() : null,
		h("div", { class: "fields" }, fieldsOf(ctx, schema, row, base, "members")),
		name === "told" ? [texts.explanation.node, texts.transcript.node] : null));

	function useKnown() {
		const { given, told } = suggest(row, draft);
		const any = [...Object.values(given), ...Object.values(told)].length;
		return any ? button(t("told.known"), async () => {
			Object.assign(row, given);
			row.explanation = { ...row.explanation, ...told };
			await describeMember(id, row.path, row);
			ctxGiven.again();
		}, "small") : null;
	}

	const notes = h("div");
	const found = findings(id).then(({ findings: list }) => {
		ctx.findings = list;
		ctx.shownFindings = new Map();
		list.filter((f) => f.place?.startsWith(`${base}/`)).slice(0, 60).forEach((f) => nearest(ctx, f.place));
		place(ctx, base);
		const rest = list.filter((f) => f.member === row.path && !ctx.shownFindings.has(f));
		replace(notes, rest.map((f) => finding(f, ctx)));
		if (at) focus(at);
	}, () => {});
	function focus(pointer) {
		const entry = nearest(ctx, pointer);
		if (!entry) return;
		entry.node.scrollIntoView({ block: "center" });
		entry.node.classList.add("pointed");
		entry.first?.focus?.();
	}
	replace(ctx.root, notes, parts, said, ctx.readOnly ? null : h("div", { class: "savebar" }, saver, h("span", { class: "soft small" }, t("form.save.hint"))));
	void found;
	return [
		neighbours(draft, index),
		facts([[t("file"), row.path], [t("size"), file ? size(file.bytes) : badge(t("file.missing"), "bad")], [t("member.class"), row.class ? wordOf("class", row.class) : ""]]),
		h("div", { class: "beside-file" }, h("div", { class: "file-side" }, viewer(id, row, file)), h("div", {}, ctx.root)),
	];
}

export function tab(draft, index, ctx, at) {
	if (!draft.description.members[index]) return notice("warn", t("member.gone"), " ", link(t("member.all"), `#/draft/${encodeURIComponent(draft.draft)}/files`));
	return editor(draft, index, ctx, at);
}
