// SPDX-License-Identifier: Apache-2.0
// One draft: what is next, its files and their order, its description, the recordings on a line, what the check
// found; submitting, returning, sealing.
import { h, page, later, replace, badge, button, notice, state, toast, confirm, say, link, dialog, form, field, area, facts, ways } from "../ui.js";
import { t } from "../language.js";
import { me, post, remove, job, command } from "../server.js";
import { organ } from "../names.js";
import { load, findings, changed, isOpen, mayEdit, mayReceive, patient } from "../draft/state.js";
import { isAnswered, tab as findingsTab, sums } from "../draft/findings.js";
import { items } from "../draft/upload.js";

const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
const tabs = {
	files: () => import("../draft/files.js").then((m) => (draft, ctx) => m.tab(draft, ctx)),
	file: () => import("../draft/member.js").then((m) => (draft, ctx, rest, at) => m.tab(draft, Number(rest), ctx, at)),
	case: () => import("../draft/section.js").then((m) => (draft, ctx, rest, at) => m.tab(draft, rest || "cover", ctx, at)),
	timeline: () => import("../draft/timeline.js").then((m) => (draft, ctx) => m.tab(draft, ctx)),
	findings: async () => (draft, ctx) => findingsTab(draft, ctx),
};
const shown = ["files", "case", "timeline", "findings"];

export const dueBadge = (d) => {
	if (d.days === null || d.days === undefined) return h("span", { class: "soft" }, t("due.unknown"));
	const label = d.days < 0 ? t("due.over", { n: -d.days }) : d.days === 0 ? t("due.today") : t("due.in", { n: d.days });
	return [h("span", { class: "nowrap" }, d.due), " ", badge(label, d.days < 0 ? "bad" : d.days <= 10 ? "warn" : "")];
};

// --- unsaved words ---

let dirty = false;
window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
window.addEventListener("hashchange", () => { dirty = false; });
document.addEventListener("click", (event) => {
	const to = event.target.closest?.("a[href^='#/']");
	if (!dirty || !to || event.ctrlKey || event.metaKey || event.shiftKey) return;
	event.preventDefault();
	event.stopPropagation();
	dialog(t("unsaved"), (close) => [h("p", {}, t("unsaved.text")), h("div", { class: "actions" },
		button(t("unsaved.stay"), close, "main-action"), button(t("unsaved.leave"), () => { close(); dirty = false; location.hash = to.getAttribute("href"); }))]);
}, true);

// --- what is next ---

function nextStep(draft, found) {
	const base = `#/draft/${encodeURIComponent(draft.draft)}`;
	if (items(draft.draft).some((i) => i.state !== "done")) return notice("", t("next.uploading"));
	if (!draft.files.length) return notice("", t("next.files"));
	const description = draft.description;
	if (!description.category || !(description.parties || []).length) return notice("", t("next.case"), " ", link(t("next.case.go"), `${base}/case/cover`));
	const open = found.findings.filter((f) => f.severity !== "blocker" && !isAnswered(f, description)).length;
	if (found.blockers) return notice("warn", t("next.blockers", { n: found.blockers }), " ", link(t("next.findings.go"), `${base}/findings`));
	if (open) return notice("warn", t("next.answers", { n: open }), " ", link(t("next.findings.go"), `${base}/findings`));
	return notice("good", t("next.submit"));
}

function status(draft) {
	if (draft.state === "returned" && draft.reason) return notice("bad", h("strong", {}, t("draft.returned.why")), t("colon"), draft.reason);
	if (draft.state === "submitted" && me().role === "archivist" && draft.mine) return notice("warn", t("draft.mine"));
	if (draft.state === "submitted" && me().role === "handler") return notice("", t("draft.waits"));
	if (draft.state === "sealed") return notice("good", t("draft.is.sealed"), " ", draft.case ? link(t("draft.sealed.go"), `#/case/${draft.case}`) : null);
	if (draft.state === "dropped") return notice("", t("draft.is.dropped"));
	if (isOpen(draft) && !mayEdit(draft)) return notice("", t("draft.others"));
	return null;
}

// --- what is done with it ---

function submit(draft) {
	confirm(t("draft.submit"), t("draft.submit.text"), t("draft.submit"), async () => {
		const done = await patient(() => command("SubmitDraft", { draft: draft.draft }));
		changed(draft.draft, done.findings ? done : null);
		if (done.blocked) {
			toast(t("draft.submit.blocked"), "bad");
			location.hash = `#/draft/${encodeURIComponent(draft.draft)}/findings`;
		} else {
			toast(t("draft.submitted"));
		}
		again();
	}, { kind: "main-action" });
}

function giveBack(draft, found) {
	const lines = (found?.findings || []).filter((f) => f.severity === "blocker" || !isAnswered(f, draft.description)).slice(0, 30)
		.map((f, i) => `${i + 1}. ${t("locale") === "zh-CN" ? f.zh : f.en}`);
	dialog(t("draft.return"), (close) => {
		const text = area("reason", { required: true, rows: 6, maxlength: 4000 });
		return form([h("p", {}, t("draft.return.text")), field(t("reason"), text),
			lines.length ? button(t("draft.return.findings"), () => { text.value = [text.value, ...lines].filter(Boolean).join("\n"); }, "small") : null,
		], t("draft.return"), async ({ reason }) => {
			await post(`/drafts/${encodeURIComponent(draft.draft)}/return`, { reason });
			close();
			toast(t("draft.returned"));
			again();
		}, { kind: "seal", also: button(t("cancel"), close) });
	});
}

