// SPDX-License-Identifier: Apache-2.0
// One draft: its description, its files, what the rulebook finds, submitting, returning and sealing.
import { h, page, sheet, later, replace, facts, badge, button, form, field, input, area, select, table, notice, size, state, toast, confirm, say, tabs, link, dialog } from "../ui.js";
import { t, current } from "../language.js";
import { me, get, post, patch, remove, upload, command, job } from "../server.js";
import { timeline } from "../pictures.js";

const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
const severity = { blocker: "bad", defect: "bad", warning: "warn" };

function findings(id, draft) {
	return later(() => get(`/drafts/${id}/findings`), (found) => {
		const list = found.findings || [];
		if (!list.length) return notice("good", t("draft.clean"));
		return [
			h("p", {}, badge(t("draft.blockers", { n: found.blockers }), found.blockers ? "bad" : "good"), " ",
				badge(t("draft.defects", { n: found.defects }), found.defects ? "bad" : "good"), " ",
				badge(t("draft.warnings", { n: found.warnings }), found.warnings ? "warn" : "good")),
			h("ul", { class: "findings" }, list.map((f) => h("li", {},
				badge(t(`severity.${f.severity}`, {}, f.severity), severity[f.severity]), " ",
				current() === "zh" ? f.zh : f.en, f.member ? h("span", { class: "soft" }, ` (${f.member})`) : null,
				h("div", { class: "article" }, f.article, " · ", current() === "zh" ? f.fix_zh : f.fix_en),
				f.severity === "blocker" || draft.state === "sealed" ? null : button(t("draft.answer"), () => answer(id, f), "small")))),
		];
	});
}

function answer(id, finding) {
	dialog(t("draft.answer"), (close) => form([
		h("p", {}, current() === "zh" ? finding.zh : finding.en),
		field(t("draft.answer.text"), area("text", { required: true })),
		finding.severity === "defect" ? h("div", { class: "fields" },
			field(t("draft.answer.by"), input("by", { required: true })), field(t("draft.answer.head"), input("head", { required: true }))) : null,
	], t("save"), async (given) => {
		await post(`/drafts/${id}/remarks`, { code: finding.code, ...given });
		close();
		again();
	}, { also: button(t("cancel"), close) }));
}

// --- files ---

function drop(id) {
	const list = h("div");
	const pick = h("input", { type: "file", multiple: true, class: "sr-only", onchange: () => send([...pick.files]) });
	async function send(files) {
		for (const file of files) {
			const bar = h("progress", { max: 1, value: 0, "aria-label": file.name });
			const line = h("div", { class: "row" }, h("span", {}, file.name), h("span", { class: "soft" }, size(file.size)), bar);
			list.append(line);
			try {
				const place = await upload(file, { onProgress: (done, total) => { bar.value = total ? done / total : 1; } });
				await post(`/drafts/${id}/members`, { path: file.webkitRelativePath || file.name, upload: place });
				bar.value = 1;
			} catch (error) {
				replace(line, notice("bad", `${file.name}: ${say(error)}`));
			}
		}
		again();
	}
	const zone = h("div", { class: "drop", ondragover: (e) => { e.preventDefault(); zone.classList.add("over"); }, ondragleave: () => zone.classList.remove("over"),
		ondrop: (e) => { e.preventDefault(); zone.classList.remove("over"); send([...e.dataTransfer.files]); } },
	h("p", {}, t("draft.drop")), button(t("draft.pick"), () => pick.click()), pick);
	return h("div", {}, zone, list);
}

function describeMember(id, draft, member) {
	const description = structuredClone(draft.description);
	const row = (description.members || []).find((m) => m.path === member.path) || {};
	dialog(member.path, (close) => form([
		h("div", { class: "fields" },
			field(t("title"), input("title", { value: row.title || "" })),
			field(t("member.kind"), input("kind", { value: row.kind || "" })),
			field(t("member.class"), select("class", ["document", "medium", "explanation"].map((c) => [c, t(`class.${c}`)]), row.class || "document")),
			field(t("member.volume"), select("volume", ["main", "sub"].map((v) => [v, t(`volume.${v}`)]), row.volume || "main")),
			field(t("date"), input("date", { type: "date", value: row.date || "" })),
			field(t("member.responsible"), input("responsible", { value: row.responsible || "" }))),
	], t("save"), async (given) => {
		description.members = (description.members || []).map((m) => m.path === member.path ? { ...m, ...given } : m);
		await patch(`/drafts/${id}`, { description });
		close();
		again();
	}, { also: button(t("cancel"), close) }));
}

