// SPDX-License-Identifier: Apache-2.0
// What the stand-in answers to the writing side: drafts in each state, findings at their places, timelines, papers,
// register, counter, people, status.
const soon = (days) => new Date(Date.now() + days * 86400000).toISOString();
const day = (days) => soon(days).slice(0, 10);
const finding = (code, severity, place, zh, en, member = null) => ({ code, article: "内蒙古 第十五条", severity, member, place, zh, en, fix_zh: "补充后重新检查", fix_en: "Add it, then check again" });
const base = "/drafts/";
const members = [
	{ path: "documents/001 立案审批表.pdf", class: "document", kind: "立案审批表", title: "立案审批表", date: "2025-03-01", responsible: "样例市医疗保障局", volume: "main" },
	{ path: "media/现场检查.mp4", class: "medium", kind: "现场检查录像", title: "现场检查录像", date: "2025-03-02", responsible: "李样例", volume: "main", act: "a1", scene: "onsite", evidence: true, recorded_from: "2025-03-02T09:28:00+08:00", recorded_to: "2025-03-02T10:01:00+08:00",
		device: "执法记录仪 07", device_kind: "body_camera", explanation: { path: "explanations/现场检查.md", collector: "李样例" }, discs: [{ number: "D-2025-031" }] },
	{ path: "explanations/现场检查.md", class: "explanation", title: "现场检查录像文字说明", volume: "main" },
	{ path: "documents/讨论笔录.pdf", class: "document", title: "集体讨论笔录", volume: "sub" },
];
const description = (title) => ({ format: "strongroom-case-description/1", number: "样医保罚〔2025〕14号", title, rulebook: "inner-mongolia", category: "penalty", procedure: "ordinary", source: "complaint", outcome: "penalty", organ: { name: "样例市医疗保障局", level: "city", unit: "基金监管科" },
	parties: [{ name: title, kind: "organization" }], officers: [{ name: "李样例", certificate_no: "样A-0101" }], dates: { started: "2025-03-01T09:00:00+08:00", closed: "2025-05-12" },
	acts: [{ id: "a1", kind: "onsite_inspection", from: "2025-03-02T09:30:00+08:00", to: "2025-03-02T10:30:00+08:00", place: "样例诊所", officers: ["样A-0101", "样A-0999"], recordings: ["media/现场检查.mp4"], documents: ["documents/没有的.pdf"], full_basis: ["major_property"], gaps: [] }, { id: "a2", kind: "interview", no_recording_reason: title }],
	service: [{ number: "样医保罚〔2025〕14号", method: "direct", at: "2025-04-21" }], decision: { outcome: "penalty", made_on: "2025-04-20", fine: "1200.00" }, execution: { state: "full", ended_on: "2025-05-10" },
	remarks: [{ code: "IM9", text: title, by: "李样例", head: "钱样例" }], members });
const draft = (id, state, days, more = {}) => ({ draft: id, organ: "999900", organ_name: "样例市医疗保障局", handler: "li", handler_name: "李样例", number: `样医保罚〔2025〕${Number(id.slice(1)) + 13}号`, title: "样例诊所串换项目案", state, part_of: null, opened: soon(-20), touched: soon(-1),
	reason: state === "returned" ? "音像资料文字说明缺少取证地点，请补正。" : null, case: null, due: days === null ? null : day(days), days, listed: 4, mine: false, ...more });

