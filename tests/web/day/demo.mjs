// SPDX-License-Identifier: Apache-2.0
// The demo's own round, with nothing but the browser: every role opens each of its views, the official approves what
// waits, the supervisor reads a document of it.
import { ok, signIn, go, appears, told, words } from "./lib.mjs";

export default async function demo() {
	for (const user of ["zhao", "sun", "li", "wang", "auditor", "security"]) {
		const page = await signIn(user);
		const ways = await page.locator("nav.nav a").evaluateAll((list) => list.map((a) => a.getAttribute("href").slice(2)));
		const bad = [];
		for (const way of [...ways, "help"]) {
			await go(page, way);
			bad.push(...(await page.locator(".failed").allTextContents()).map((text) => `${way}: ${text}`));
		}
		ok(ways.length > 2 && !bad.length, `${user} opens ${ways.length} views`, bad.join("\n"));
		await page.context().close();
	}
	const official = await signIn("zhao");
	await go(official, "home");
	ok(/孙监督/.test(await words(official, ".waits >> nth=0")), "the official sees who asks", await words(official, "main"));
	await official.click(".waits a >> nth=0");
	await official.waitForSelector(".ticks input");
	await official.fill("input[name=days]", "2");
	await official.click("button.main-action");
	ok(await told(official), "and approves two days", await words(official, "main"));
	const reader = await signIn("sun");
	await go(reader, "home");
	await reader.locator("main a.main-action").first().click();
	await reader.waitForSelector(".room .list button");
	await reader.locator(".room .list button").first().click();
	ok(await appears(reader, ".pages canvas"), "the supervisor reads a document in the viewing room");
	ok(/孙监督/.test(await words(reader, ".watermark text")), "under a watermark with their name");
	for (const page of [official, reader]) await page.context().close();
}
