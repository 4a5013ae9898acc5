// SPDX-License-Identifier: Apache-2.0
// With the keyboard alone: skipping, tabs, sorting, turning pages, dialogs; ten thousand rows.
import { ok, signIn, go, words, longest, isLong } from "./lib.mjs";

export default async function keyboard() {
	const page = await signIn("zhao");
	await go(page, "grants");
	await page.evaluate(() => document.querySelector(".skip").focus());
	await page.keyboard.press("Enter");
	ok(await page.evaluate(() => document.activeElement?.tagName) === "H1", "the skip link goes to the heading");
	await page.locator("[role=tab]").first().focus();
	await page.keyboard.press("ArrowRight");
	ok(await page.evaluate(() => document.activeElement.getAttribute("aria-selected") === "true" && document.activeElement === document.querySelectorAll("[role=tab]")[1]), "arrows go from tab to tab");
	ok(await page.evaluate(() => document.getElementById(document.querySelectorAll("[role=tab]")[1].getAttribute("aria-controls"))?.getAttribute("aria-labelledby") === document.querySelectorAll("[role=tab]")[1].id), "a tab names its panel and the panel its tab");
	await page.keyboard.press("Home");
	ok(await page.evaluate(() => document.activeElement === document.querySelectorAll("[role=tab]")[0]), "Home goes to the first");

	const made = await longest(page, () => page.evaluate(async () => {
		const { table, replace } = await import("/ui.js");
		const rows = Array.from({ length: 10000 }, (_, i) => ({ i, name: `样医保罚〔2025〕${(i * 7919) % 10000}号` }));
		replace(document.querySelector("main"), table([{ label: "序号", number: true, get: (r) => r.i }, { label: "案号", get: (r) => r.name, sort: (r) => r.name }], rows));
	}));
	ok(!isLong(made), `ten thousand rows are there at once (${Math.round(made)} ms)`);
	await page.locator("th button", { hasText: "案号" }).focus();
	const sorted = await longest(page, () => page.keyboard.press("Enter"));
	ok(!isLong(sorted), `and sorted by Enter (${Math.round(sorted)} ms)`);
	ok(await page.locator("th[aria-sort]").count() === 1 && await page.evaluate(() => document.activeElement?.closest("th") !== null), "the head says how it is sorted and keeps the focus");
	await page.locator("button[name=after]").focus();
	await page.keyboard.press("Enter");
	ok(/第 2 页/.test(await words(page, ".pager")) && await page.evaluate(() => document.activeElement?.name) === "after", "pages turn by Enter, and the button keeps the focus", await words(page, ".pager"));
	await page.context().close();
}
