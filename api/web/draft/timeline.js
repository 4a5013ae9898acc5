// SPDX-License-Identifier: Apache-2.0
// From arrival to departure: the recordings of each act on a line of time, with the gaps between them; a gap's reason is
// entered where it is drawn.  Above them the whole case.
import { h, sheet, later, link, badge, button, dialog, form, field, select, input, toast, empty, notice } from "../ui.js";
import { t } from "../language.js";
import { findings, describe } from "./state.js";
import { wordOf } from "./controls.js";

const full = (ms) => new Intl.DateTimeFormat(t("locale"), { dateStyle: "medium", timeStyle: "medium", timeZone: "Asia/Shanghai" }).format(new Date(ms));
const clock = (ms) => new Intl.DateTimeFormat(t("locale"), { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" }).format(new Date(ms));
const dayOf = (ms) => new Intl.DateTimeFormat(t("locale"), { year: "numeric", month: "2-digit", day: "2-digit", timeZone: "Asia/Shanghai" }).format(new Date(ms));
const length = (seconds) => seconds < 60 ? t("line.seconds", { n: seconds }) : t("line.minutes", { m: Math.floor(seconds / 60), s: seconds % 60 });
// With the appliance's zone, as the form has it.
const local = (text) => new Date(Date.parse(text) + 8 * 3600000).toISOString().replace(/\.\d+Z$|Z$/, "+08:00");

// --- a gap ---

function askReason(draft, line, gap, given) {
	const acts = structuredClone(draft.description.acts);
	const act = acts[line.act];
	const rows = act.gaps ??= [];
	const covers = (row) => Date.parse(row.from) < Date.parse(gap.to) && Date.parse(row.to) > Date.parse(gap.from);
	const known = rows.find(covers) || {};
	const title = (path) => draft.description.members.find((m) => m.path === path)?.title || path;
	dialog(t("line.gap.title"), (close) => form([
		h("p", {}, t("line.gap.when", { from: full(Date.parse(gap.from)), to: clock(Date.parse(gap.to)), length: length(gap.seconds) })),
		field(t("f.acts.gaps.reason"), select("reason", [["", t("form.open")], ...["fault", "damage", "battery", "storage", "weather", "obstruction", "other"].map((w) => [w, wordOf("reason", w)])], known.reason || "", { required: true })),
		field(t("f.acts.gaps.spoken_in"), select("spoken_in", [["", t("form.ref.none")], ...(act.recordings || []).map((path) => [path, title(path)])], known.spoken_in || ""), t("line.gap.spoken.hint")),
		field(t("f.acts.gaps.spoken_at"), input("spoken_at", { value: known.spoken_at || "", placeholder: "00:00:00", pattern: "\\d{1,3}:[0-5]\\d:[0-5]\\d" }), t("line.gap.at.hint")),
	], t("save"), async (values) => {
		const row = { from: known.from || local(gap.from), to: known.to || local(gap.to), ...values };
		if (rows.includes(known)) rows[rows.indexOf(known)] = { ...known, spoken_in: undefined, spoken_at: undefined, ...row };
		else rows.push(row);
		await describe(draft.draft, { acts });
		close();
		toast(t("saved"));
		given.again();
	}, { also: button(t("cancel"), close) }));
}

// --- one act ---

const svg = (height, label, ...children) => h("svg", { class: "line", width: "100%", height, role: "group", "aria-label": label }, children);

function picture(draft, line, given) {
	const from = Date.parse(line.from), to = Math.max(Date.parse(line.to), from + 1000);
	const all = [from, to, ...line.recordings.flatMap((r) => [Date.parse(r.from), Date.parse(r.to)])];
	const first = Math.min(...all), last = Math.max(...all);
	const at = (ms) => 2 + 96 * (ms - first) / (last - first);
	const percent = (n) => `${n.toFixed(3)}%`;
	const width = (a, b) => percent(Math.max(0.4, at(b) - at(a)));
	const title = (path) => draft.description.members.find((m) => m.path === path)?.title || path;
	const top = 40;
	const height = top + 70;
	const gap = (g) => {
		const a = Date.parse(g.from), b = Date.parse(g.to);
		const label = t("line.gap.label", { from: clock(a), to: clock(b), length: length(g.seconds), reason: g.reason ? wordOf("reason", g.reason) : t("line.gap.none") });
		const open = () => askReason(draft, line, g, given);
		return h("g", { class: `gap ${g.reasoned ? "told" : "open"}`, tabindex: given.readOnly ? undefined : "0", role: given.readOnly ? "img" : "button", "aria-label": label,
			onclick: given.readOnly ? undefined : open, onkeydown: given.readOnly ? undefined : (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); open(); } } },
		h("title", { svg: true }, label),
		h("rect", { x: percent(at(a)), y: top, width: width(a, b), height: 26 }),
		h("text", { x: percent((at(a) + at(b)) / 2), y: top + 44, "text-anchor": at(a) < 8 ? "start" : at(b) > 92 ? "end" : "middle" }, g.reason ? wordOf("reason", g.reason) : "?"));
	};
	return svg(height, t("line.act.label", { from: full(from), to: clock(to), recordings: line.recordings.length, gaps: line.gaps.length }),
		at(to) - at(from) > 30 ? [h("text", { x: percent(at(from)), y: 14, "text-anchor": "start" }, t("line.arrived", { time: clock(from) })),
			h("text", { x: percent(at(to)), y: 14, "text-anchor": "end" }, t("line.left", { time: clock(to) }))]
			: h("text", { x: percent((at(from) + at(to)) / 2), y: 14, "text-anchor": at(from) < 20 ? "start" : at(to) > 80 ? "end" : "middle" }, t("line.between", { from: clock(from), to: clock(to) })),
		h("line", { class: "axis", x1: percent(at(from)), x2: percent(at(from)), y1: 20, y2: top + 26 }),
		h("line", { class: "axis", x1: percent(at(to)), x2: percent(at(to)), y1: 20, y2: top + 26 }),
		h("line", { class: "axis", x1: "2%", x2: "98%", y1: top + 26, y2: top + 26 }),
		line.recordings.map((r) => {
			const a = Date.parse(r.from), b = Date.parse(r.to);
			const label = `${title(r.member)} ${clock(a)} – ${clock(b)}`;
			return h("g", { class: "clip", role: "img", "aria-label": label }, h("title", { svg: true }, label),
				h("rect", { x: percent(at(a)), y: top, width: width(a, b), height: 26, rx: 2 }));
		}),
		line.gaps.map(gap));
}

