// SPDX-License-Identifier: Apache-2.0
// A stand-in for the HTTPS server: the page's files, and answers of the form that the server gives, as data.
// For looks, languages, roles, hostile texts and lost connections; the real server is driven elsewhere.
import http from "node:http";
import fs from "node:fs/promises";
import path from "node:path";
import { writing } from "./stand-in-writing.mjs";

const root = new URL("../../api/web/", import.meta.url).pathname;
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; connect-src 'self'; font-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const soon = (days) => new Date(Date.now() + days * 86400000).toISOString();
const A = "01900000-0000-7000-8000-00000000000a", B = "01900000-0000-7000-8000-00000000000b";

export const hostile = "<img src=x onerror=alert(1)>\u202e倒‮<script>alert(2)</script>";

const cases = [
	{ case: A, number: "样医保罚〔2025〕12号", title: "样例大药房违规使用医保基金案", category: "行政处罚", sealed_at: soon(-40), parts: 1 },
	{ case: B, number: "样医保罚〔2025〕13号", title: hostile, category: "行政处罚", sealed_at: soon(-20), parts: 2 },
];
const members = [
	{ number: 1, order: 1, class: "document", volume: "main", path: "documents/001 立案审批表.pdf", title: "立案审批表", responsible: "样例市医疗保障局", date: "2025-03-01", bytes: 52133, media_type: "application/pdf" },
	{ number: 2, order: 2, class: "medium", volume: "main", path: "media/现场检查.mp4", title: "现场检查录像", responsible: "李样例", date: "2025-03-02", bytes: 734003200, media_type: "video/mp4" },
	{ number: 3, order: 3, class: "explanation", volume: "main", path: "explanations/现场检查.md", title: "现场检查录像文字说明", date: "2025-03-02", bytes: 2140, media_type: "text/plain" },
	{ number: 4, order: 4, class: "document", volume: "sub", path: "documents/讨论笔录.pdf", title: "集体讨论笔录", date: "2025-04-02", bytes: 90001, media_type: "application/pdf" },
];
const requests = [
	{ request: "R00001", class: "supervisor", organ: "999900", filed_by_name: "孙样例", reader_name: "孙样例", decides: true, own: false, decided: false, deputy_for: [], handled: [A], clearances: ["privacy"], state: "filed", filed_by: "sun", reader: "sun", purpose: "evaluation-review", reason: "年度案卷评查", days: 7, channels: ["web", "fs"], volumes: ["main"], cases: [A], case_count: 1, catalogue: [cases[0]], papers: null, filed: soon(-0.2), digest: "0".repeat(64), approvals: 2, decisions: [] },
	{ request: "R00002", class: "party", organ: "999900", filed_by_name: "王样例", reader_name: null, for_kind: "party", decides: true, own: false, decided: true, deputy_for: [], handled: [], clearances: [], state: "approved", filed_by: "wang", reader: null, for: "样例大药房", purpose: "party", reason: hostile, days: 3, channels: ["web"], volumes: ["main"], cases: [B], case_count: 1, catalogue: [cases[1]], papers: [{ kind: "identity", name: "身份证明.pdf" }], filed: soon(-3), digest: "1".repeat(64), grant: "G00001-7kq2v9", decisions: [{ official: "zhao", decision: "approve", time: soon(-2) }], approvals: 1 },
];
const grants = [
	{ grant: "G00001-7kq2v9", request: "R00001", reader: "sun", reader_name: hostile, approved_by: ["zhao"], approved_by_names: ["赵样例"], purpose: "evaluation-review", from: soon(-1), until: soon(1.5), state: "live", channels: ["web", "fs"], cases: [A] },
	{ grant: "G00002-abcdef", request: "R00002", reader: null, approved_by: ["zhao"], purpose: "party", from: soon(-1), until: soon(2), state: "live", channels: ["web"], cases: [B] },
	{ grant: "G00003-ghjkmn", request: "R00002", reader: "li", approved_by: ["zhao", "qian"], purpose: "handling", from: soon(-9), until: soon(-2), state: "expired", channels: ["web", "copy"], cases: [B] },
];
const finding = { code: "IM15", article: "第十五条", severity: "blocker", member: "media/现场检查.mp4", zh: "音像资料缺少文字说明", en: "A recording has no explanation", fix_zh: "补充文字说明", fix_en: "Add the explanation" };
const draft = { draft: "D00001", number: "样医保罚〔2025〕14号", title: "样例诊所案", handler: "li", state: "submitted", due: soon(5).slice(0, 10), description: { number: "样医保罚〔2025〕14号", title: "样例诊所案", members: members.map((m) => ({ path: m.path, title: m.title, class: m.class })) },
	timeline: [{ kind: "recording", label: "现场检查.mp4", from: soon(-50), until: soon(-49.97) }, { kind: "gap", label: "更换电池", from: soon(-49.97), until: soon(-49.96) }, { kind: "recording", label: "现场检查2.mp4", from: soon(-49.96), until: soon(-49.9) }] };
