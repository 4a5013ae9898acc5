// SPDX-License-Identifier: Apache-2.0
// The writing side's day in the browser against the real server: first signing in, register, a draft whose upload is
// cut twice and goes on, an explanation by form, a gap's reason, findings, submitting, returning, sealing, papers,
// verification, a party at the counter with a pass.  SR_SERVE (a JSON list) starts the server, SR_URL is its address,
// SR_PEOPLE a JSON file of passwords, SR_CASE the folder of the case; SR_APPROVE (a JSON list) approves what waits;
// SR_PICTURES is a folder for pictures.
import fs from "node:fs";
import path from "node:path";
import { spawn, execFileSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { chromium } from "playwright-core";
import { launch } from "./browser.mjs";
import { longest, isLong } from "./longest.mjs";
import { noting, forgetting, told } from "./toasts.mjs";

const base = `${process.env.SR_URL}/`;
const people = JSON.parse(fs.readFileSync(process.env.SR_PEOPLE, "utf8"));
const folder = process.env.SR_CASE;
const big = "media/现场检查（执法记录仪07）.mp4";
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
process.removeAllListeners("warning");
let failed = 0;
function ok(good, what, why = "") {
	if (!good) failed++;
	console.log(`${good ? "ok" : "not ok"} - gather: ${what}${good || !why ? "" : `\n#   ${String(why).replaceAll("\n", "\n#   ")}`}`);
	return good;
}

// --- the server, which is killed in the middle ---

let server;
process.on("exit", () => server?.kill()); // also when a step throws
async function serve() {
	const [program, ...words] = JSON.parse(process.env.SR_SERVE);
	server = spawn(program, words, { stdio: "ignore" });
	for (let i = 0; i < 600; i++) {
		if (await fetch(`${base}health`).then((r) => r.ok, () => false)) return;
		await wait(100);
	}
	throw new Error("the server does not answer");
}
async function kill() {
	const gone = new Promise((resolve) => { server.once("exit", resolve); });
	server.kill("SIGTERM");
	await gone;
}

// --- the browser ---

const browser = await chromium.launch(launch);
const trouble = [];
let quiet = false; // the server is down on purpose
async function open(user, password) {
	const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1366, height: 768 }, locale: "zh-CN", timezoneId: "Asia/Shanghai" });
	context.setDefaultTimeout(60000);
	const page = await context.newPage();
	await page.addInitScript(noting);
	await page.addInitScript(() => {
		globalThis.longTasks = [];
		new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map((e) => Math.round(e.duration)))).observe({ type: "longtask", buffered: true });
	});
	// 423: the request that was cut still holds the upload for a moment; 503: a check has the draft.  The page tries again.
	page.on("console", (m) => { if (m.type() === "error" && !quiet && !/status of (423|503)/.test(m.text())) trouble.push(`${user}: ${m.text()}`); });
	page.on("pageerror", (e) => trouble.push(`${user}: ${e.message}`));
	page.on("dialog", (d) => d.accept().catch(() => {}));
	await page.goto(base);
	await page.fill("input[name=user]", user);
	await page.fill("input[name=password]", password);
	await page.click("button[type=submit]");
	await page.waitForSelector("nav.nav");
	return page;
}
const settled = async (page) => {
	await page.waitForTimeout(120);
	for (const end = Date.now() + 60000; Date.now() < end && (await page.locator(".loading").count() || !await page.locator("h1").count());) await page.waitForTimeout(50);
};
// The view stands there anew, and waits for nothing.
const go = async (page, hash) => {
	await page.evaluate(forgetting);
	await page.evaluate((to) => {
		if (location.hash !== to) document.querySelector("#app > :last-child").dataset.old = "yes";
		location.hash = to;
	}, `#/${hash}`);
	for (const end = Date.now() + 60000; Date.now() < end && await page.locator("[data-old]").count();) await page.waitForTimeout(50);
	await settled(page);
};
const picture = async (page, name) => {
	if (!process.env.SR_PICTURES) return;
	await page.screenshot({ path: path.join(process.env.SR_PICTURES, `${name}.png`), fullPage: true });
	await page.setViewportSize({ width: 390, height: 844 });
	await page.waitForTimeout(150);
	await page.screenshot({ path: path.join(process.env.SR_PICTURES, `${name}-phone.png`), fullPage: true });
	await page.setViewportSize({ width: 1366, height: 768 });
};
// The policy of the page forbids what Playwright's own waitForFunction does.
const until = async (page, f, timeout = 120000) => {
	for (const end = Date.now() + timeout; Date.now() < end; await wait(30)) if (await page.evaluate(f)) return true;
	return false;
};
const there = (page, selector, timeout = 60000) => page.waitForSelector(selector, { timeout }).then(() => true, () => false);
const text = (page, selector) => page.locator(selector).allTextContents().then((list) => list.join(" | "));
// The check that was begun last is over: it has the draft for a while, and whoever saves meanwhile waits.
const checked = (page, draft) => page.evaluate(async (id) => { await (await import("/draft/state.js")).findings(id).catch(() => {}); }, draft);
// The description has reached the server; to be asked for before the act.
const saved = (page) => page.waitForResponse((r) => r.request().method() === "PATCH" && r.url().includes("/drafts/") && r.ok()).then(() => true, () => false);
// The control under a label.
const field = (page, label, root = "main") => page.locator(`${root} .field`).filter({ has: page.locator(`xpath=./*[self::label or self::legend or self::span][normalize-space()="${label}"]`) }).first();
async function fillInstant(page, label, day, clock) {
	const node = field(page, label);
	await node.locator("input[type=date]").fill(day);
	await node.locator("input[type=time]").fill(clock);
}

