// SPDX-License-Identifier: Apache-2.0
// The life of a case as a picture: from what set it off to its filing, by days; and each day of acts by hours, with its
// recordings and their gaps.  From the description that was sealed; what it does not say is not drawn.
import { h, time } from "./ui.js";
import { t } from "./language.js";
import { room } from "./charts.js";

const DAY = 86400000;
const FILING_DAYS = 30;
const ms = (value) => {
	const found = typeof value === "string" ? Date.parse(/T/.test(value) ? value : `${value}T00:00:00+08:00`) : NaN;
	return Number.isFinite(found) ? found : null;
};
const local = (at) => new Date(at + 8 * 3600000); // read with getUTC…
const dayText = (at) => local(at).toISOString().slice(0, 10);
const hourText = (at) => local(at).toISOString().slice(11, 16);
const text = (x, y, value, more = {}) => h("text", { x, y, ...more }, value);

// [{ at, until?, label, kind }] of the case's days: its steps in the order in which they happened.
function steps(d, sealedAt) {
	const list = [];
	const add = (value, label, kind = "") => { const at = ms(value); if (at !== null) list.push({ at, label, kind }); };
	add(d.complaint?.at, t("step.complaint"));
	add(d.dates?.approved, t("step.approved"));
	add(d.dates?.started, t("step.started"));
	for (const act of d.acts || []) add(act.from || act.at, t(`act.${act.kind}`, {}, null) ?? t("act.other"), "act");
	for (const right of [d.rights].flat().filter(Boolean)) add(right.at, t("step.notice"));
	add(d.hearing?.held_at || d.hearing?.at, t("step.hearing"));
	for (const round of [d.legal_review].flat().filter(Boolean)) add(round.decided, t("step.review"));
	add(d.discussion?.at, t("step.discussion"));
	add(d.decision?.made_on || d.decision?.signed_at, t("step.decision"), "main");
	for (const s of [d.service].flat().filter(Boolean)) add(s.at, t("step.service"));
	add(d.decision?.publication?.published_on, t("step.publication"));
	add(d.execution?.ended_on, t("step.execution"));
	add(d.execution?.correction?.due, t("step.correction"), "due");
	add(d.dates?.closed, t("step.closed"), "main");
	const closed = ms(d.execution?.ended_on) ?? ms(d.dates?.closed); // what the term of filing runs from
	if (closed !== null) list.push({ at: closed + FILING_DAYS * DAY, label: t("step.due"), kind: "due" });
	const sealed = ms(sealedAt);
	const late = sealed !== null && closed !== null && sealed > closed + (FILING_DAYS + 1) * DAY;
	if (sealed !== null) list.push({ at: sealed, label: t(late ? "step.sealed.late" : "step.sealed"), kind: late ? "late" : "main" });
	return list.sort((a, b) => a.at - b.at);
}

// Same day and same word stand once, with how many they are.
function merged(list) {
	const found = [];
	for (const step of list) {
		const last = found.find((x) => dayText(x.at) === dayText(step.at) && x.label === step.label);
		if (last) last.count++;
		else found.push({ ...step, count: 1 });
	}
	return found;
}

const ROW = 24, LEFT = 20;
function overview(list) {
	const first = list[0].at, last = Math.max(list[list.length - 1].at, first + DAY);
	const RIGHT = room() - 20, turn = RIGHT * 0.62;
	const x = (at) => LEFT + (RIGHT - LEFT) * (at - first) / (last - first);
	const height = list.length * ROW + 34;
	return h("svg", { class: "chart timeline", viewBox: `0 0 ${room()} ${height}`, role: "img", "aria-label": list.map((s) => `${dayText(s.at)} ${s.label}`).join("; ") },
		h("line", { class: "axis", x1: LEFT, x2: RIGHT, y1: height - 22, y2: height - 22 }),
		list.map((step, i) => {
			const at = x(step.at), y = 14 + i * ROW;
			const label = `${dayText(step.at).slice(5)} ${step.label}${step.count > 1 ? ` ×${step.count}` : ""}`;
			return h("g", { class: step.kind },
				h("line", { class: "thread", x1: at, x2: at, y1: y, y2: height - 22 }),
				h("circle", { class: `mark ${step.kind}`, cx: at, cy: y, r: 5 }),
				at < turn ? text(at + 10, y + 4, label) : text(at - 10, y + 4, label, { "text-anchor": "end" }));
		}),
		text(LEFT, height - 6, dayText(first)), text(RIGHT, height - 6, dayText(last), { "text-anchor": "end" }));
}

