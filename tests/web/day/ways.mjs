// SPDX-License-Identifier: Apache-2.0
// Every way of every role, in both languages and on a phone.
import { ok, signIn, go, words, faults, tooWide, longest, isLong, picture, visitor, watch, base, people } from "./lib.mjs";

const USERS = ["zhao", "sun", "li", "wang", "auditor", "security"];
const FIRST_VIEW_BYTES = 300000;

const foreign = (language) => [...document.querySelectorAll("nav a, th, dt, label > span, legend, button, h1, h2")].map((n) => n.firstChild?.textContent?.trim() || "")
	.filter((x) => language === "en" ? /^[\u4e00-\u9fff，。：（）“”]{2,}$/.test(x) && !["中文"].includes(x) && !/虚构|样例|某某/.test(x) : /^[A-Za-z][A-Za-z .]{2,}$/.test(x) && !["CSV", "JSON", "English"].includes(x));

async function walk(user, width, language) {
	const page = await signIn(user, { width, language });
	const ways = await page.locator("nav.nav a").evaluateAll((list) => list.map((a) => a.getAttribute("href").slice(2)));
	const bad = [];
	for (const way of [...ways, "help"]) {
		const long = await longest(page, () => go(page, way));
		if (isLong(long)) bad.push(`${way}: blocked for ${Math.round(long)} ms`);
		bad.push(...(await page.locator(".failed").allTextContents()).map((text) => `${way}: ${text}`));
		bad.push(...(await page.evaluate(foreign, language)).map((x) => `${way}: not translated: ${x}`));
		if (await tooWide(page) > 0) bad.push(`${way}: wider than the screen`);
		if (!await page.locator("main h1").count()) bad.push(`${way}: no heading`);
		if (width > 600) bad.push(...(await faults(page)).map((f) => `${way}: ${f}`));
		await picture(page, `${user}-${way}-${language}-${width}`, { fullPage: true });
	}
	ok(ways.length > 2 && !bad.length, `${user} goes to ${ways.length} views, ${language}, ${width} px`, bad.join("\n"));
	await page.context().close();
}

// The bytes that went over the wire until the first view of an official stood there, with what it asked for.
async function firstView() {
	const page = await visitor();
	watch(page, "zhao");
	const wire = await page.context().newCDPSession(page);
	let bytes = 0;
	await wire.send("Network.enable");
	wire.on("Network.loadingFinished", (e) => { bytes += e.encodedDataLength; });
	await page.goto(base);
	await page.fill("input[name=user]", "zhao");
	await page.fill("input[name=password]", people.zhao);
	await page.click("button[type=submit]");
	await page.waitForSelector(".waits", { timeout: 20000 });
	ok(bytes > 20000 && bytes < FIRST_VIEW_BYTES, `the first view takes ${Math.round(bytes / 1000)} kB`);
	await page.context().close();
}

export default async function ways() {
	await firstView();
	for (const user of USERS) {
		await walk(user, 1366, "zh");
		await walk(user, 390, "en");
	}
	await walk("zhao", 390, "zh");
	await walk("sun", 1366, "en");
	const page = await visitor({ width: 390 });
	watch(page, "nobody");
	for (const way of ["", "apply", "follow", "pass", "receipt", "help"]) {
		await go(page, way);
		const found = [...await faults(page), await tooWide(page) > 0 ? "wider than the screen" : ""].filter(Boolean);
		ok(!found.length && await page.locator("h1").count() > 0, `nobody in particular sees ${way || "the gate"}`, found.join("\n"));
		await picture(page, `nobody-${way || "gate"}`);
	}
	ok(!await words(page, ".failed"), "and no failure");
	await page.context().close();
}