await serve();

// --- the first signing in ---

let li = await open("li", people.li);
ok(await there(li, "main h1:text('设置您自己的密码')"), "whoever signs in with another's password is asked for one of their own");
await picture(li, "01-first-password");
await li.fill("input[name=old]", people.li);
await li.fill("input[name=new]", "承办人自己的新密码");
await li.fill("input[name=again]", "承办人自己的新密码");
await li.click("main button[type=submit]");
ok(await told(li, /密码已修改/), "and has one");
await until(li, () => location.hash === "#/home");
await settled(li);
ok(!(await text(li, ".content > .notice")).includes("初始密码"), "nobody asks again");
await picture(li, "02-home-empty");

// --- the register ---

const number = JSON.parse(fs.readFileSync(path.join(folder, "case.json"), "utf8")).number;
await go(li, "register");
await picture(li, "03-register-empty");
await li.click(".head .actions button >> nth=0");
await li.fill("dialog input[name=number]", number);
await li.fill("dialog input[name=title]", "某某大药房串换药品案");
// 25 days before today, which is the appliance's today.
const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());
const registered = today();
await li.fill("dialog input[name=closed]", new Date(Date.parse(registered) - 25 * 86400000).toISOString().slice(0, 10));
await picture(li, "04-register-add");
await li.click("dialog button[type=submit]");
ok(await there(li, `td:has-text("${number}")`), "a matter is registered", await text(li, "dialog .notice"));
await picture(li, "05-register");

// --- a draft, and an upload that is cut ---

await go(li, "drafts");
await picture(li, "06-drafts-empty");
await li.click(".head .actions button");
await li.fill("dialog input[name=number]", number);
await li.fill("dialog input[name=title]", "某某大药房串换药品案");
await li.click("dialog button[type=submit]");
ok(await there(li, ".drop"), "a draft is begun", await text(li, "dialog .notice"));
await settled(li);
ok((await text(li, ".facts-row")).includes("还有 5 天") || (today() !== registered && (await text(li, ".facts-row")).includes("还有 4 天")),
	"its filing deadline comes from the register", await text(li, ".facts-row"));
await picture(li, "07-gather-empty");
const draft = await li.evaluate(() => location.hash.split("/")[2]);

const patches = [];
const listen = (page) => page.on("request", (r) => { if (r.method() === "PATCH" && r.url().includes("/uploads/")) patches.push(Number(r.headers()["upload-offset"])); });
listen(li);
// As over a line of 64 Mbit/s, so that there is something to cut and to pause whatever the machine does meanwhile.
const line64 = await li.context().newCDPSession(li);
await line64.send("Network.enable");
const speed = (uploadThroughput) => line64.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
await speed(8 << 20);
await li.locator("input[type=file][webkitdirectory]").setInputFiles(folder);
ok(await there(li, "dialog button:text-is('采用')"), "case.json in the folder is found");
await li.click("dialog button:text-is('采用')");
const bigLine = ".upload:has(.name:text('执法记录仪07')):has(progress)";
const began = await until(li, () => [...document.querySelectorAll(".upload")].some((l) => l.textContent.includes(".mp4") && l.querySelector("progress")?.value > 0.05));
ok(began, "files are on their way");
await picture(li, "08-uploading");
quiet = true;
await kill();
ok(await there(li, ".upload .badge:text('连接中断')"), "a server that is gone is told, and waited for", await text(li, ".upload"));
await picture(li, "09-connection-lost");
await wait(1500);
const before = patches.length; // it may go on before serve() returns
await serve();
const resumed = await until(li, () => ![...document.querySelectorAll(".upload .badge")].some((b) => b.textContent.includes("连接中断")));
ok(resumed, "the upload goes on by itself when the server is back");
quiet = false; // what it tried before is told by now
await until(li, () => [...document.querySelectorAll(".upload")].every((l) => !l.textContent.includes(".mp4") || l.querySelector("progress").value > 0.3));
ok(patches.slice(before).some((offset) => offset > 0), "from where it was, not from the beginning", patches.join(" "));

