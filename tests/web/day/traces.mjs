// SPDX-License-Identifier: Apache-2.0
// Nothing of a case stays in the browser's profile on disk: not while it runs, not after signing out, not after it ended.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";
import { whole } from "../browser.mjs";
import { ok, people, base, watch, visitor, go, appears, settled, expected, cli } from "./lib.mjs";

const folder = process.env.SR_CASE;
const bytesOf = (name) => fs.readFileSync(path.join(folder, fs.readdirSync(folder, { recursive: true }).find((f) => f.includes(name) && !f.endsWith(".md"))));
const CONTROL = "marker-that-stays-4f1d";

// Words as UTF-8 and UTF-16, and pieces of files from their beginning, middle and end.
function markers() {
	const list = [["the control", Buffer.from(CONTROL)]];
	for (const [what, text] of [["the title", "串换药品造成医疗保障基金损失案"], ["the number", process.env.SR_NUMBER], ["words of the transcript", "店长让我在系统里选某某胶囊"], ["what a picture proves", "不属于医疗保障基金支付范围"], ["a name in the case", "𠮷某"]])
		list.push([`${what} (UTF-8)`, Buffer.from(text)], [`${what} (UTF-16)`, Buffer.from(text, "utf16le")]);
	for (const name of ["照片01", "001 立案审批表.pdf", "现场检查（执法记录仪07）.mp4", "询问录音 𠮷某 2025-03-14.ogg"]) {
		const data = bytesOf(name);
		for (const part of [0.1, 0.5, 0.9]) {
			const at = Math.floor(data.length * part);
			list.push([`bytes of ${name} at ${part}`, data.subarray(at, at + 40)]);
		}
	}
	return list;
}

function files(place) {
	const found = [];
	let entries = [];
	try {
		entries = fs.readdirSync(place, { withFileTypes: true });
	} catch (error) {
		if (error.code !== "ENOENT") throw error; // it went away meanwhile
	}
	for (const entry of entries) {
		const full = path.join(place, entry.name);
		if (entry.isDirectory()) found.push(...files(full));
		else if (entry.isFile()) found.push(full);
	}
	return found;
}
function search(place, list) {
	const found = [];
	let bytes = 0;
	for (const file of files(place)) {
		let data;
		try {
			data = fs.readFileSync(file);
		} catch {
			continue; // went away meanwhile
		}
		bytes += data.length;
		for (const [what, marker] of list) if (data.includes(marker)) found.push(`${what}: ${path.relative(place, file)}`);
	}
	return { found, bytes };
}
const isControl = (line) => line.startsWith("the control");

async function reads(page) {
	await go(page, "find");
	await page.fill("input[name=number]", process.env.SR_NUMBER);
	await page.click("form button[type=submit]");
	await settled(page);
	await page.click("main table a");
	await settled(page);
	await go(page, "grants");
	await page.click("main table a");
	await page.waitForSelector(".room .list button");
	for (const [name, selector] of [["立案审批表", ".pages canvas"], ["固体饮料外包装照片", ".picture img"], ["现场检查录像", "video"], ["询问𠮷某录音", ".transcript button"]]) {
		await page.locator(".room .list button", { hasText: name }).first().click();
		await appears(page, selector);
		await page.waitForTimeout(1500);
	}
	await page.evaluate(() => document.querySelector("audio")?.play?.().catch(() => {}));
	await page.waitForTimeout(1500);
}

export default async function traces() {
	const asked = cli("sun", "request", "new", "--case", process.env.SR_NUMBER, "--purpose", "supervision", "--reason", "核对", "--days", "1", "--channel", "web").request;
	cli("zhao", "decide", asked, "approve");
	const profile = fs.mkdtempSync(path.join(os.tmpdir(), "strongroom-profile-"));
	const list = markers();
	try {
		const context = await chromium.launchPersistentContext(profile, { ...whole, ignoreHTTPSErrors: true, viewport: { width: 1366, height: 768 }, locale: "zh-CN" });
		const page = await visitor({ context });
		watch(page, "sun");
		await page.goto(base);
		await page.evaluate((text) => localStorage.setItem("control", text), CONTROL);
		await page.fill("input[name=user]", "sun");
		await page.fill("input[name=password]", people.sun);
		await page.click("button[type=submit]");
		await page.waitForSelector("nav.nav");
		await reads(page);
		// What the room asks for while the session ends is refused.
		await expected(async () => {
			await page.locator("button", { hasText: "退出" }).click();
			await page.waitForSelector("input[name=password]");
			await page.waitForTimeout(3000);
		}, /status of 401/);
		const running = search(profile, list);
		ok(!running.found.some((line) => !isControl(line)), `nothing of the case in the profile after signing out, the browser still running (${Math.round(running.bytes / 1e6)} MB)`, running.found.join("\n"));
		ok(!await page.evaluate(() => document.body.textContent.includes("药")), "nor on its page");
		ok((await context.cookies()).every((c) => c.name !== "__Host-session" || !c.value), "the session's cookie is gone");
		await page.goBack().catch(() => {});
		await page.waitForTimeout(500);
		ok(!await page.evaluate(() => document.body.textContent.includes("药")), "going back shows nothing");
		await context.close();
		const after = search(profile, list);
		ok(after.found.some(isControl), "the search finds what a page did keep", after.found.join("\n"));
		ok(!after.found.some((line) => !isControl(line)), `nothing of the case in the profile after the browser ended (${files(profile).length} files)`, after.found.join("\n"));
	} finally {
		fs.rmSync(profile, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 }); // its last processes may write still
	}
}