export const writing = (hostile) => {
	const long = hostile + "很长的说明".repeat(2000);
	const list = [draft("D00001", "open", 5), draft("D00002", "submitted", 3), draft("D00003", "returned", -2), draft("D00004", "open", null, { title: hostile, number: null }), draft("D00005", "submitted", 20, { mine: true })];
	const shown = (d, text = "样例诊所串换项目案") => ({ ...d, description: description(text), files: [...members.filter((m) => m.path !== "documents/讨论笔录.pdf").map((m, i) => ({ path: m.path, bytes: 5000 * (i + 1) })), { path: "documents/未列入.pdf", bytes: 10 }] });
	const found = { blockers: 1, defects: 2, warnings: 1, unanswered: 2, rulebook: "inner-mongolia", findings: [
		finding("IM15", "blocker", "/members/1/explanation/place", "“取证地点”未填写", "The place is missing", "media/现场检查.mp4"),
		finding("IM9", "defect", "/service/0/receipt", "缺少送达回证", "The receipt of service is missing"),
		finding("IM13.1", "defect", "/acts/0", long, long),
		finding("X4", "warning", "/acts/0/place", "地点与笔录不一致", "The place differs from the record"),
		finding("X1", "blocker", null, "文件未列入目录", "A file is not in the catalogue", "documents/未列入.pdf")],
	timeline: [{ act: 0, from: "2025-03-02T01:30:00Z", to: "2025-03-02T02:30:00Z", abandoned: false, recordings: [{ member: "media/现场检查.mp4", from: "2025-03-02T01:28:00Z", to: "2025-03-02T02:01:00Z" }],
		gaps: [{ from: "2025-03-02T02:01:00Z", to: "2025-03-02T02:10:00Z", seconds: 540, reason: "battery", spoken_in: null, spoken_at: null, reasoned: true, spoken: false }, { from: "2025-03-02T02:10:00Z", to: "2025-03-02T02:30:00Z", seconds: 1200, reason: null, reasoned: false, spoken: false }] },
	{ act: 1, missing: "/acts/1/from" }] };
	const many = Array.from({ length: 10000 }, (_, i) => ({ path: `documents/${String(i + 1).padStart(5, "0")} 材料.pdf`, class: "document", title: `材料 ${i + 1}`, volume: "main" }));
	const paper = (title, body) => ({ title, html: `<!doctype html><html><head><style>body{color:red}</style></head><body><h1>${title}</h1>${body}<script>alert(3)</script><img src=x onerror=alert(4)><p onclick="alert(5)" style="color:red">${hostile.replaceAll("<", "&lt;")}</p></body></html>` });
	const answers = {
		"GET /drafts": () => ({ drafts: list }),
		"POST /commands/ListUploads": () => ({ uploads: [{ upload: "U00", bytes: 1000, offset: 400, until: soon(1), metadata: `filename ${Buffer.from("录像.mp4").toString("base64")},draft ${Buffer.from("D00001").toString("base64")},path ${Buffer.from("media/录像.mp4").toString("base64")},modified MQ==` }] }),
		"GET /drafts/D00009": () => ({ ...draft("D00009", "open", 9), description: { ...description("一万件"), members: many }, files: many.map((m) => ({ path: m.path, bytes: 1 })) }),
		"GET /drafts/D00009/findings": () => ({ ...found, findings: [], blockers: 0, defects: 0, warnings: 0, timeline: [] }),
		"GET /drafts/D00007": () => ({ ...draft("D00007", "open", null), description: { members: [] }, files: [] }),
		"GET /drafts/D00007/findings": () => ({ ...found, findings: [], blockers: 0, defects: 0, warnings: 0, timeline: [] }),
		"GET /drafts/D00008": () => ({ ...draft("D00008", "sealed", 3), case: "01900000-0000-7000-8000-00000000000a" }),
		"GET /register": () => ({ rows: [{ organ: "999900", number: "样医保罚〔2025〕15号", case: null, row: { title: "样例门诊案", officers: "李样例", category: "penalty", closed: "2026-10-20" } }, { organ: "999900", number: "样医保罚〔2025〕12号", case: "01900000-0000-7000-8000-00000000000a", row: { title: hostile } }], total: 2, next: null }),
		"GET /register/reconciliation": () => ({ rows: 2, matched: 1, overdue: 1, unsealed: [{ number: "样医保罚〔2025〕15号", organ: "999900", title: hostile, due: day(-2), days: -2, overdue: true }], unregistered: [{ case: "01900000-0000-7000-8000-00000000000b", number: "样医保罚〔2025〕13号", organ: "999900", title: "样例" }] }),
		"POST /commands/ListApplications": () => ({ applications: [{ application: "B00001", filed_at: soon(-1), number: "样医保罚〔2025〕13号", name: "样例当事人", identity: "000000190001010000", reason: hostile, contact: "000-0000", stage: "received" }, { application: "B00002", filed_at: soon(-3), dropped: soon(-2), stage: "dropped" }] }),
	};
	for (const d of list) {
		answers[`GET ${base}${d.draft}`] = () => shown(d, d.draft === "D00004" ? hostile : undefined);
		answers[`GET ${base}${d.draft}/findings`] = () => found;
	}
	for (const id of ["a", "b"]) for (const [name, title, body] of [["cover", "行政执法案卷", "<table class=\"k\"><tr><th>案号</th><td>样医保罚〔2025〕12号</td></tr></table>"], ["list", "卷内文件目录", "<table><thead><tr><th>顺序号</th></tr></thead><tbody><tr><td class=\"c\">1</td></tr></tbody></table>"], ["notes", "备考表", "<p>立卷人</p>"], ["properties", "四性检测报告", "<p>真实性</p>"],
		["proof", "归档封装证明", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40mm\" height=\"40mm\" viewBox=\"0 0 10 10\"><path fill=\"#000\" d=\"M1 1h1v1h-1z\"/></svg>"]])
		answers[`GET /cases/01900000-0000-7000-8000-00000000000${id}/papers/${name}`] = () => paper(title, body);
	return answers;
};