// paused, and the page loaded anew
const line = li.locator(bigLine).first();
if (await line.locator("button:text-is('暂停')").count()) await line.locator("button:text-is('暂停')").click();
ok(await there(li, ".upload .badge:text('已暂停')"), "an upload is paused", await text(li, ".upload"));
await speed(-1);
for (let i = 0; i < 600 && (await li.locator(".upload .badge:text('正在上传'), .upload .badge:text('等待上传'), .upload .badge:text('正在放入')").count()); i++) await wait(100);
await li.reload();
await li.waitForSelector(".drop");
ok(await there(li, ".notice:has-text('上次没有传完')"), "after a reload the page says what was not finished");
await picture(li, "10-unfinished");
patches.length = 0;
await li.locator("input[type=file]:not([webkitdirectory])").first().setInputFiles(path.join(folder, big));
ok(await until(li, () => document.querySelector(".uploads")?.textContent.includes("已全部上传")), "the same file again is taken up", await text(li, ".uploads"));
ok(patches.length > 0 && patches[0] > 0, "at the byte where it was cut", patches.join(" "));
// Its row is drawn with the file, and then no more.
await until(li, () => document.querySelector("tbody tr[draggable]") && !document.querySelector("tbody tr[draggable] .badge"));
await settled(li);
const rows = await li.locator("tbody tr[draggable]").count();
ok(rows >= 39, "the catalogue has the members", rows);
await checked(li, draft);
await picture(li, "11-files");

// --- the order, by keys and by dragging ---

const titles = () => li.locator("tbody tr[draggable] td:nth-child(3) a").allTextContents();
const first = await titles();
let kept = saved(li);
await li.focus("[data-row='0']");
await li.keyboard.press("Space");
await li.keyboard.press("ArrowDown");
await li.keyboard.press("ArrowDown");
await li.keyboard.press("Space");
await kept;
let now = await titles();
ok(now[2] === first[0] && now[0] === first[1], "a member moves by keys", now.slice(0, 3).join(" | "));
kept = saved(li);
await li.locator("tbody tr[draggable] >> nth=2").dragTo(li.locator("tbody tr[draggable] >> nth=0"));
await kept;
now = await titles();
ok(now[0] === first[0], "and by dragging", now.slice(0, 3).join(" | "));
await li.reload();
await li.waitForSelector("tbody tr[draggable]");
ok((await titles())[0] === first[0], "the order is kept");

// --- what the check says, and the explanation by form ---

