// SPDX-License-Identifier: Apache-2.0
// A connection that is lost or slow shows and recovers; texts that others wrote stay text.
import { ok, signIn, go, appears, told, goes, words, expected, settled, cli, tooWide, picture } from "./lib.mjs";

async function connection() {
	const page = await signIn("zhao");
	await go(page, "live");
	await expected(async () => {
		await page.context().setOffline(true);
		ok(await appears(page, ".lost"), "a lost connection shows");
		await page.locator("nav.nav a", { hasText: "调阅申请" }).click();
		ok(await appears(page, ".failed button") && /无法连接/.test(await words(page, ".failed")), "a view that cannot be read says so and offers to try again", await words(page, "main"));
		await picture(page, "lost");
		await page.context().setOffline(false);
		await page.click(".failed button");
		ok(await appears(page, "main .tabs") && await goes(page, ".lost"), "and is there when the connection is");
	});

	// --- what was typed stays ---
	await go(page, "deputies");
	await page.fill("input[name=until]", "2027-01-31");
	await expected(async () => {
		await page.context().setOffline(true);
		await page.click("form button.main-action");
		ok(await appears(page, "form .notice.bad") && await page.inputValue("input[name=until]") === "2027-01-31", "a form keeps what was typed");
		await page.context().setOffline(false);
	});

	// --- slow ---
	let answer;
	const held = new Promise((resolve) => { answer = resolve; });
	await page.route("**/api/v1/requests*", async (route) => {
		await held;
		await route.continue();
	});
	await page.locator("nav.nav a", { hasText: "调阅申请" }).click();
	ok(await appears(page, ".loading"), "a slow answer shows that it is under way");
	answer();
	ok(await appears(page, "main .tabs"), "and then what came");
	await page.context().close();
}

const HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\u202e倒写\u2066";

async function texts() {
	const long = `${HOSTILE}${"长".repeat(600)}`;
	const asked = cli("sun", "request", "new", "--case", process.env.SR_HOSTILE, "--purpose", "supervision", "--reason", long).request;
	const page = await signIn("zhao", { width: 390 });
	for (const way of ["home", "requests", `request/${asked}`, "find", "grants", "figures", "warnings"]) {
		await go(page, way);
		await settled(page);
		ok(await page.evaluate(() => !document.querySelector("main script, main img, svg script")) && await tooWide(page) <= 0, `texts stay text: ${way}`, `${await tooWide(page)} pixels too wide`);
	}
	await go(page, `request/${asked}`);
	await page.waitForSelector(".ticks");
	ok((await words(page, "main")).includes("<img src=x onerror=alert(1)>"), "and are shown as they were written");
	await page.locator(".ticks").scrollIntoViewIfNeeded();
	await picture(page, "hostile", { fullPage: true });
	await page.click("button.main-action");
	ok(await told(page), "and approved");
	await page.context().close();
	const reader = await signIn("sun");
	await go(reader, "grants");
	await reader.locator("tbody tr", { hasText: "执法监督" }).locator("a").first().click();
	await reader.waitForSelector(".room .list button");
	ok(await reader.evaluate(() => !document.querySelector("main script, main img")) && await tooWide(reader) <= 0 && (await words(reader, ".room .list")).includes("<script>"), "in the viewing room too");
	await reader.context().close();
}

export default async function lost() {
	await connection();
	await texts();
}