const review = { review: "V00001", year: 2026, count: 2, drawn: 2, seed: hostile, by: "sun", population: "d".repeat(64), population_size: 20, requests: ["R00001"], reviewers: [] };
const findings = [{ finding: "V00001-1", review: "V00001", case: A, number: cases[0].number, member: 2, at: "00:31:05", code: "other", text: hostile, state: "open" }, { finding: "V00001-2", review: "V00001", case: B, number: cases[1].number, member: 1, page: "3-5", code: "other", text: "缺签名", state: "mended" }];
const entries = Array.from({ length: 40 }, (_, i) => ({ v: 1, seq: i, time: soon(-40 + i), type: ["access.opened", "request.filed", "case.sealed", "session.refused"][i % 4], salt: "x", actor: i % 4 === 3 ? null : { user: "sun" }, case: A, grant: "G00001-7kq2v9", member: 2, ...(i % 4 === 3 ? { count: 2, addresses: ["192.0.2.9"] } : {}) })).map((e) => (e.seq % 8 === 4 ? { ...e, type: "access.refused", why: "NotGranted", count: 1 } : e));

export const answers = {
	"GET /cases": () => ({ cases, total: cases.length, next: null }),
	[`GET /cases/${A}`]: () => ({ ...cases[0], parts: [{ part: 1, sealed_at: cases[0].sealed_at, seal: "a".repeat(64), cover: { retention: "10y", classification: ["privacy"] }, catalogue: { members, findings: [{ ...finding, severity: "defect" }], timeline: draft.timeline } }] }),
	[`GET /cases/${B}`]: () => ({ ...cases[1], parts: [{ part: 1, sealed_at: cases[1].sealed_at, seal: "b".repeat(64), cover: { retention: "permanent" }, catalogue: { members: members.map((m) => ({ ...m, title: hostile })) } }] }),
	[`GET /cases/${A}/verification`]: () => ({ parts: [{ part: 1, ok: true, checked_at: soon(-2), depth: "full", seal: "a".repeat(64) }] }),
	[`GET /cases/${B}/verification`]: () => ({ parts: [{ part: 1, ok: null, seal: "b".repeat(64) }] }),
	"GET /requests": () => ({ requests, next: null }),
	"GET /requests/R00001": () => requests[0],
	"GET /requests/R00002": () => requests[1],
	"POST /requests": () => ({ request: "R00003" }),
	"POST /requests/R00001/decision": () => ({ request: "R00001", decision: "approve", grant: "G00009-qqqqqq" }),
	"GET /grants": () => ({ grants }),
	"GET /grants/G00001-7kq2v9": () => ({ ...grants[0], cases: [{ case: A, number: cases[0].number, title: cases[0].title, members }] }),
	"POST /grants/G00001-7kq2v9/beat": () => new Promise((done) => { setTimeout(() => done({ present: true }), 300); }),
	"GET /live": () => ({ live: [{ opened: 31, grant: "G00001-7kq2v9", reader: "sun", reader_name: "孙样例", approved_by_names: ["赵样例"], case: A, number: cases[0].number, member: 2, title: "现场检查录像", channel: "web", since: soon(-0.01), address: "192.0.2.7" }] }),
	"GET /ledger/entries": () => ({ entries: entries.map((e) => JSON.stringify(e)), next: 40, size: 40 }),
	"GET /readings": () => ({ rows: entries.filter((e) => e.type === "access.opened").map((e) => ({ seq: e.seq, time: e.time, reader: "sun", full_name: hostile, grant: e.grant, purpose: "evaluation-review", number: cases[0].number, member: 2, member_title: hostile, address: "192.0.2.7", bytes: 3e10, approved_by: ["zhao"] })), next: null }),
	"GET /reviews": () => ({ reviews: [review], findings }),
	"GET /reviews/V00001": () => ({ ...review, cases: [{ case: A, number: cases[0].number, result: "passed", score: 91 }, { case: B, number: cases[1].number, result: null, score: null }], findings }),
	"POST /commands/ListScoreSheets": () => ({ sheets: [{ kind: "enforcement", zh: "行政执法案卷评查表", en: "Evaluation of an enforcement case file", pass: 60, veto: [{ kind: "party", zh: "当事人认定错误", en: "the wrong party" }], items: [{ kind: "forms", zh: "文书齐全", en: "complete documents", points: 40 }, { kind: "evidence", zh: "证据规范", en: "evidence", points: 60 }] }] }),
	"POST /commands/ListColleagues": () => ({ people: [{ user: "sun", full_name: "孙样例", role: "supervisor", organ: "999900", disabled: false }, { user: "li", full_name: hostile, role: "handler", organ: "999900", disabled: false }] }),
	"POST /commands/LedgerCheckpoint": () => ({ checkpoint: "example/1\n40\nAAAA\n\n— example/1 AAAA\n", verifier: "example/1+00000000+AA==", size: 40 }),
	"GET /ledger/checkpoint": () => ({ checkpoint: "example/1\n40\nAAAA\n\n— example/1 AAAA\n" }),
	"GET /warnings": () => ({ warnings: [{ code: "request_waiting", zh: "调阅申请等待超过三个工作日", en: "a request waits", cases: [{ case: null, number: "R00001", due: soon(-4).slice(0, 10) }] }, { code: "filing", zh: "归档期限临近", en: "Filing is due", cases: [{ case: A, number: cases[0].number, due: soon(4).slice(0, 10) }] }] }),
	"GET /stats": () => ({ year: 2026, rates: { archived_in_time: 0.92, requests_approved: 1 }, sums: { fine: { value: "12000.00" } }, hours: { count: 4, median: 3.5, p90: 7 },
		figures: { sealed_by_month: Array.from({ length: 12 }, (_, i) => ({ label: String(i + 1), value: (i * 7) % 11, cases: [cases[0]] })), sealed_by_category: [{ label: "penalty", value: 9, cases }, { label: "inspection", value: 3, cases: [cases[0]] }], archived_in_time: [{ label: "yes", value: 11, cases }, { label: "no", value: 1, cases: [cases[0]] }] } }),
	"POST /commands/ListUsers": () => ({ users: [{ user: "sun", full_name: "孙样例", role: "supervisor", organ: "999900", clearances: ["privacy"], login: { name: "sun" } }, { user: "li", full_name: hostile, role: "handler", organ: "999900", clearances: [] }],
		proposals: [{ proposal: "P00007", user: "qian", action: "add", full_name: "钱样例", role: "official", organ: "999900", by: "admin" }] }),
	"POST /commands/ListOrgans": () => ({ organs: [{ organ: "999900", name: "样例市医疗保障局", level: "city", parent: null }] }),
	"POST /commands/ListDelegations": () => ({ delegations: [] }),
	"POST /commands/ListHolds": () => ({ holds: [] }),
	"POST /commands/ListDisposals": () => ({ disposals: [] }),
	"POST /commands/ListSessions": () => ({ sessions: [{ session: "s0123456789abcdef", user: "sun", channel: "web", address: "127.0.0.1", opened: soon(-0.1), last_used: soon(0), this: true }] }),
	"POST /commands/ShowPolicy": () => ({ policy: "9".repeat(64), table: { rules: [{ approvals: 1 }, { channels: ["copy"], approvals: 2 }] }, proposed: [] }),
	"POST /commands/Status": () => ({ version: "0.1.0", keeper: { data: "/var/lib/strongroom", pid: 7, since: soon(-3), sessions: 4 }, vault: { cases: 2, archives: 3, bytes: 1234567890, index_finished: true, missing: 0, unknown: 0, foreign: 0 }, ledger: { origin: "example/1", size: 40, published: 40, last: soon(-0.1), verifier_key: "example/1+0+A" }, clock: { state: "fine", ledger: soon(0), wall: soon(0), apart_s: 0 }, disk: { free: 9e10, total: 11e10, percent: 81 }, backup: { time: soon(-9), age_days: 9, size: 30 }, certificates: [{ name: "seal.pem", until: soon(20), days: 20 }], warnings: [{ code: "BackupOld", text: "the last backup is 9 days old" }] }),
	...writing(hostile),
	"POST /commands/Configure": () => ({ configuration: [{ key: "organ.name", value: "样例市医疗保障局", default: "", help: "name of the organ" }, { key: "seal.read_back", value: "yes", default: "no", help: "read back" }] }),
};