await go(li, `draft/${draft}/findings`);
await there(li, ".finding", 60000);
await picture(li, "12-findings");
const blockers = await li.locator(".finding.blocker").count();
ok(blockers > 0, "what is missing blocks", await text(li, ".finding"));
const at = (await titlesOf(draft)).findIndex((m) => m.path === big);
await go(li, `draft/${draft}/file/${at}`);
await there(li, ".finding.blocker", 60000);
ok(await li.locator("fieldset .finding, .field .finding, details .finding").count() > 0, "a finding stands beside the field that it concerns", await text(li, ".finding"));
await picture(li, "13-explanation-empty");
async function titlesOf(id) {
	return li.evaluate(async (d) => {
		for (;;) {
			const shown = await (await fetch(`/api/v1/drafts/${d}`)).json();
			if (shown.description) return shown.description.members;
			await new Promise((resolve) => { setTimeout(resolve, 500); });
		}
	}, id);
}
await field(li, "取证人员").locator("input").fill("张某");
await fillInstant(li, "取证时间", "2025-03-13", "09:29:30");
await field(li, "取证地点").locator("input").fill("样例市样例区虚构路0号，某某大药房");
await field(li, "证明对象").locator("textarea").fill("某某大药房陈列、销售保健食品的情况");
await field(li, "文字说明正文").locator("textarea").fill("# 现场检查录像文字说明\n\n执法人员到达后出示证件，逐一检查货架。<script>alert(1)</script>");
await li.fill(".field:has(> label:text-is('告知录音录像的位置')) input", "8秒");
await li.click("button:text-is('添加光盘复制件')");
await field(li, "光盘编号").locator("input").fill("D-2025-012-1");
await field(li, "复制日期").locator("input").fill("2025-05-12");
await field(li, "复制人").locator("input").fill("王某");
await li.click(".savebar button");
ok(await there(li, ".wrong:has-text('时:分:秒')"), "what is written wrongly is told beside the field");
await picture(li, "14-explanation-wrong");
await li.fill(".field:has(> label:text-is('告知录音录像的位置')) input", "00:00:08");
await li.click(".savebar button");
ok(await told(li, /已保存/), "the explanation is saved", await text(li, "main .notice.bad"));
await settled(li);
const explained = (await titlesOf(draft))[at].explanation;
ok(explained?.collector === "张某" && explained.collected_at === "2025-03-13T09:29:30+08:00" && explained.path?.startsWith("explanations/"), "each field under its own name, its text as a file", JSON.stringify(explained));
await there(li, ".form .fields", 20000);
await picture(li, "15-explanation");

// --- the description by sections ---

for (const [i, section] of ["cover", "parties", "start", "inquiry", "decision", "execution", "filing"].entries()) {
	await go(li, `draft/${draft}/case/${section}`);
	await li.waitForSelector(".section-title");
	await li.waitForTimeout(400);
	await picture(li, `16-${i}-${section}`);
}
await checked(li, draft);
await field(li, "归档保管责任人").locator("input").fill("档案室 王某");
await li.click(".savebar button:text-is('保存')");
ok(await told(li, /已保存/), "a section of the description is saved", await text(li, "main .notice.bad"));

// --- the line of time ---

await go(li, `draft/${draft}/timeline`);
ok(await there(li, "svg .gap.open", 60000), "a gap of the recording is drawn", await text(li, "main"));
await picture(li, "17-timeline");
await li.focus("svg .gap.open >> nth=0");
await li.keyboard.press("Enter");
await li.selectOption("dialog select[name=reason]", "battery");
await li.selectOption("dialog select[name=spoken_in]", { index: 1 });
await li.fill("dialog input[name=spoken_at]", "00:12:20");
await picture(li, "18-gap-reason");
await li.click("dialog button[type=submit]");
ok(await there(li, "svg .gap.told", 60000), "its reason is entered there", await text(li, "dialog .notice"));
await settled(li);
await picture(li, "19-timeline-told");

// --- answers ---

await go(li, `draft/${draft}/findings`);
await settled(li);
for (let i = 0; i < 8 && await li.locator(".finding:not(.blocker) button:text-is('填写情况说明')").count(); i++) {
	await li.locator(".finding:not(.blocker) button:text-is('填写情况说明')").first().click();
	await li.fill(".finding textarea[name=text]", "因设备电量不足，更换电池期间没有录制，已口头说明。");
	if (await li.locator(".finding input[name=head]").count()) await li.fill(".finding input[name=head]", "钱某");
	if (i === 0) await picture(li, "20-answer");
	await li.locator(".finding form button[type=submit]").first().click();
	await told(li, /已保存/);
	await settled(li);
}
await li.click("button:text-is('修改情况说明')");
await li.fill(".finding textarea[name=text]", "材料整理完毕后设备检修，归档晚于期限；<b>内容未作改动</b>。");
await li.fill(".finding input[name=head]", "钱某");
await picture(li, "20-answer");
await li.click(".finding form button[type=submit]");
ok(await there(li, "blockquote:has-text('<b>内容未作改动</b>')", 60000), "handler and head answer a defect there", await text(li, ".finding .notice"));
await settled(li);
const left = await li.locator(".finding.blocker").count();
ok(left === 0, "everything is mended or answered", await text(li, ".finding"));
await picture(li, "21-findings-answered");

// --- nothing blocks ---

