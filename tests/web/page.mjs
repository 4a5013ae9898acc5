// SPDX-License-Identifier: Apache-2.0
// Every view of every role in both languages, before a stand-in server, in a real Chromium: no console error, no
// serious fault by axe-core, no text that was taken for markup, nothing wider than a phone, words complete.  SR_PICTURES is
// a folder for pictures; SR_EVERY=1 looks at every view in both languages at both widths.
import fs from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";
import { launch } from "./browser.mjs";
import { start, hostile } from "./stand-in.mjs";
import zh from "../../api/web/strings/zh.js";
import en from "../../api/web/strings/en.js";

const web = new URL("../../api/web/", import.meta.url).pathname;
const axe = fs.readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const pictures = process.env.SR_PICTURES;
const A = "01900000-0000-7000-8000-00000000000a", B = "01900000-0000-7000-8000-00000000000b";

let failed = 0;
function ok(good, what, why = "") {
	if (!good) failed++;
	console.log(`${good ? "ok" : "not ok"} - web: ${what}${good || !why ? "" : `\n#   ${String(why).replaceAll("\n", "\n#   ")}`}`);
}

// --- words ---

function words() {
	const missing = [...Object.keys(zh).filter((k) => !(k in en)), ...Object.keys(en).filter((k) => !(k in zh))];
	ok(!missing.length, "both languages have the same words", missing.join(" "));
	const holes = Object.keys(zh).filter((k) => String(zh[k].match(/\{\w+\}/g)?.sort()) !== String(en[k].match(/\{\w+\}/g)?.sort()));
	ok(!holes.length, "both languages name the same things in a text", holes.join(" "));
	const chinese = Object.keys(zh).filter((k) => !/[\u4e00-\u9fff]/.test(zh[k]) && /[A-Za-z]/.test(zh[k].replace(/\{\w+\}/g, "")) && k !== "locale");
	ok(!chinese.length, "Chinese is Chinese", chinese.join(" "));
	const files = fs.readdirSync(web, { recursive: true }).filter((f) => f.endsWith(".js") && !f.startsWith("strings"));
	const used = new Set(files.flatMap((f) => [...fs.readFileSync(path.join(web, f), "utf8").matchAll(/\bt\(\s*"([^"]+)"/g)].map((m) => m[1])));
	const unknown = [...used].filter((k) => !(k in zh));
	ok(!unknown.length, "every word that a view asks for is there", unknown.join(" "));
}

// --- views ---

const views = {
	none: ["home", "apply", "follow", "pass", "receipt", "help"],
	handler: ["home", "drafts", "draft/D00001", "draft/D00001/file/1?at=/members/1/explanation/place", "draft/D00001/file/2", "draft/D00001/case/cover", "draft/D00001/case/parties", "draft/D00001/case/start", "draft/D00001/case/inquiry?at=/acts/0/place",
		"draft/D00001/case/decision", "draft/D00001/case/execution", "draft/D00001/case/filing", "draft/D00001/timeline", "draft/D00001/findings", "draft/D00002", "draft/D00003", "draft/D00004", "draft/D00007", "draft/D00007/timeline", "draft/D00008", "draft/D00009", "register", "find", "ask", "me"],
	archivist: ["home", "drafts", "drafts?show=due", "draft/D00001", "draft/D00002", "draft/D00002/findings", "draft/D00002/file/1", "draft/D00002/case/inquiry", "draft/D00002/timeline", "draft/D00005", "counter", "counter/new", `case/${A}`, `case/${B}`, "ask", "holds", "register"],
	admin: ["home", "people", "policy", "status"],
	official: ["home", "requests", "request/R00001", "request/R00002", "live", "grants", "deputies", "warnings", "figures", "figures?year=2026&figure=archived_in_time&key=no", "escort/G00001-7kq2v9", "me"],
	supervisor: ["home", "room/G00001-7kq2v9", "reviews", "review/V00001", `review/V00001?case=${B}`, "grants", "find", "help"],
	auditor: ["home", "log", "odd", "receipt", "reviews", "me"],
	"security-admin": ["home", "confirm", "people"],
	party: ["home", "me"],
};

// Texts of the page that were written for the other language.
const foreign = (language) => language === "en"
	? [...document.querySelectorAll("nav a, th, dt, label > span, legend, button, h1")].map((n) => n.firstChild?.textContent || "").filter((x) => /^[\u4e00-\u9fff，。：]+$/.test(x) && x !== "中文" && !x.includes("样例"))
	: [...document.querySelectorAll("nav a, th, dt, label > span, legend, h1")].map((n) => n.firstChild?.textContent || "").filter((x) => /^[A-Za-z .]{3,}$/.test(x) && !["CSV", "JSON", "English"].includes(x));

// For what happens: a busy machine may take its time.
const LIMIT_MS = 60000;

// The view is there and waits for nothing.
async function settled(page) {
	await page.waitForSelector("h1", { state: "attached" });
	for (const end = Date.now() + LIMIT_MS; Date.now() < end; await page.waitForTimeout(50)) if (!(await page.locator(".loading").count())) return;
	throw new Error("loading");
}

async function opened(browser, options) {
	const page = await browser.newPage(options);
	page.setDefaultTimeout(LIMIT_MS);
	return page;
}

// Until `look`, which is asked here, says so.
async function until(page, look) {
	for (const end = Date.now() + LIMIT_MS; Date.now() < end; await page.waitForTimeout(50)) if (look()) return;
}

async function accessible(page, name) {
	await page.evaluate(axe);
	const faults = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa"] }).then((r) =>
		r.violations.filter((v) => ["serious", "critical"].includes(v.impact)).map((v) => `${v.id}: ${v.nodes.slice(0, 2).map((n) => n.html.slice(0, 160)).join(" ; ")}`)));
	ok(!faults.length, `${name}: accessible`, faults.join("\n"));
}

// Runs before the page's own scripts: what the address of a look says is what the browser remembers.
function remembered() {
	const said = new URLSearchParams(location.search);
	if (said.get("role") !== "none") localStorage.setItem("signed-in", "yes");
	sessionStorage.setItem("language", said.get("language"));
}

// One page for many visits, for a process of its own costs more than the visit: each has a server of its own, and by
// that an origin with a storage of its own.
async function visit(page, role, language, width, how, walk) {
	const server = await start({ role, signedIn: role !== "none", ...how });
	const trouble = [];
	await page.setViewportSize({ width, height: 768 });
	page.on("console", (m) => { if (m.type() === "error") trouble.push(m.text()); });
	page.on("pageerror", (e) => trouble.push(e.message));
	page.on("dialog", (d) => { trouble.push("a script of a title ran"); d.dismiss(); });
	const address = (hash) => `${server.url}?role=${role}&language=${language}#/${hash}`;
	const name = (hash) => `${role} ${hash} ${language} ${width}${Object.keys(how).map((k) => ` ${k}`).join("")}`;
	await walk({ page, server, trouble, language, how, address, name });
	for (const event of ["console", "pageerror", "dialog"]) page.removeAllListeners(event);
	server.close();
}

// What must hold of the view that is shown.
async function judge({ page, trouble, language, how }, name, accessibility) {
	const refused = await page.locator(".failed").allTextContents();
	if (how.broken) {
		ok(refused.length > 0 || await page.locator(".notice.bad").count() > 0, `${name}: the failure is told`);
		trouble.length = 0;
		refused.length = 0;
	}
	ok(!trouble.length && !refused.length, `${name}: shown without an error`, [...trouble.splice(0), ...refused].join("\n"));
	ok(await page.evaluate(() => !document.querySelector("main script, main img[onerror], .gate img[onerror]")), `${name}: no title became markup`);
	const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
	ok(wide <= 0, `${name}: fits the screen`, `${wide} pixels too wide`);
	const others = await page.evaluate(foreign, language);
	ok(!others.length, `${name}: no untranslated word`, others.join(" | "));
	if (accessibility) await accessible(page, name);
	if (pictures) await page.screenshot({ path: path.join(pictures, `${name.replace(/[^A-Za-z0-9]+/g, "-")}.png`), fullPage: true });
}

// A view as whoever opens its address sees it.
const look = (page, role, hash, language, width, how = {}, accessibility = true) => visit(page, role, language, width, how, async (there) => {
	await page.goto(there.address(hash));
	await settled(page).catch(() => there.trouble.push("it went on loading"));
	await judge(there, there.name(hash), accessibility);
	ok(there.server.state.bytes > 0 && there.server.state.bytes < 300000, `${there.name(hash)}: under 300 kB`, there.server.state.bytes);
});

// Views as whoever goes from one to the next sees them.
const stroll = (page, role, hashes, language, width, accessibility) => visit(page, role, language, width, {}, async (there) => {
	await page.goto(there.address(hashes[0]));
	for (const [i, hash] of hashes.entries()) {
		if (i) {
			await page.evaluate((next) => { document.getElementById("app").firstElementChild.dataset.left = ""; location.hash = `/${next}`; }, hash);
			await page.waitForSelector("[data-left]", { state: "detached" });
		}
		await settled(page).catch(() => there.trouble.push("it went on loading"));
		await judge(there, there.name(hash), accessibility(i));
	}
});

async function recovers(browser) {
	const server = await start({ role: "official" });
	const page = await opened(browser);
	await page.addInitScript(() => localStorage.setItem("signed-in", "yes"));
	await page.goto(`${server.url}#/live`);
	await page.waitForSelector(".table");
	server.state.down = true;
	ok(await page.waitForSelector(".lost").then(() => true, () => false), "a lost connection is told");
	server.state.down = false;
	ok(await page.waitForSelector(".lost", { state: "detached" }).then(() => true, () => false), "and that it is back");
	await page.close();
	server.close();
}

async function decides(browser) {
	const server = await start({ role: "official" });
	const page = await opened(browser);
	await page.addInitScript(() => localStorage.setItem("signed-in", "yes"));
	let sent = null;
	page.on("request", (r) => { if (r.url().endsWith("/decision")) sent = r.postDataJSON(); });
	await page.goto(`${server.url}#/request/R00001`);
	await page.fill("input[name=days]", "3");
	await page.waitForSelector(".ticks input");
	await page.uncheck(".ticks li:nth-child(2) input");
	await page.uncheck("input[name=channels][value=fs]");
	const told = page.waitForSelector(".toasts .good"); // from before the act on, for it goes again
	await page.click("button.main-action");
	await told;
	ok(sent?.days === 3 && JSON.stringify(sent.channels) === '["web"]' && JSON.stringify(sent.without_members) === JSON.stringify([{ case: A, members: [2] }]) && sent.digest === "0".repeat(64),
		"an official narrows and approves what was shown", JSON.stringify(sent));
	await page.close();
	server.close();
}

// What the writing side does beside showing: each line is one promise of the page.
async function writes(browser) {
	const server = await start({ role: "handler" });
	const page = await opened(browser, { viewport: { width: 1366, height: 768 } });
	await page.addInitScript(() => {
		localStorage.setItem("signed-in", "yes");
		globalThis.longTasks = [];
		new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map((e) => Math.round(e.duration)))).observe({ type: "longtask", buffered: true });
	});
	const sent = [];
	page.on("request", (r) => { if (r.method() === "PATCH") sent.push(r.postDataJSON()); });
	await page.goto(`${server.url}#/draft/D00001/case/inquiry?at=/acts/0/place`);
	await page.waitForSelector(".finding");
	ok(await page.locator(".field:has(> label:text-is('地点')) .finding.warning").count() === 1, "a finding stands beside its field");
	ok(await page.evaluate(() => document.activeElement?.closest(".field")?.textContent.includes("地点")), "and the field is where one is led");
	await page.locator(".field:has(> label:text-is('地点')) input").first().fill("样例诊所二楼");
	await page.locator(".field.time input[type=time]").first().fill("09:35:10");
	await page.locator(".field.time select").first().selectOption("+06:00");
	await page.click("nav.nav a >> nth=0");
	ok(await page.waitForSelector("dialog:has-text('未保存')").then(() => true, () => false), "unsaved words are not lost by a click");
	await page.click("dialog .main-action");
	await page.click(".savebar .main-action");
	await until(page, () => sent.length > 0);
	await page.waitForTimeout(600);
	const acts = sent.at(-1)?.description?.acts;
	ok(sent.length === 1 && acts?.[0].place === "样例诊所二楼" && acts[0].from === "2025-03-02T09:35:10+06:00" && Object.keys(sent[0].description).join() === "acts", "only what was changed is sent, a time with its zone", JSON.stringify(sent).slice(0, 600));
	await page.goto(`${server.url}#/draft/D00001/findings`);
	await page.waitForSelector("ul.findings");
	await page.click(".finding.blocker a >> nth=0");
	ok(await page.waitForSelector(".pointed").then((n) => n.textContent(), () => "").then((x) => x.includes("取证地点")), "a finding leads to the field of the recording");
	let took = Infinity; // the best of five: other programs may hold up a machine
	for (let i = 0; i < 5 && took >= 8000; i++) {
		await page.goto(`${server.url}#/help`);
		await page.waitForSelector(".help");
		const begin = Date.now();
		await page.goto(`${server.url}#/draft/D00009/files`);
		await page.waitForSelector("tr[draggable]");
		took = Math.min(took, Date.now() - begin);
	}
	ok(await page.locator("tr[draggable]").count() === 200 && took < 8000, "a draft of 10,000 members opens by pages", `${took} ms`);
	await page.focus("[data-row='199']");
	await page.keyboard.press("Space");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Space");
	await until(page, () => sent.at(-1).description.members);
	ok(sent.at(-1).description.members?.[200]?.title === "材料 200", "a member moves over the edge of a page by keys");
	await page.close();
	server.close();
}