// The same answer with nothing in its lists.
const nothing = (value) => Object.fromEntries(Object.entries(value).map(([key, v]) => [key, Array.isArray(v) ? [] : v]));

export async function start({ role = "official", signedIn = true, initial = false, none = false, broken = false } = {}) {
	const state = { role, signedIn, initial, reports: [], down: false, bytes: 0 };
	const who = () => ({ user: role === "supervisor" ? "sun" : role, role: state.role, organ: "999900", organ_name: "样例市医疗保障局", initial: state.initial, full_name: "孙样例", clearances: ["privacy"], csrf: "token", session: "s0123456789abcdef" });
	const json = (response, status, value) => {
		response.writeHead(status, { "Content-Type": status < 300 ? "application/json" : "application/problem+json", "Cache-Control": "no-store" });
		response.end(JSON.stringify(value));
	};
	const server = http.createServer(async (request, response) => {
		const { pathname } = new URL(request.url, "http://localhost");
		if (state.down) return request.destroy();
		if (pathname.startsWith("/api/v1")) {
			const key = `${request.method} ${pathname.slice(7)}`;
			if (key === "POST /session") { state.signedIn = true; return json(response, 200, { ...who(), token: "t" }); }
			if (key === "DELETE /session") { state.signedIn = false; return json(response, 200, {}); }
			if (!state.signedIn) return json(response, 401, { type: "https://strongroom.example/errors/NotSignedIn", title: "sign in first", status: 401 });
			if (key === "GET /session") return json(response, 200, who());
			if (/^GET \/grants\/.*\/members\/3$/.test(key)) { response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" }); return response.end(`取证人员：李样例\n${hostile}`); }
			if (/^GET \/drafts\/.*\/file$/.test(key)) { response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" }); return response.end(`# 文字说明\n${hostile}`); }
			if (broken) return json(response, 503, { type: "urn:strongroom:Busy", title: "busy", status: 503 });
			if (none && answers[key]) return json(response, 200, nothing(await answers[key]()));
			if (answers[key]) return json(response, 200, await answers[key]());
			return json(response, 404, { type: "https://strongroom.example/errors/NotFound", title: "not found", status: 404, detail: key });
		}
		try {
			const file = path.join(root, path.normalize(pathname === "/" ? "/index.html" : pathname));
			const body = await fs.readFile(file);
			response.writeHead(200, { "Content-Type": types[path.extname(file)] || "application/octet-stream", "Content-Security-Policy": csp });
			state.bytes += body.length;
			response.end(body);
		} catch {
			response.writeHead(404);
			response.end();
		}
	});
	await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
	return { state, url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