const slow = [];
for (const view of ["files", "file/0", "file/1", "case/cover", "case/inquiry", "case/decision", "case/execution", "timeline", "findings"]) {
	const ms = await longest(li, async () => { await go(li, "help"); await go(li, `draft/${draft}/${view}`); });
	if (isLong(ms)) slow.push(`${view}: ${Math.round(ms)} ms`);
}
ok(!slow.length, "no view of gathering blocks for 100 ms", slow.join("\n"));

// --- submitting, returning, mending ---

await li.click(".head .actions button:text-is('提交归档')");
await li.click("dialog button[type=submit]");
ok(await told(li, /已提交/, 120000), "the draft is submitted", await text(li, ".toasts, .finding"));
await settled(li);
await picture(li, "22-submitted");

let wang = await open("wang", people.wang);
await go(wang, "home");
await there(wang, ".tile");
await settled(wang);
await picture(wang, "23-archivist-home");
await go(wang, "drafts");
await picture(wang, "24-archivist-drafts");
await wang.click("table a");
await settled(wang);
await picture(wang, "25-inspect");
await wang.click("tbody tr >> nth=0 >> a");
ok(await there(wang, ".viewer canvas, .viewer img, pre.text"), "the archivist looks at a member of the draft");
await wang.waitForTimeout(1500);
await picture(wang, "26-inspect-member");
await go(wang, `draft/${draft}/file/${at}`);
await wang.waitForSelector("video");
ok(await wang.evaluate(async () => {
	const v = document.querySelector("video");
	for (let i = 0; i < 600 && v.readyState < 1; i++) await new Promise((r) => { setTimeout(r, 100); });
	return v.duration > 700;
}), "a recording of the draft plays in the page");
await picture(wang, "27-inspect-recording");
await wang.click(".head .actions button:text-is('退回补正')");
await wang.fill("dialog textarea", "请核对本卷情况说明。");
await picture(wang, "28-return");
await wang.click("dialog button[type=submit]");
ok(await told(wang, /已退回承办人/), "the archivist returns it with a reason");
await go(li, "home");
ok((await text(li, ".notice.bad")).includes("请核对本卷情况说明"), "the handler sees why", await text(li, "main"));
await picture(li, "29-returned-home");
await go(li, `draft/${draft}/case/filing`);
await li.waitForSelector(".section-title");
await checked(li, draft);
await field(li, "本卷情况说明").locator("textarea").fill("本卷为虚构样例，已核对。");
await li.click(".savebar button:text-is('保存')");
await told(li, /已保存/);
await settled(li);
await li.click(".head .actions button:text-is('提交归档')");
await li.click("dialog button[type=submit]");
ok(await there(li, ".notice:has-text('等待档案管理人员检查')", 120000), "it is mended and submitted again");

// --- sealing, papers, verification ---

await go(wang, "home");
await go(wang, `draft/${draft}/files`);
await wang.waitForSelector(".head .actions button:text-is('封装归档')");
await wang.click(".head .actions button:text-is('封装归档')");
await wang.click("dialog button[type=submit]");
await there(wang, "progress", 5000);
await picture(wang, "30-sealing");
ok(await there(wang, "a:text-is('查看和打印归档文书')", 120000), "it is sealed", await text(wang, "main .notice"));
await picture(wang, "31-sealed");
await wang.click("a:text-is('查看和打印归档文书')");
await settled(wang);
await wang.waitForSelector("[role=tab]");
await picture(wang, "32-case");
await wang.click("[role=tab]:text-is('归档文书')");
for (const [i, [name, words]] of Object.entries({ 卷宗封面: "行政执法案卷", 卷内文件目录: "顺序号", 备考表: "立卷人", 四性检测报告: "真实性", 归档封装证明: "归档封装证明" }).entries()) {
	await wang.click(`[role=tab]:text-is('${name}')`);
	ok(await there(wang, `.paper:has-text("${words}")`), `the paper ${name} is shown`, await text(wang, ".paper, .failed"));
	await picture(wang, `33-${i}-paper`);
}
ok(await wang.locator(".paper svg path").first().evaluate((p) => p.getBoundingClientRect().width > 40).catch(() => false), "the certificate has its QR code");
await wang.evaluate(() => { window.print = () => { globalThis.printed = document.querySelector(".print-only .paper")?.textContent; window.dispatchEvent(new Event("afterprint")); }; });
await wang.click(".paper-actions button");
ok(await wang.evaluate(() => globalThis.printed?.includes("归档封装证明")), "the paper alone is printed");
await wang.click("button:text-is('立即校验')");
ok(await there(wang, ".notice.good:has-text('校验通过')", 120000), "the archive is verified, and the result shown");
await picture(wang, "34-verified");
await go(wang, "register");
await wang.click("button:text-is('与档案核对')");
ok(await there(wang, "dt:text-is('已归档') + dd:text-is('1')"), "the register is compared with the archives", await text(wang, "main"));
await picture(wang, "35-reconciled");
await go(wang, "find");
await picture(wang, "36-find");

