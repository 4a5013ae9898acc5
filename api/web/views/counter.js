// SPDX-License-Identifier: Apache-2.0
// The counter: applications of parties, their requests filed for them with scanned papers, passes that are printed and
// handed over.
import { h, page, sheet, later, empty, link, table, time, state, button, dialog, form, field, select, input, area, facts, replace, notice, toast, choices, confirm, filePicker } from "../ui.js";
import { t } from "../language.js";
import { command, get, post, upload, onSession } from "../server.js";
import { word } from "../names.js";
import { print } from "../paper.js";

const again = () => window.dispatchEvent(new HashChangeEvent("hashchange"));
const needs = { party: ["identity"], lawyer: ["identity", "authority", "introduction"], court: ["introduction"], other: ["introduction"] };
const purposes = { party: ["party"], lawyer: ["party"], court: ["judicial", "litigation", "reconsideration"], other: ["discipline", "audit", "superior", "supervision"] };

// --- a pass, printed ---

function passPaper(pass, grant, what) {
	return h("article", { class: "paper pass" },
		h("h1", {}, t("pass.print")),
		h("table", { class: "k" }, h("tbody", {},
			[[t("pass.holder"), what.for], [t("cases"), what.numbers], [t("grant"), grant], [t("pass.number"), pass.number], [t("until"), time(pass.until)]]
				.filter(([, value]) => value).map(([label, value]) => h("tr", {}, h("th", {}, label), h("td", {}, value))))),
		h("p", { class: "pass-code" }, pass.pass),
		h("p", {}, t("pass.once")), h("p", {}, t("pass.how", { address: location.origin })), h("p", { class: "sign" }, t("pass.sign")));
}

function issue(grant, what) {
	dialog(t("pass.issue"), (close) => form([
		h("p", {}, t("pass.issue.text")),
		what.for ? facts([[t("pass.holder"), what.for], [t("cases"), what.numbers]]) : null,
		field(t("pass.identity"), select("identity", ["id-card", "passport", "lawyer-licence", "other"].map((k) => [k, t(`identity.${k}`)]))),
		h("label", { class: "boxes" }, h("input", { type: "checkbox", name: "seen", required: true }), h("span", {}, t("pass.seen"))),
	], t("pass.issue"), async ({ identity }) => {
		const pass = await command("IssuePass", { grant, identity });
		close();
		const paper = passPaper(pass, grant, what);
		dialog(t("pass.print"), (shut) => [notice("warn", t("pass.only")), paper,
			h("div", { class: "actions" }, button(t("paper.print"), () => print(paper), "main-action"), button(t("close"), () => { shut(); again(); }))]);
	}, { also: button(t("cancel"), close) }));
}

// With the numbers of the cases, as they stand on the paper.
async function numbered(grant, what) {
	const asked = await get(`/requests/${encodeURIComponent(grant.request)}`).catch(() => ({}));
	const numbers = (asked.catalogue || []).map((c) => c.number).filter(Boolean);
	return { for: what.for || asked.on_behalf?.name || asked.for, numbers: numbers.length ? numbers.join(t("word.and")) : what.numbers };
}

// --- registering somebody ---

function registration(given) {
	const chosen = [];
	const list = h("ul", { class: "chosen" });
	const said = h("div", { "aria-live": "polite" });
	const number = h("input", { value: given.number || "", "aria-label": t("number"), placeholder: t("ask.case.hint") });
	const draw = () => replace(list, chosen.map((c, i) => h("li", {}, h("span", {}, `${c.number}　${c.title}`), button(t("remove"), () => { chosen.splice(i, 1); draw(); }, "small quiet"))));
	async function addCase() {
		replace(said);
		const wanted = number.value.trim();
		if (!wanted) return;
		const { cases = [] } = await get("/cases", { number: wanted, limit: 1 });
		if (!cases.length) { replace(said, notice("bad", t("ask.case.none", { number: wanted }))); return; }
		if (!chosen.some((c) => c.case === cases[0].case)) chosen.push(cases[0]);
		number.value = "";
		draw();
	}
	const papers = h("div", {});
	const purpose = h("div", {});
	const kind = select("for_kind", ["party", "lawyer", "court", "other"].map((k) => [k, t(`class.of.${k}`)]), given.for_kind || "party", { onchange: () => asked() });
	const scans = new Map();
	const scan = (name) => {
		const file = filePicker("", { accept: ".pdf,.jpg,.jpeg,.png", onchange: (event) => { scans.set(name, event.target.files[0]); } });
		return field(t(`paper.${name}`), file, t(name === needs[kind.value][0] ? "counter.paper.needed" : "counter.paper.maybe"));
	};
	function asked() {
		scans.clear();
		replace(papers, h("div", { class: "fields" }, needs[kind.value].map(scan)));
		replace(purpose, field(t("purpose"), select("purpose", purposes[kind.value].map((p) => [p, t(`purpose.${p}`)]))));
	}
	asked();
	const progress = h("div", { "aria-live": "polite" });
	const node = form([
		h("h3", {}, t("counter.who")),
		h("div", { class: "fields" }, field(t("ask.for.kind"), kind), field(t("ask.for"), input("for", { required: true, value: given.name || "", maxlength: 200 })), purpose),
		h("h3", {}, t("counter.papers")), papers,
		h("h3", {}, t("counter.what")),
		h("div", { class: "field" }, h("span", {}, t("cases")), list, h("div", { class: "row" }, number, button(t("ask.case.add"), () => addCase().catch((error) => replace(said, notice("bad", say(error)))))), said),
		h("div", { class: "fields" }, field(t("days"), input("days", { type: "number", min: 1, max: 30, value: 7, required: true }), t("ask.days.hint")),
			choices(t("channels"), "channels", ["web", "copy"].map((c) => [c, t(`channel.${c}`)]), ["web"])),
		field(t("reason"), area("reason", { required: true, value: given.reason || "", maxlength: 2000 }), t("ask.reason.hint")), progress,
	], t("counter.file"), async (values) => {
		if (number.value.trim()) await addCase();
		if (!chosen.length) throw new Error(t("ask.case.missing"));
		const missing = needs[values.for_kind][0];
		if (!scans.get(missing)) throw new Error(t("counter.paper.missing", { paper: t(`paper.${missing}`) }));
		const sent = [];
		for (const [name, file] of scans) {
			if (!file) continue;
			const bar = h("progress", { max: 1, value: 0, "aria-label": file.name });
			replace(progress, h("p", {}, file.name), bar);
			const at = await upload(file, { onProgress: (done, total) => { bar.value = done / total; } });
			sent.push({ kind: name, name: file.name, upload: at.split("/").at(-1) });
		}
		replace(progress);
		const done = await post("/requests", { cases: chosen.map((c) => c.case), purpose: values.purpose, reason: values.reason, days: values.days, channels: values.channels,
			for: values.for, for_kind: values.for_kind, papers: sent, application: given.application });
		toast(t("ask.sent", { request: done.request }));
		location.hash = "#/counter";
	}, { also: link(t("cancel"), "#/counter", "button") });
	if (given.number) addCase().catch(() => {});
	return node;
}

