// SPDX-License-Identifier: Apache-2.0
// What the parts of a day share: people with a browser each, "ok" lines, pictures, and what must hold of every page:
// no console error, no report of the policy, nothing that blocks for 100 ms.
import fs from "node:fs";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { chromium } from "playwright-core";
import { launch } from "../browser.mjs";
import { noting, forgetting } from "../toasts.mjs";

export { longest, isLong } from "../longest.mjs";
export { told } from "../toasts.mjs";

export const base = `${process.env.SR_URL}/`;
export const people = JSON.parse(fs.readFileSync(process.env.SR_PEOPLE, "utf8"));
const axe = fs.readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
// For what happens: nothing that is looked at here is promised sooner, and a busy machine may take its time.
const LIMIT_MS = 60000;

let failed = 0;
export const failures = () => failed;
export function ok(good, what, why = "") {
	if (!good) failed++;
	console.log(`${good ? "ok" : "not ok"} - day: ${what}${good || !why ? "" : `\n#   ${String(why).replaceAll("\n", "\n#   ")}`}`);
}

let browser = null;
export const open = async () => { browser = await chromium.launch(launch); };
export const close = async () => { await browser.close(); };

// --- what every page must keep to ---

const trouble = [];
export const troubles = () => trouble.splice(0);
// Errors that a step brings about on purpose are looked at by the step; `kind` says which.
export async function expected(step, kind = /./) {
	const before = trouble.length;
	const result = await step();
	trouble.push(...trouble.splice(before).filter((line) => !kind.test(line)));
	return result;
}

export function watch(page, user) {
	page.on("console", (m) => { if (m.type() === "error") trouble.push(`${user}: ${m.text()}`); });
	page.on("pageerror", (e) => trouble.push(`${user}: ${e.message}`));
	page.on("dialog", (d) => { trouble.push(`${user}: a script of a text ran`); d.dismiss(); });
}
// Runs in the page before anything of it.
export function watching() {
	window.longTasks = [];
	try {
		new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: "longtask" });
	} catch {
		window.longTasks.push(-1);
	}
	document.addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));
}

// --- people ---

// In the appliance's zone: a year begins in the page when it does in the figures.
export async function visitor({ width = 1366, language = "zh", context } = {}) {
	const own = context || await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width, height: width < 600 ? 844 : 768 }, locale: "zh-CN", timezoneId: "Asia/Shanghai", acceptDownloads: true });
	own.setDefaultTimeout(LIMIT_MS);
	await own.addInitScript(watching);
	await own.addInitScript(noting);
	await own.addInitScript((name) => { if (!sessionStorage.getItem("language")) sessionStorage.setItem("language", name); }, language);
	return own.newPage();
}

export async function signIn(user, options) {
	const page = await visitor(options);
	watch(page, user);
	await page.goto(base);
	await page.fill("input[name=user]", user);
	await page.fill("input[name=password]", people[user]);
	await page.click("button[type=submit]");
	await page.waitForSelector("nav.nav");
	return page;
}

export async function settled(page) {
	await page.waitForTimeout(150);
	for (const end = Date.now() + LIMIT_MS; Date.now() < end && (await page.locator(".loading").count() || !await page.locator("h1").count());) await page.waitForTimeout(50);
}
// The view stands there anew, and waits for nothing.
export async function go(page, hash) {
	await page.evaluate(forgetting);
	const here = await page.evaluate(() => {
		const view = document.querySelector("#app > :last-child");
		if (view) view.dataset.old = "yes";
		return location.href;
	});
	if (here === `${base}#/${hash}`) await page.reload();
	else await page.goto(`${base}#/${hash}`);
	for (const end = Date.now() + LIMIT_MS; Date.now() < end && await page.locator("[data-old]").count();) await page.waitForTimeout(50);
	await settled(page);
	const bare = await wordless(page);
	if (bare) trouble.push(`#/${hash} shows ${bare}`);
}
export const appears = (page, selector, timeout = LIMIT_MS) => page.waitForSelector(selector, { timeout }).then(() => true, () => false);
export const goes = (page, selector, timeout = LIMIT_MS) => page.waitForSelector(selector, { state: "detached", timeout }).then(() => true, () => false);
// Until `look` is true in the page; asked from here, for the page's own policy lets nothing be evaluated later.
export async function until(page, look, given, timeout = LIMIT_MS) {
	for (const end = Date.now() + timeout; Date.now() < end; await page.waitForTimeout(100)) if (await page.evaluate(look, given)) return true;
	return false;
}
export const words = async (page, selector) => (await page.locator(selector).allTextContents()).join(" | ");

// A command of the command line, as somebody.
export const cli = (user, ...args) => JSON.parse(execFileSync(process.env.SR_STRONGROOM, ["--json", "--as", user, "--password-stdin", ...args], { input: `${people[user]}\n`, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] }) || "null");

// The same of a command that answers a line an entry.
export const cliLines = (user, ...args) => execFileSync(process.env.SR_STRONGROOM, ["--json", "--as", user, "--password-stdin", ...args], { input: `${people[user]}\n`, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] }).split("\n").filter(Boolean).map((line) => JSON.parse(line));

export const picture = async (page, name, options = {}) => {
	if (!process.env.SR_PICTURES) return;
	await goes(page, ".toasts > *"); // what passes is no part of a picture
	await page.screenshot({ path: path.join(process.env.SR_PICTURES, `${name}.png`), ...options });
};

// --- what is measured ---

export async function faults(page) {
	await page.evaluate(axe);
	return page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa"] }).then((r) =>
		r.violations.filter((v) => ["serious", "critical"].includes(v.impact)).map((v) => `${v.id}: ${v.nodes.slice(0, 2).map((n) => n.html.slice(0, 160)).join(" ; ")}`)));
}
export const tooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

// Values that no view has words for.
export const wordless = async (page) => /\[object |undefined|NaN|Invalid Date/.exec(await page.locator("body").innerText())?.[0] || "";