// --- the counter ---

await go(wang, "counter/new");
await wang.fill("input[name=for]", "样例市某某大药房（虚构）");
await wang.fill("input[aria-label='案号']", number);
await wang.click("button:text-is('添加案卷')");
await there(wang, ".chosen li");
await wang.fill("textarea[name=reason]", "对处罚决定有异议，申请查阅本案案卷。");
await picture(wang, "37-counter-new");
await wang.click("main button[type=submit]");
ok(await there(wang, "main form .notice.bad:has-text('身份证明')"), "without a scan of the identity nothing is filed");
await wang.locator("input[type=file]").first().setInputFiles({ name: "身份证明.jpg", mimeType: "image/jpeg", buffer: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4]) });
await wang.click("main button[type=submit]");
ok(await told(wang, /已提交申请/), "a party's request is filed with the scan", await text(wang, "main .notice"));
await settled(wang);
const [program, ...words] = JSON.parse(process.env.SR_APPROVE);
execFileSync(program, words, { input: people.zhao, stdio: ["pipe", "ignore", "inherit"] });
await go(wang, "home");
await go(wang, "counter");
ok(await there(wang, "button:text-is('发放凭证')"), "once approved a pass can be issued", await text(wang, "main"));
await picture(wang, "38-counter");
await wang.click("button:text-is('发放凭证')");
await wang.check("dialog input[name=seen]");
await wang.click("dialog button[type=submit]");
ok(await there(wang, ".pass-code") && /^A\d{5}-/.test((await text(wang, ".pass-code")).trim()), "a pass is there once", await text(wang, "dialog"));
await picture(wang, "39-pass");
await wang.evaluate(() => { globalThis.printed = ""; });
await wang.click("dialog button:text-is('打印')");
ok(await wang.evaluate(() => globalThis.printed?.includes("查阅凭证")), "and is printed");
const code = (await text(wang, ".pass-code")).trim();
await wang.click("dialog button:text-is('关闭')");
const outside = await (await browser.newContext({ ignoreHTTPSErrors: true, locale: "zh-CN" })).newPage();
await outside.goto(`${base}#/pass`);
await outside.fill("input[name=pass]", code);
await outside.click("button[type=submit]");
ok(await there(outside, "nav.nav"), "the party comes in by it");

// --- the administrators ---

const admin = await open("desk", people.admin);
for (const view of ["home", "people", "policy", "status"]) {
	await go(admin, view);
	await picture(admin, `40-admin-${view}`);
}
ok(!(await text(admin, ".failed")), "the administrator's views are there", await text(admin, ".failed"));
await go(admin, "people");
await admin.click(".head .actions button");
await admin.waitForSelector("dialog select[name=role]");
await admin.selectOption("dialog select[name=role]", "official");
ok(await admin.isChecked("dialog input[value=privacy]"), "an official's clearance for privacy is proposed by itself");
await admin.fill("dialog input[name=user]", "chen");
await admin.fill("dialog input[name=full_name]", "陈样例");
await admin.fill("dialog input[name=password]", "陈样例的初始密码");
await picture(admin, "41-propose");
await admin.click("dialog button[type=submit]");
ok(await told(admin, /已提出/), "a user is proposed", await text(admin, "dialog .notice"));
const security = await open("security", people.security);
await go(security, "people");
await security.click("button:text-is('核对并确认')");
await picture(security, "42-confirm");
await security.click("dialog button[type=submit]");
ok(await told(security, /已确认/), "and confirmed by the other", await text(security, "dialog .notice"));

const tasks = (await Promise.all([li, wang, admin, security].map((p) => p.evaluate(() => globalThis.longTasks)))).flat();
console.log(`# long tasks (ms): ${tasks.filter((n) => n > 50).sort((a, b) => b - a).slice(0, 12).join(" ") || "none"}`);
ok(!trouble.length, "no error in any console", trouble.join("\n"));
await browser.close();
await kill();
process.exit(failed ? 1 : 0);