const drop = (application) => confirm(t("counter.drop"), t("counter.drop.text"), t("counter.drop"), async (reason) => {
	await command("DropApplication", { application, reason });
	again();
}, { reason: t("reason") });

const stages = { received: "filed" };

function desk() {
	const requests = () => Promise.all([get("/grants"), get("/requests").catch(() => ({ requests: [] }))]).then(([{ grants = [] }, { requests: list = [] }]) => ({ grants, list }));
	return page(t("nav.counter"), { lead: t("counter.lead"), actions: link(t("counter.ask"), "#/counter/new", "button main-action") },
		later(requests, ({ grants, list }) => {
			const asked = (id) => list.find((r) => r.request === id) || {};
			const what = (g) => ({ for: asked(g.request).on_behalf?.name || asked(g.request).for, numbers: (asked(g.request).numbers || []).join(t("word.and")) || t("cases.count", { count: (g.cases || []).length }) });
			const outside = list.filter((r) => r.on_behalf || r.for);
			return [
				sheet(t("counter.passes"), table([
					{ label: t("pass.holder"), get: (g) => what(g).for || "" },
					{ label: t("grant"), get: (g) => g.grant },
					{ label: t("request"), get: (g) => link(g.request, `#/request/${g.request}`) },
					{ label: t("purpose"), get: (g) => word("purpose", g.purpose) },
					{ label: t("until"), get: (g) => time(g.until), sort: (g) => g.until },
					{ label: t("pass"), sort: null, get: (g) => button(t("pass.issue"), () => numbered(g, what(g)).then((known) => issue(g.grant, known)), "small main-action") },
				], grants.filter((g) => g.state === "live" && !g.reader), { none: empty(t("counter.passes.none"), t("counter.passes.hint")) })),
				sheet(t("counter.filed"), table([
					{ label: t("request"), get: (r) => link(r.request, `#/request/${r.request}`) },
					{ label: t("pass.holder"), get: (r) => r.on_behalf?.name || r.for },
					{ label: t("ask.for.kind"), get: (r) => word("class.of", r.on_behalf?.kind || r.for_kind || r.class) },
					{ label: t("filed.at"), get: (r) => time(r.filed), sort: (r) => r.filed || "" },
					{ label: t("state"), get: (r) => state(r.state) },
				], outside, { none: empty(t("counter.filed.none"), t("counter.filed.hint")) })),
			];
		}),
		sheet(t("counter.applications"), later(() => command("ListApplications"), ({ applications = [] }) => table([
			{ label: t("filed.at"), get: (a) => time(a.filed_at), sort: (a) => a.filed_at },
			{ label: t("apply.name"), get: (a) => a.name || "" },
			{ label: t("apply.identity"), get: (a) => a.identity || "" },
			{ label: t("number"), get: (a) => a.number || "" },
			{ label: t("apply.contact"), get: (a) => a.contact || "" },
			{ label: t("reason"), get: (a) => h("div", { class: "clip" }, a.reason || "") },
			{ label: t("state"), get: (a) => t(`stage.${a.stage}`, {}, null) ?? state(stages[a.stage] || a.stage) },
			{ label: t("counter.act"), sort: null, get: (a) => a.stage === "received" ? h("span", { class: "row" },
				button(t("counter.take"), () => { taken = a; location.hash = "#/counter/new"; }, "small"), button(t("counter.drop"), () => drop(a.application), "small quiet")) : "" },
		], applications, { none: empty(t("counter.applications.none"), t("counter.applications.hint")) }))));
}

// The application that is taken up: here and not in the address, which browsers write into their history.
let taken = {};
onSession(() => { taken = {}; });

export default function counter({ rest: [what] }) {
	if (what !== "new") {
		taken = {};
		return desk();
	}
	return page(t("counter.ask"), { lead: t("ask.lead.counter") }, sheet(null, registration(taken)));
}
