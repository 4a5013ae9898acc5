// SPDX-License-Identifier: Apache-2.0
// A day in the browser against the real server: an official narrows and approves what a supervisor asked for, the
// supervisor reads a PDF and a recording in the viewing room, the official sees it and stops it, the auditor
// verifies the log in the browser.  SR_URL and SR_PEOPLE (a JSON file of passwords) say where and who;
// SR_PICTURES is a folder for pictures of it.
import fs from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

const base = `${process.env.SR_URL}/`;
const people = JSON.parse(fs.readFileSync(process.env.SR_PEOPLE, "utf8"));
let failed = 0;
function ok(good, what, why = "") {
	if (!good) failed++;
	console.log(`${good ? "ok" : "not ok"} - day: ${what}${good || !why ? "" : `\n#   ${String(why).replaceAll("\n", "\n#   ")}`}`);
}

const browser = await chromium.launch({ executablePath: process.env.SR_CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
const trouble = [];
async function signIn(user) {
	const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1366, height: 768 }, locale: "zh-CN" });
	const page = await context.newPage();
	page.on("console", (m) => { if (m.type() === "error") trouble.push(`${user}: ${m.text()}`); });
	page.on("pageerror", (e) => trouble.push(`${user}: ${e.message}`));
	await page.goto(base);
	await page.fill("input[name=user]", user);
	await page.fill("input[name=password]", people[user]);
	await page.click("button[type=submit]");
	await page.waitForSelector("nav.nav", { timeout: 15000 });
	return page;
}
const picture = async (page, name) => {
	if (process.env.SR_PICTURES) await page.screenshot({ path: path.join(process.env.SR_PICTURES, `${name}.png`) });
};
const go = async (page, hash) => {
	await page.goto(`${base}#/${hash}`);
	await page.waitForTimeout(150);
	for (let i = 0; i < 200 && await page.locator(".loading").count(); i++) await page.waitForTimeout(50);
};

// --- every way of every role opens without an error ---
for (const user of ["zhao", "sun", "wang", "li", "auditor", "security"]) {
	const page = await signIn(user);
	const ways = await page.locator("nav.nav a").evaluateAll((list) => list.map((a) => a.getAttribute("href").slice(2)));
	const bad = [];
	for (const way of ways) {
		await go(page, way);
		bad.push(...(await page.locator(".failed").allTextContents()).map((text) => `${way}: ${text}`));
	}
	ok(ways.length > 2 && !bad.length, `${user} opens ${ways.length} views`, bad.join("\n"));
	await page.context().close();
}

// --- approval ---
const official = await signIn("zhao");
await go(official, "requests");
await official.click("table a");
await official.waitForSelector("input[name=days]");
await official.fill("input[name=days]", "2");
await picture(official, "approval");
await official.click("button.main-action");
ok(await official.waitForSelector(".toasts .good", { timeout: 10000 }).then(() => true, () => false), "an official approves with fewer days",
	(await official.locator(".notice.bad").allTextContents()).join());

// --- the viewing room ---
const reader = await signIn("sun");
await go(reader, "grants");
await reader.click("table a");
await reader.waitForSelector(".room .list button");
const titles = await reader.locator(".room .list button").allTextContents();
await reader.click(".room .list button >> nth=0");
ok(await reader.waitForSelector(".pages canvas", { timeout: 15000 }).then(() => true, () => false), "a PDF is shown");
await reader.waitForTimeout(1500);
ok(await reader.evaluate(() => {
	const canvas = document.querySelector(".pages canvas");
	const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
	for (let i = 0; i < data.length; i += 4) if (data[i + 3] && data[i] < 100) return true;
	return false;
}), "and has ink on its page");
ok((await reader.locator(".watermark span").first().textContent()).includes("赵审批"), "the watermark names the official");
await picture(reader, "room");
const video = titles.findIndex((text) => text.includes("录像") && !text.includes("文字"));
await reader.click(`.room .list button >> nth=${video}`);
await reader.waitForSelector("video");
ok(await reader.evaluate(async () => {
	const v = document.querySelector("video");
	for (let i = 0; i < 100 && v.readyState < 2; i++) await new Promise((r) => { setTimeout(r, 100); });
	v.currentTime = v.duration / 2;
	await new Promise((r) => { v.addEventListener("seeked", r, { once: true }); setTimeout(r, 5000); });
	return v.readyState >= 2 && Math.abs(v.currentTime - v.duration / 2) < 2;
}), "a recording plays and seeks");
ok(await reader.locator(".beside").count() > 0, "its explanation stands beside it");
await picture(reader, "recording");

// --- who reads now, and the stop ---
await go(official, "live");
await official.waitForSelector("td button.seal", { timeout: 10000 });
await picture(official, "live");
const console_before = trouble.length;
await official.click("td button.seal >> nth=0");
await official.fill("dialog textarea", "试验");
await official.click("dialog button[type=submit]");
await official.waitForSelector(".toasts .good");
await reader.click(".room .list button >> nth=1");
const refused = await reader.waitForSelector(".viewer .notice.bad, .toasts .bad", { timeout: 10000 }).then((n) => n.textContent(), () => "");
ok(/许可|终止/.test(refused), "after the stop nothing more is shown, and the reader is told why", refused);
trouble.length = console_before; // the refusal itself is in the reader's console

// --- the log, checked in the browser ---
const auditor = await signIn("auditor");
await go(auditor, "log");
await auditor.click(".head .actions button");
ok(await auditor.waitForSelector(".notice.good", { timeout: 20000 }).then(() => true, () => false), "the auditor's browser verifies the log's tree",
	(await auditor.locator(".notice").allTextContents()).join());
await picture(auditor, "log");
ok(!trouble.length, "no error in any console", trouble.join("\n"));
await browser.close();
process.exit(failed ? 1 : 0);