async function remembers(browser) {
	const server = await start({ role: "admin", initial: true });
	const page = await opened(browser);
	await page.addInitScript(() => localStorage.setItem("signed-in", "yes"));
	await page.goto(server.url);
	ok(await page.waitForSelector("input[name=again]").then(() => true, () => false), "an initial password is asked to be changed");
	await page.goto(`${server.url}#/people`);
	ok(await page.waitForSelector(".content > .notice").then(() => true, () => false), "and on every view, until it is");
	await page.click(".head .actions button");
	await page.selectOption("dialog select[name=role]", "archivist");
	ok(await page.isChecked("dialog input[value=privacy]") && await page.locator("dialog select[name=organ] option").first().textContent() === "样例市医疗保障局", "an archivist is cleared for privacy by default; organs are chosen by name");
	await page.close();
	server.close();
}

// What the appliance refuses in English is told in Chinese: each part by its words, values in theirs.
async function refuses(browser) {
	const server = await start({ role: "handler" });
	const page = await opened(browser);
	await page.goto(server.url);
	const told = await page.evaluate(async () => {
		const { worded } = await import("/errors.js");
		const part = (form, ...values) => ({ form, values });
		return Promise.all([
			[part("case.json: "), part("{0}: ", "/acts/0/place"), part("must be text, not {0}", "a list")],
			[part("{0} is not for your role ({1})", "DecideRequest", "handler")],
			[part("the grant {0} ended at {1} (已到期); file a new request", "G00001-7kq2v9", "2026-11-20T01:02:03Z")],
			[part("/papers/{0}/kind: say which paper it is, such as identity", "0")],
			[part("the draft is {0}{1}", "submitted", ": it can be changed once it is returned")],
			[part("{0}: ", "x"), part("a sentence of another version")],
		].map(worded));
	});
	const want = ["案卷信息：地点：应为文字，而不是列表", "您的角色（承办人）无权进行此项操作", "许可“G00001-7kq2v9”已于 2026年11月20日 09:02 到期，如需继续查阅请重新申请",
		"请写明第 1 份证明材料是什么，如身份证明", "案卷目前“已提交”，退回补正后才能修改"];
	ok(want.every((text, i) => told[i]?.words === text), "refusals are told in Chinese, with their values", JSON.stringify(told));
	ok(told[0]?.inner === "应为文字，而不是列表", "at a field without its place", told[0]?.inner);
	ok(told[5] === null, "a sentence without words is told by its kind", JSON.stringify(told[5]));
	await page.close();
	server.close();
}

