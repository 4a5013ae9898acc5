// SPDX-License-Identifier: Apache-2.0
// An official sees what waits, narrows and approves in one look; a copy needs two; nobody decides their own.
import fs from "node:fs";
import { appears, cliLines, expected, ok, signIn, go, told, until, words, picture, cli, longest, isLong } from "./lib.mjs";

// What is taken out is saved as it was, and stands in the log as a copy.
async function copied(request) {
	const grant = cli("sun", "grant", "list").grants.find((g) => g.request === request).grant;
	const reader = await signIn("sun");
	await go(reader, `room/${grant}`);
	await reader.click(".room .list button >> nth=0");
	const [download] = await Promise.all([reader.waitForEvent("download"), reader.click(".viewer-copy")]);
	const bytes = fs.statSync(await download.path()).size;
	const log = cliLines("auditor", "ledger", "tail").filter((e) => e.grant === grant && e.type === "access.opened");
	const taken = log.filter((e) => e.channel === "copy");
	ok(bytes > 0 && taken.length === 1 && taken[0].actor.user === "sun", "a download stands in the log as a copy", JSON.stringify(log).slice(0, 400));
	await reader.context().close();
}

export default async function approval() {
	const official = await signIn("zhao");
	await go(official, "home");
	const card = await words(official, ".waits >> nth=0");
	ok(/孙监督/.test(card) && /案卷评查/.test(card) && /年度案卷评查/.test(card) && /样医保罚/.test(card), "the first view says who asks, why and for what", card);
	await picture(official, "home");
	await official.click(".waits a >> nth=0");
	await official.waitForSelector(".ticks input");
	const all = await official.locator(".ticks input").count();
	await official.locator(".ticks li", { hasText: "事先告知书、听证告知书送达回证" }).locator("input").uncheck();
	await official.fill("input[name=days]", "2");
	ok((await words(official, ".sum")).includes(`${all - 1}／${all}`), "what will be granted stands in a sentence", await words(official, ".sum"));
	const button = await official.locator("button.main-action").boundingBox();
	ok(button.y + button.height <= 768, "the decision is on the first screen", JSON.stringify(button));
	await official.evaluate(() => window.scrollTo(0, 0));
	await picture(official, "approval");
	const long = await longest(official, async () => { await official.locator(".ticks input >> nth=0").uncheck(); await official.locator(".ticks input >> nth=0").check(); });
	ok(!isLong(long), "ticking does not block", long);
	await official.click("button.main-action");
	ok(await told(official), "an official approves with fewer days and files", await words(official, ".notice.bad"));
	const grant = cli("sun", "grant", "list").grants[0];
	const hours = (new Date(grant.until) - new Date(grant.from)) / 3600000;
	ok(Math.abs(hours - 48) < 0.1, "the grant lasts two days", hours);

	// --- two officials, for copies ---
	const asked = cli("sun", "request", "new", "--case", process.env.SR_NUMBER, "--purpose", "supervision", "--reason", "督办需要，须复制决定书", "--days", "3", "--channel", "web,copy").request;
	await go(official, `request/${asked}`);
	ok(/2 人批准/.test(await words(official, ".decide")), "that two must approve is said", await words(official, ".decide .notice"));
	await official.waitForSelector(".ticks input");
	await official.click("button.main-action");
	ok(await told(official, /第二位/), "after the first it waits for the second", await words(official, ".toasts"));
	await go(official, "home");
	ok(/您已审批/.test(await words(official, ".waits")), "who decided sees that they did", await words(official, ".waits"));
	const second = await signIn("qian");
	await go(second, `request/${asked}`);
	await second.waitForSelector(".ticks input");
	await second.fill("input[name=days]", "1");
	await picture(second, "second");
	await second.click("button.main-action");
	ok(await told(second, /许可编号/), "the second makes the grant", await words(second, ".toasts"));
	await go(second, `request/${asked}`);
	ok(/赵审批/.test(await words(second, "main")) && /钱审批/.test(await words(second, "main")), "both stand in the request's record");

	await copied(asked);

	// --- refused, with a reason; one's own ---
	const other = cli("sun", "request", "new", "--case", process.env.SR_NUMBER, "--purpose", "appraisal", "--reason", "考核").request;
	await go(second, `request/${other}`);
	await second.waitForSelector(".ticks input");
	await second.click(".decide button.seal");
	await second.click("dialog button[type=submit]");
	ok(await second.locator("dialog .notice.bad").count() === 1, "a refusal without a reason is not sent");
	await second.fill("dialog textarea", "事由不具体");
	await second.click("dialog button[type=submit]");
	ok(await told(second), "a request is refused with a reason");
	const own = cli("zhao", "request", "new", "--case", process.env.SR_NUMBER, "--purpose", "decision", "--reason", "行政决策参考").request;
	await go(official, `request/${own}`);
	ok(/须由其他审批人/.test(await words(official, ".notice")) && !await official.locator(".decide").count(), "nobody decides their own", await words(official, "main"));

	// --- a deputy stands in ---
	await go(official, "deputies");
	await official.selectOption("select[name=deputy]", "wang");
	await official.fill("input[name=until]", new Date(Date.now() + 3000 * 86400000).toISOString().slice(0, 10));
	await expected(async () => {
		await official.click("form button.main-action");
		ok(await appears(official, ".notice.bad") && /^代批授权最长 \d+ 天$/.test(await words(official, ".notice.bad")), "a refusal says in Chinese what is wrong", await words(official, ".notice.bad"));
	});
	await official.fill("input[name=until]", new Date(Date.now() + 3 * 86400000).toISOString().slice(0, 10));
	await official.click("form button.main-action");
	ok(await told(official), "an official names a deputy", await words(official, ".notice.bad"));
	ok(await until(official, () => /王档案/.test(document.querySelector("main table")?.textContent)), "the deputy stands in the list by name", await words(official, "main table"));
	for (const page of [official, second]) await page.context().close();
}
