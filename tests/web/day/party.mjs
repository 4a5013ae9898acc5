// SPDX-License-Identifier: Apache-2.0
// A party: applies on the public page, follows by code, comes in by a one-time pass, reads, and saves a receipt that the
// public page verifies.
import fs from "node:fs";
import { ok, visitor, watch, signIn, go, base, appears, told, until, words, picture, cli, expected } from "./lib.mjs";

async function applies(page) {
	await go(page, "apply");
	await page.fill("input[name=number]", process.env.SR_NUMBER);
	await page.fill("input[name=name]", "甲某（虚构）");
	await page.fill("input[name=identity]", "99990119900101000X");
	await page.fill("input[name=contact]", "000-00000000");
	await page.fill("textarea[name=reason]", "本人是当事人，需要查阅处罚决定的依据");
	await page.click("button[type=submit]");
	await page.waitForSelector(".notice.good strong");
	const code = await page.locator(".notice.good strong").textContent();
	await picture(page, "applied");
	await go(page, "follow");
	await page.fill("input[name=code]", code);
	await page.click("button[type=submit]");
	ok(await appears(page, "dl.facts") && /已受理|待审批|办理/.test(await words(page, "dl.facts")), "a party applies and follows by the code", await words(page, "main, .gate"));
	await expected(async () => {
		await page.fill("input[name=code]", "A00000-0000000000");
		await page.click("button[type=submit]");
		ok(await appears(page, ".notice.bad"), "a wrong code is told in words");
	});
}

// At the counter: the request with its papers, the official's approval in the browser, the pass.
async function pass() {
	const asked = cli("wang", "request", "new", "--case", process.env.SR_NUMBER, "--purpose", "party", "--for", "甲某（虚构）", "--for-kind", "party", "--reason", "当事人本人查阅", "--days", "3", "--channel", "web",
		"--papers", `identity=${process.env.SR_PAPER}`).request;
	const official = await signIn("zhao");
	await go(official, "home");
	const card = official.locator(".waits", { hasText: "甲某" });
	ok(/当事人/.test(await card.textContent()), "the official sees for whom the counter asks", await card.textContent());
	await card.locator("a").first().click();
	await official.waitForSelector(".ticks input");
	ok(/身份证明/.test(await words(official, "dl.facts")) && !/讨论/.test(await words(official, ".ticks")), "with their papers, and without the sub volume", await words(official, ".ticks"));
	await official.click("button.main-action");
	ok(await told(official), "and approves");
	await official.context().close();
	const grant = cli("wang", "request", "show", asked).grant;
	return cli("wang", "pass", "issue", grant, "--identity", "id-card").pass;
}

// In the page: can a receipt of the newest reading be had?
async function published() {
	const { entries } = await import("/views/log-entries.js");
	const { command } = await import("/server.js");
	const { list } = await entries({ type: "access.opened" });
	return list.length > 0 && list[0].seq < (await command("LedgerCheckpoint")).size;
}

async function reads(page, code) {
	await go(page, "pass");
	await page.fill("input[name=pass]", code);
	await page.click("button[type=submit]");
	ok(await appears(page, ".party-grant a"), "the pass opens a session", await words(page, ".notice"));
	await picture(page, "party");
	await page.click(".party-grant a");
	await page.waitForSelector(".room .list button");
	await page.click(".room .list button >> nth=0");
	ok(await appears(page, ".pages canvas"), "and the party reads");
	ok(!/副卷/.test(await words(page, ".room .list")), "the main volume alone");
	ok(await until(page, published), "and the reading is in the published log");
	await page.locator(".room-tools button", { hasText: "存证回执" }).click();
	const [file] = await Promise.all([page.waitForEvent("download"), page.click("dialog td button")]);
	const receipt = fs.readFileSync(await file.path(), "utf8");
	ok(receipt.startsWith("c2sp.org/tlog-proof@v1\n") && /tlog-proof$/.test(file.suggestedFilename()), "a receipt is saved", file.suggestedFilename());
	await page.keyboard.press("Escape");
	ok(await page.locator("dialog").count() === 0, "Escape closes the dialog");
	await go(page, "me");
	ok(/第 1 号文件/.test(await words(page, "main table")), "their readings stand in their own page", await words(page, "main"));
	return receipt;
}

async function verifies(receipt) {
	const page = await visitor();
	watch(page, "somebody");
	await go(page, "receipt");
	await page.fill("textarea[name=text]", receipt);
	await page.fill("input[name=key]", process.env.SR_VERIFIER);
	await page.click("button[type=submit]");
	ok(await appears(page, "svg.proof") && await page.locator(".notice.good").count() === 1, "somebody without a login verifies the receipt with the published key", await words(page, ".notice"));
	await page.locator("button", { hasText: "从头开始" }).click();
	ok(/第 1 步/.test(await words(page, "[role=status]")) && !await page.locator("svg.proof .root").count(), "step by step, from the leaf");
	for (let i = 0; i < 40 && await page.locator("button:not(:disabled)", { hasText: "下一步" }).count(); i++) await page.locator("button", { hasText: "下一步" }).click();
	ok(await page.locator("svg.proof .root").count() === 1, "up to the root that was signed");
	await picture(page, "receipt", { fullPage: true });
	const lines = receipt.split("\n");
	const entry = Buffer.from(lines[1].slice(6), "base64").toString().replace("甲", "乙").replace("\"member\":1", "\"member\":2");
	lines[1] = `extra ${Buffer.from(entry).toString("base64")}`;
	await page.fill("textarea[name=text]", lines.join("\n"));
	await page.click("button[type=submit]");
	ok(await appears(page, ".notice.bad") && !await page.locator(".notice.good").count(), "a receipt with another entry is not", await words(page, ".notice"));
	await page.context().close();
}

export default async function party() {
	const page = await visitor();
	watch(page, "party");
	await page.goto(base);
	await applies(page);
	const receipt = await reads(page, await pass());
	await page.locator("button", { hasText: "退出" }).click();
	ok(await appears(page, "input[name=password]"), "and signs out");
	await page.context().close();
	await verifies(receipt);
}
