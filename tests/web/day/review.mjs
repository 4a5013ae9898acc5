// SPDX-License-Identifier: Apache-2.0
// A supervisor draws a review, which asks to read its sample by itself; reads, notes a finding at the page, scores; the
// archivist reports it mended, the supervisor hands it back, then closes it.
import { ok, signIn, go, told, words, picture, settled, faults } from "./lib.mjs";

async function draws(page) {
	await go(page, "reviews");
	await page.fill("input[name=count]", "1");
	await page.fill("input[name=seed]", "2026-11-22 公开数字 07 19 23");
	await page.selectOption("select[name=category]", "penalty");
	await page.fill("textarea[name=reason]", "年度案卷评查");
	await page.click("form button.main-action");
	ok(await told(page, /评查 V\d+ 已抽取 1 卷/), "a sample is drawn and asked for", await words(page, ".notice.bad"));
	await page.waitForSelector("main table a[href^='#/request/'], main a[href^='#/request/']");
	await settled(page);
	return {
		review: (await page.url()).match(/V\d+/)[0],
		request: await page.locator("main a[href^='#/request/']").first().textContent(),
		number: await page.locator("main table a[href^='#/case/']").first().textContent(),
	};
}

async function approves(request) {
	const official = await signIn("zhao");
	await go(official, `request/${request}`);
	ok(/案卷评查/.test(await words(official, "dl.facts")) && /孙监督/.test(await words(official, "dl.facts")), "the official sees the review's request");
	await official.waitForSelector(".ticks input");
	await official.click("button.main-action");
	ok(await told(official), "and approves it");
	await official.context().close();
}

async function scores(page, { review, number }) {
	await go(page, `review/${review}`);
	await page.locator("main table a", { hasText: "查阅" }).first().click();
	await page.waitForSelector(".room .list button");
	await page.click(".room .list button >> nth=0");
	await page.waitForTimeout(1200);
	await page.locator(".room-tools button", { hasText: "记录评查问题" }).click();
	ok(await page.inputValue("dialog select[name=member]") === "1", "a finding begins at the file that is looked at", await words(page, "dialog"));
	await page.fill("dialog input[name=page]", "1");
	await page.fill("dialog textarea", "审批表缺少负责人意见");
	await picture(page, "finding");
	await page.click("dialog button[type=submit]");
	ok(await told(page), "it is noted");
	await page.locator("nav.nav a", { hasText: "案卷评查" }).click();
	await settled(page);
	await page.locator("main table a", { hasText: review }).first().click();
	await settled(page);
	await page.locator("main a", { hasText: "评分" }).first().click();
	await page.waitForSelector(".score input");
	ok(/审批表缺少负责人意见/.test(await words(page, "main form")) && /第 1 号文件 第 1 页/.test(await words(page, "main form")), "and waits in the sheet", await words(page, "main form"));
	await page.locator(".score input").first().fill("0");
	ok(/9\d 分/.test(await words(page, ".sum")) && /通过/.test(await words(page, ".sum")), "points add up", await words(page, ".sum"));
	await page.locator(".vetoes input").first().check();
	ok(/未通过/.test(await words(page, ".sum")), "a veto fails it", await words(page, ".sum"));
	await page.locator(".vetoes input").first().uncheck();
	const serious = await faults(page);
	ok(!serious.length, "the sheet is accessible", serious.join("\n"));
	await page.evaluate(() => { window.scrollTo(0, 0); document.querySelector(".toasts")?.remove(); });
	await picture(page, "score");
	await page.locator("form button", { hasText: "记录评查结论" }).click();
	ok(await told(page), "the result is recorded", await words(page, ".notice.bad"));
	await go(page, `review/${review}`);
	const shown = await words(page, "main");
	ok(shown.includes(number) && /通过/.test(shown) && /待整改/.test(shown), "and stands in the review with its finding", shown);
	await picture(page, "review", { fullPage: true });
}

async function moves(page, label, text) {
	await page.locator("main tr", { hasText: "审批表缺少负责人意见" }).locator("button", { hasText: label }).first().click();
	if (text) await page.fill("dialog textarea", text);
	await page.click("dialog button[type=submit]");
	const good = await told(page);
	await page.waitForTimeout(300);
	await settled(page);
	return good;
}

export default async function review() {
	const page = await signIn("sun");
	const drawn = await draws(page);
	await approves(drawn.request);
	await scores(page, drawn);
	const archivist = await signIn("wang");
	await go(archivist, "reviews");
	ok(await moves(archivist, "报送整改", "已补签并附说明"), "the archivist reports it mended", await words(archivist, "main"));
	await go(page, "reviews");
	ok(await moves(page, "退回整改", "说明未签名"), "the supervisor hands it back", await words(page, "main"));
	await go(archivist, "reviews");
	await moves(archivist, "报送整改", "说明已签名");
	await go(page, "reviews");
	ok(await moves(page, "销号") && /已销号/.test(await words(page, "main")), "and closes it at last", await words(page, "main"));
	await picture(page, "reviews", { fullPage: true });
	for (const one of [page, archivist]) await one.context().close();
}