async function scrolls(browser) {
	const server = await start({ role: "archivist" });
	const page = await opened(browser);
	await page.goto(server.url);
	const took = await page.evaluate(async () => {
		const { table } = await import("/ui.js");
		const rows = Array.from({ length: 10000 }, (_, i) => ({ i, name: `样医保罚〔2025〕${i}号` }));
		let best = Infinity; // of twelve: other programs may hold up a machine
		for (let i = 0; i < 12 && best >= 100; i++) {
			const begin = performance.now();
			document.body.append(table([{ label: "#", number: true, get: (r) => r.i }, { label: "n", get: (r) => r.name }], rows));
			best = Math.min(best, performance.now() - begin);
		}
		return best;
	});
	ok(took < 100, "a list of 10,000 rows is there at once", `${took} ms`);
	await page.close();
	server.close();
}

words();
const browser = await chromium.launch(launch);
// Each view by its address in one way and gone to in another.  It is built alike in both languages, so it is looked at
// for accessibility in one of the two, by turns.
const every = Boolean(process.env.SR_EVERY);
const errands = [];
for (const [role, list] of Object.entries(views)) {
	list.forEach((hash, i) => errands.push((page) => look(page, role, hash, "zh", 1366, {}, every || i % 2 === 0)));
	errands.push((page) => stroll(page, role, list, "en", 390, (i) => every || i % 2 === 1));
	if (every) errands.push((page) => stroll(page, role, list, "zh", 390, () => true), (page) => stroll(page, role, list, "en", 1366, () => true));
}
const lists = { handler: ["home", "drafts", "register", "draft/D00001/findings"], archivist: ["home", "drafts", "counter", "register", "find"], admin: ["home", "people", "status"], "security-admin": ["home", "people"] };
for (const [role, some] of Object.entries(lists)) for (const hash of some) {
	errands.push((page) => look(page, role, hash, "zh", 1366, { none: true }));
	errands.push((page) => look(page, role, hash, "en", 390, { broken: true }));
}
await Promise.all(Array.from({ length: 4 }, async () => {
	const page = await opened(await browser.newContext({ locale: "zh-CN" }));
	await page.addInitScript(remembered);
	for (let errand = errands.shift(); errand; errand = errands.shift()) await errand(page);
	await page.context().close();
}));
await recovers(browser);
await decides(browser);
await scrolls(browser);
await refuses(browser);
await writes(browser);
await remembers(browser);
await browser.close();
ok(hostile.includes("<script>"), "the hostile title is hostile");
process.exit(failed ? 1 : 0);