// The order of the catalogue, by dragging a row or with the two buttons beside it.
function files(id, draft) {
	const list = draft.description?.members || draft.members || [];
	const order = async (from, to) => {
		if (to < 0 || to >= list.length || from === to) return;
		const description = structuredClone(draft.description);
		description.members.splice(to, 0, ...description.members.splice(from, 1));
		await patch(`/drafts/${id}`, { description }).then(again, (error) => toast(say(error), "bad"));
	};
	let dragged = -1;
	const rows = list.map((m, i) => h("tr", { draggable: "true", ondragstart: () => { dragged = i; }, ondragover: (e) => e.preventDefault(), ondrop: () => order(dragged, i) },
		h("td", { class: "number" }, i + 1), h("td", {}, m.title || ""), h("td", {}, m.path), h("td", {}, t(`class.${m.class}`, {}, m.class || "")), h("td", {}, t(`volume.${m.volume || "main"}`)),
		h("td", { class: "nowrap" }, button("↑", () => order(i, i - 1), "small", { "aria-label": t("draft.up") }), button("↓", () => order(i, i + 1), "small", { "aria-label": t("draft.down") }),
			button(t("edit"), () => describeMember(id, draft, m), "small"),
			button(t("remove"), () => confirm(t("remove"), t("draft.remove.text", { path: m.path }), t("remove"), async () => { await command("RemoveMember", { draft: id, path: m.path }); again(); }), "small"))));
	return [drop(id), rows.length ? h("div", { class: "table", tabindex: "0" }, h("table", {}, h("thead", {}, h("tr", {}, ["#", t("title"), t("file"), t("member.class"), t("member.volume"), ""].map((x) => h("th", { scope: "col" }, x)))), h("tbody", {}, rows)))
		: notice("", t("draft.files.none"))];
}

// --- the description: the fields that people fill in; the rest of case.json is kept as it is ---

const plain = [["title", "title"], ["number", "number"], ["category", "category"], ["cause", "draft.cause"], ["retention", "retention"]];

function description(id, draft) {
	const given = draft.description || {};
	const dates = given.dates || {};
	return [
		form([
			h("div", { class: "fields" },
				plain.map(([key, label]) => field(t(label), input(key, { value: given[key] || "" }))),
				["accepted", "filed", "decided", "served", "closed"].map((key) => field(t(`date.${key}`), input(`dates.${key}`, { type: "date", value: (dates[key] || "").slice(0, 10) }))),
				field(t("draft.arranged"), input("archive.arranged_by", { value: given.archive?.arranged_by || "" }))),
		], t("save"), async (values) => {
			const changed = structuredClone(given);
			for (const [key, value] of Object.entries(values)) {
				const [outer, inner] = key.split(".");
				if (inner) (changed[outer] ??= {})[inner] = value;
				else changed[outer] = value;
			}
			await patch(`/drafts/${id}`, { description: changed });
			toast(t("saved"));
			again();
		}),
		h("details", {}, h("summary", {}, "case.json"), form([
			area("text", { value: JSON.stringify(given, null, 2), rows: 20, class: "mono", "aria-label": "case.json" }),
		], t("save"), async ({ text }) => {
			let value;
			try {
				value = JSON.parse(text);
			} catch (error) {
				throw new Error(t("draft.json", { error: error.message }));
			}
			await patch(`/drafts/${id}`, { description: value });
			again();
		})),
	];
}

async function seal(id, place) {
	replace(place, h("p", {}, t("draft.sealing")), h("progress", { "aria-label": t("draft.sealing") }));
	try {
		const done = await job(`/drafts/${id}/seal`, {}, (at, total) =>
			replace(place, h("p", {}, t("draft.sealing")), h("progress", { max: total, value: at, "aria-label": t("draft.sealing") })));
		if (done.blocked) throw new Error(t("draft.blocked"));
		replace(place, notice("good", t("draft.sealed"), " ", link(done.number, `#/case/${done.case}`), h("p", { class: "small" }, h("code", {}, done.seal))));
	} catch (error) {
		replace(place, notice("bad", say(error)));
	}
}

export default function show({ rest: [id] }) {
	return later(() => get(`/drafts/${id}`), (answer) => {
		const draft = answer.draft && typeof answer.draft === "object" ? answer.draft : answer;
		const place = h("div", { "aria-live": "polite" });
		const archivist = me().role === "archivist";
		return page(draft.number || draft.draft || id, {
			lead: draft.title || draft.description?.title,
			actions: [
				["open", "returned"].includes(draft.state) ? button(t("draft.submit"), () => confirm(t("draft.submit"), t("draft.submit.text"), t("draft.submit"), async () => { await command("SubmitDraft", { draft: id }); toast(t("draft.submitted")); again(); }, { kind: "main-action" }), "main-action") : null,
				archivist && draft.state === "submitted" ? [
					button(t("draft.return"), () => confirm(t("draft.return"), t("draft.return.text"), t("draft.return"), async (reason) => { await command("ReturnDraft", { draft: id, reason }); again(); }, { reason: t("reason") })),
					button(t("draft.seal"), () => confirm(t("draft.seal"), t("draft.seal.text"), t("draft.seal"), async () => { seal(id, place); }), "seal"),
				] : null,
				button(t("draft.drop.whole"), () => confirm(t("draft.drop.whole"), t("draft.drop.text"), t("draft.drop.whole"), async () => { await remove(`/drafts/${id}`); location.hash = "#/drafts"; })),
			],
		},
		facts([[t("state"), state(draft.state)], [t("handler"), draft.handler], [t("due"), draft.due], [t("draft.returned.why"), draft.returned?.reason || draft.reason]]),
		place,
		tabs([
			[t("draft.tab.findings"), () => sheet(null, findings(id, draft))],
			[t("draft.tab.files"), () => sheet(null, files(id, draft))],
			[t("draft.tab.case"), () => sheet(null, description(id, draft))],
			[t("timeline"), () => sheet(null, timeline(draft.timeline || []))],
		]));
	});
}
