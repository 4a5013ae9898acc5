// SPDX-License-Identifier: Apache-2.0
// The auditor: the log with filters, the tree and its signature in the browser, unusual readings, figures; and the
// security administrator's confirmations.
import { ok, signIn, go, appears, told, until, words, picture, settled, expected } from "./lib.mjs";

async function filters(page) {
	await go(page, "log");
	await page.selectOption("select[name=type]", "access.opened");
	await page.click("form button[type=submit]");
	await settled(page);
	const types = await page.locator("tbody td:nth-child(3)").allTextContents();
	ok(types.length > 2 && types.every((x) => x === "打开文件"), "the log is filtered by kind", types.join());
	await page.selectOption("select[name=type]", "");
	await page.selectOption("select[name=who]", "qian");
	await page.click("form button[type=submit]");
	await settled(page);
	const people = await page.locator("tbody td:nth-child(4)").allTextContents();
	ok(people.length > 1 && people.every((x) => x.includes("钱审批")), "by person, by name", people.join());
	await page.selectOption("select[name=who]", "");
	await page.fill("input[name=about]", "R00001");
	await page.click("form button[type=submit]");
	await settled(page);
	const about = await page.locator("tbody td:nth-child(5)").allTextContents();
	ok(about.length > 1 && about.every((x) => x.includes("R00001")), "and by what it is about", about.join("\n"));
	await page.fill("input[name=about]", "");
	await page.fill("input[name=until]", "2020-01-01");
	await page.click("form button[type=submit]");
	await settled(page);
	ok(await page.locator(".empty").count() === 1, "nothing before there was a log");
	await page.fill("input[name=until]", "");
	await page.click("form button[type=submit]");
	await settled(page);
	await page.click("tbody td button >> nth=0");
	ok(await appears(page, "dialog dl.facts") && !/undefined|\[object/.test(await words(page, "dialog")), "an entry opens in full", await words(page, "dialog"));
	await page.keyboard.press("Escape");
	ok(await page.evaluate(() => document.activeElement?.closest("td") !== null), "and gives the focus back");
}

const TILE = /\/ledger\/tile\/0\//;
// The log is verified while its tiles come as `change` makes them of what the server has.
async function verifiedWith(page, change) {
	await go(page, "log");
	await page.route(TILE, change);
	await page.click(".head .actions button");
	await appears(page, ".notice", 60000);
	await page.unroute(TILE);
	return page.locator(".notice").first();
}

async function tiles(page) {
	let kept = null;
	const grown = await expected(() => verifiedWith(page, async (route) => {
		if (/\.p\/\d+$/.test(route.request().url())) {
			kept = await (await route.fetch()).body();
			await route.fulfill({ status: 404, contentType: "application/problem+json", body: "{}" });
		} else await route.fulfill({ body: Buffer.concat([kept, Buffer.alloc(8192 - kept.length, 7)]) });
	}), /404/);
	ok(kept && await grown.locator("li .good").count() === 3, "a tile that has filled up meanwhile is taken whole", await words(page, ".notice"));
	const bad = await verifiedWith(page, async (route) => {
		const body = Buffer.from(await (await route.fetch()).body());
		body[40] ^= 1;
		await route.fulfill({ body });
	});
	ok(/与检查点不符/.test(await words(page, ".notice")) && await bad.locator("li .bad").count() === 1, "a hash that was altered is told", await words(page, ".notice"));
}

export default async function audit() {
	const page = await signIn("auditor");
	await filters(page);
	await page.click(".head .actions button");
	ok(await appears(page, ".notice.good", 60000) && await page.locator(".notice.good li .good").count() === 3, "the browser makes the tree's root anew, checks the signature, and the keeper agrees", await words(page, ".notice"));
	await picture(page, "log");
	await tiles(page);
	await go(page, "odd");
	ok(await page.locator(".failed").count() === 0 && /孙监督/.test(await words(page, "main svg")), "unusual readings, by reader", await words(page, "main"));
	await go(page, "figures");
	ok(await page.locator("svg.chart").count() > 1, "figures without the cases' names");
	ok(!/大药房/.test(await words(page, "main")), "an auditor sees no title");
	await page.context().close();

	const security = await signIn("security");
	await go(security, "home");
	const card = await words(security, ".waits");
	ok(/周新任/.test(card) && /国家秘密/.test(card) && /审批人/.test(card), "what the security administrator confirms is said in words", card);
	await picture(security, "confirm");
	await security.locator(".waits button.seal").first().click();
	await security.click("dialog button[type=submit]");
	ok(await told(security), "and confirmed");
	await security.context().close();

	const official = await signIn("zhao");
	await go(official, "figures");
	await official.locator("svg.chart a").first().click();
	await settled(official);
	ok(await until(official, () => /figure=/.test(location.hash) && document.querySelector("main table tbody tr") !== null), "a bar opens the cases behind it", official.url());
	await go(official, "figures");
	await picture(official, "figures", { fullPage: true });
	await official.context().close();
}