// One day of acts: acts as frames, recordings as bars, gaps in amber.
function dayOfActs(day, acts, recordings) {
	const all = [...acts, ...recordings];
	const first = Math.min(...all.map((i) => i.from)), last = Math.max(...all.map((i) => i.to), first + 60000);
	const wide = room() - 40;
	const x = (at) => 20 + wide * (at - first) / (last - first);
	const rows = [...acts.map((a) => ({ ...a, kind: "frame" })), ...recordings.map((r) => ({ ...r, kind: "recording" }))];
	const height = rows.length * 40 + 28;
	return h("svg", { class: "chart timeline", viewBox: `0 0 ${room()} ${height}`, role: "img", "aria-label": `${day} ${rows.map((r) => r.label).join("; ")}` },
		rows.map((row, i) => {
			const y = i * 40, from = x(row.from), to = x(row.to);
			return h("g", {},
				text(20, y + 13, `${hourText(row.from)}–${hourText(row.to)}　${row.label.length > room() / 18 ? `${row.label.slice(0, room() / 18)}…` : row.label}`),
				h("rect", { class: row.kind === "frame" ? "frame" : "mark", x: from, y: y + 18, width: Math.max(3, to - from), height: 14 }, h("title", { svg: true }, row.label)),
				(row.gaps || []).map((gap) => h("rect", { class: "gap", x: x(gap.from), y: y + 18, width: Math.max(2, x(gap.to) - x(gap.from)), height: 14 }, h("title", { svg: true }, gap.label))));
		}),
		text(20, height - 6, hourText(first)), text(20 + wide, height - 6, hourText(last), { "text-anchor": "end" }));
}

const gapsOf = (m, from) => (m.gaps || []).map((g) => {
	const begin = ms(g.from) ?? (typeof g.from === "number" ? from + g.from * 1000 : null);
	const end = ms(g.to) ?? (typeof g.to === "number" ? from + g.to * 1000 : null);
	return begin !== null && end !== null ? { from: begin, to: end, label: t("timeline.gap", { reason: t(`gap.${g.reason || "other"}`, {}, g.reason) }) } : null;
}).filter(Boolean);

function days(d, members) {
	const found = new Map();
	const put = (kind, item) => {
		const day = dayText(item.from);
		if (!found.has(day)) found.set(day, { acts: [], recordings: [] });
		found.get(day)[kind].push(item);
	};
	for (const act of d.acts || []) {
		const from = ms(act.from), to = ms(act.to);
		if (from !== null && to !== null) put("acts", { from, to, label: t(`act.${act.kind}`, {}, null) ?? t("act.other") });
	}
	for (const m of members || []) {
		const from = ms(m.recorded_from), to = ms(m.recorded_to);
		if (from !== null && to !== null && to > from) put("recordings", { from, to, label: m.title || m.path, gaps: gapsOf(m, from) });
	}
	return [...found].sort().filter(([, x]) => x.recordings.length);
}

// The pictures of one sealed part; nothing where the description has no days.
export function caseTimeline(description, members, sealedAt) {
	const list = merged(steps(description || {}, sealedAt));
	if (list.length < 2) return null;
	return [overview(list), h("ul", { class: "legend small" }, h("li", { class: "key-main" }, t("timeline.key.main")), h("li", { class: "key-step" }, t("timeline.key.step")), h("li", { class: "key-act" }, t("timeline.key.act")), h("li", { class: "key-due" }, t("timeline.key.due")), h("li", { class: "key-gap" }, t("timeline.key.gap"))),
		days(description || {}, members).map(([day, { acts, recordings }]) => h("details", { open: true }, h("summary", {}, t("timeline.day", { day: time(`${day}T00:00:00+08:00`).replace(/\s?00:00.*$/, "") })), dayOfActs(day, acts, recordings)))];
}