async function seal(draft, place, actions, sealed) {
	const bar = h("progress", { "aria-label": t("draft.sealing") });
	const text = h("span", {}, t("draft.sealing"));
	replace(place, h("div", { class: "sheet" }, h("p", {}, text), bar));
	actions.forEach((b) => { b.disabled = true; });
	try {
		const done = await job(`/drafts/${encodeURIComponent(draft.draft)}/seal`, {}, (at, total) => {
			bar.max = total || 1;
			bar.value = at;
			text.textContent = t("draft.sealing.at", { percent: Math.floor(100 * at / (total || 1)) });
		});
		if (done.blocked) {
			changed(draft.draft);
			throw new Error(t("draft.blocked"));
		}
		actions.forEach((b) => b.remove());
		sealed();
		replace(place, notice("good", h("p", {}, h("strong", {}, t("draft.sealed")), " ", done.number), facts([[t("seal.digest"), h("code", {}, done.seal)]]),
			link(t("draft.sealed.papers"), `#/case/${done.case}`, "button main-action")));
	} catch (error) {
		replace(place, notice("bad", say(error)));
		actions.forEach((b) => { b.disabled = false; });
	}
}

function actionsOf(draft, place, sealed) {
	const list = [];
	const receive = mayReceive(draft);
	if (isOpen(draft) && mayEdit(draft)) list.push(button(t("draft.submit"), () => submit(draft), "main-action"));
	if (receive) {
		let known = null;
		findings(draft.draft).then((found) => { known = found; }, () => {});
		list.push(button(t("draft.return"), () => giveBack(draft, known)), button(t("draft.seal"), () => confirm(t("draft.seal"), t("draft.seal.text"), t("draft.seal"), async () => { seal(draft, place, list, sealed); }), "seal"));
	}
	if (["open", "returned", "submitted"].includes(draft.state) && (mayEdit(draft) || (me().role === "handler")))
		list.push(button(t("draft.drop.whole"), () => confirm(t("draft.drop.whole"), t("draft.drop.text"), t("draft.drop.whole"), async () => { await remove(`/drafts/${encodeURIComponent(draft.draft)}`); location.hash = "#/drafts"; }), "quiet"));
	return list;
}

export default function show({ rest: [id, name = "files", rest], query }) {
	dirty = false;
	return later(() => load(id), (draft) => {
		const place = h("div", { "aria-live": "polite" });
		const next = h("div"), lower = h("div"), stands = h("span", {}, state(draft.state)), due = h("span", {}, t("due.label"), " ", dueBadge(draft));
		// The draft is gone: what is sealed stands on its own page.
		const sealed = () => {
			replace(stands, state("sealed"));
			[next, lower, due].forEach((node) => node.remove());
		};
		const base = `#/draft/${encodeURIComponent(id)}`;
		const alive = !["sealed", "dropped"].includes(draft.state);
		const ctx = { id, description: draft.description, readOnly: !mayEdit(draft), dirty: (is) => { dirty = is; }, again,
			answered: (remark) => {
				const list = draft.description.remarks ??= [];
				list.splice(0, list.length, ...list.filter((r) => r.code !== remark.code), remark);
				again();
			} };
		const chosen = tabs[name] ? name : "files";
		const body = h("div", {}, h("div", { class: "loading", role: "status" }, t("loading")));
		const count = h("span");
		if (alive) {
			tabs[chosen]().then((view) => replace(body, view(draft, ctx, rest, query.get("at"))), (error) => replace(body, notice("bad", say(error))));
			findings(id).then((found) => {
				if (!ctx.readOnly) replace(next, nextStep(draft, found));
				else if (draft.state === "submitted") replace(next, sums(found, draft.description));
				const bad = found.blockers;
				replace(count, found.findings.length ? badge(String(found.findings.length), bad ? "bad" : "warn") : null);
			}, (error) => replace(next, notice("bad", t("next.failed"), " ", say(error), " ", button(t("again"), again, "small"))));
		}
		return page(draft.title || draft.number || t("draft.untitled"), { lead: draft.number, actions: actionsOf(draft, place, sealed) },
			h("div", { class: "row facts-row" }, stands, h("span", {}, t("draft.handler.is", { name: draft.handler_name || draft.handler })), organ(draft.organ, draft.organ_name),
				alive ? due : null, h("span", { class: "soft small" }, draft.draft)),
			status(draft), place, next,
			replace(lower, alive ? [ways(t("draft.tabs"), shown.map((key) =>
				[`${base}/${key}`, [t(`draft.tab.${key}`), key === "findings" ? [" ", count] : null], (chosen === "file" ? "files" : chosen) === key])), body] : null));
	});
}