function actSheet(draft, line, given) {
	const act = draft.description.acts?.[line.act] || {};
	const base = `#/draft/${encodeURIComponent(draft.draft)}`;
	const name = [act.kind && wordOf("kind", act.kind), act.place].filter(Boolean).join(" · ") || t("line.act", { n: line.act + 1 });
	if (line.missing) return sheet(name, notice("warn", t("line.missing"), " ", link(t("finding.go"), line.missing.startsWith("/members/")
		? `${base}/file/${line.missing.split("/")[2]}?at=${encodeURIComponent(line.missing)}` : `${base}/case/inquiry?at=${encodeURIComponent(line.missing)}`)));
	if (!line.recordings.length) return sheet(name, act.recordings?.length ? h("p", {}, t("line.pictures", { n: act.recordings.length })) : act.no_recording_reason ? h("p", {}, t("line.unrecorded.reason", { reason: act.no_recording_reason }))
		: notice(act.full_basis?.length ? "warn" : "", t("line.unrecorded"), " ", given.readOnly ? null : link(t("line.unrecorded.go"), `${base}/case/inquiry?at=${encodeURIComponent(`/acts/${line.act}/recordings`)}`)));
	const open = line.gaps.filter((g) => !g.reasoned).length;
	return sheet(name,
		h("p", { class: "row" }, badge(t("line.recordings", { n: line.recordings.length }), "info"),
			line.gaps.length ? badge(t("line.gaps", { n: line.gaps.length }), open ? "warn" : "") : badge(t("line.whole"), line.recordings.length ? "good" : ""),
			open ? badge(t("line.gaps.open", { n: open }), "warn") : null, line.abandoned ? badge(t("line.abandoned"), "warn") : null,
			act.full_basis?.length ? badge(t("line.full"), "info") : null),
		picture(draft, line, given),
		line.gaps.length ? h("ul", { class: "plain gaps" }, line.gaps.map((g) => h("li", { class: "row" },
			h("span", {}, `${clock(Date.parse(g.from))} – ${clock(Date.parse(g.to))}`), h("span", { class: "soft" }, length(g.seconds)),
			badge(g.reason ? wordOf("reason", g.reason) : t("line.gap.none"), g.reasoned ? "" : "warn"), g.spoken ? badge(t("line.spoken"), "good") : g.reason ? badge(t("line.unspoken"), "warn") : null,
			given.readOnly ? null : button(t(g.reason ? "line.gap.change" : "line.gap.enter"), () => askReason(draft, line, g, given), "small")))) : null);
}

// --- the whole case ---

function moments(draft) {
	const d = draft.description;
	const list = [["dates.started", d.dates?.started], ["dates.approved", d.dates?.approved],
		...(d.acts || []).map((a) => [null, a.from, a.kind ? wordOf("kind", a.kind) : t("line.act.any")]),
		["decision.made_on", d.decision?.made_on], ...(d.service || []).map((s) => [null, s.at, t("line.service")]),
		["execution.ended_on", d.execution?.ended_on], ["dates.closed", d.dates?.closed], [null, draft.due, t("line.due"), "due"]];
	return list.map(([key, at, label, kind]) => ({ at: Date.parse(at), label: label || t(`f.${key}`), kind })).filter((m) => Number.isFinite(m.at)).sort((a, b) => a.at - b.at);
}

// One row a moment: dates and names stay readable, however close together they are.
function wholeCase(draft) {
	const list = moments(draft);
	if (list.length < 2) return null;
	const first = list[0].at, last = Math.max(list.at(-1).at, first + 86400000);
	const shown = list.slice(0, 60);
	const at = (ms) => `${(2 + 40 * (ms - first) / (last - first)).toFixed(2)}%`;
	return sheet(t("line.case"), h("svg", { class: "line case-line", width: "100%", height: shown.length * 24 + 8, role: "img", "aria-label": shown.map((m) => `${dayOf(m.at)} ${m.label}`).join("；") },
		shown.map((m, i) => [
			i ? h("line", { class: "axis", x1: at(shown[i - 1].at), x2: at(m.at), y1: i * 24 - 8, y2: i * 24 + 16 }) : null,
			h("circle", { class: m.kind === "due" ? "due" : "point", cx: at(m.at), cy: i * 24 + 16, r: 5 }),
			h("text", { x: "46%", y: i * 24 + 20 }, `${dayOf(m.at)}　${m.label}`)])));
}

export function tab(draft, given) {
	return later(() => findings(draft.draft), (found) => [
		found.timeline.length ? found.timeline.map((line) => actSheet(draft, line, given))
			: empty(t("line.none"), t("line.none.hint"), link(t("line.none.go"), `#/draft/${encodeURIComponent(draft.draft)}/case/inquiry`, "button")),
		wholeCase(draft),
	]);
}
