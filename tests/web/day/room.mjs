// SPDX-License-Identifier: Apache-2.0
// The viewing room: PDF, picture, sound and recording with seeking and transcript, under a watermark; stopped by the
// official while a recording plays.
import { ok, signIn, go, appears, told, until, words, picture, faults, settled, expected } from "./lib.mjs";

const itemOf = (page, text) => page.locator(".room .list button", { hasText: text }).first();
const duration = (page, tag) => page.evaluate(async (name) => {
	const v = document.querySelector(name);
	for (let i = 0; i < 600 && v.readyState < 2; i++) await new Promise((r) => { setTimeout(r, 100); });
	return v.readyState >= 2 ? v.duration : 0;
}, tag);

async function documents(reader) {
	const titles = await reader.locator(".room .list button").allTextContents();
	ok(titles.length > 20 && !titles.some((x) => x.includes("事先告知书、听证告知书送达回证")), "the list has the case in its order, without what the official took away", titles.join("\n"));
	ok(/^1\. /.test(titles[0]) && titles.findIndex((x) => x.includes("决定书")) < titles.findIndex((x) => x.includes("录像")), "in catalogue order");
	await itemOf(reader, "立案审批表").click();
	ok(await appears(reader, ".pages canvas"), "a PDF is shown");
	const ink = await until(reader, () => {
		const canvas = document.querySelector(".pages canvas");
		if (!canvas || canvas.width < 10) return false;
		const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
		for (let i = 0; i < data.length; i += 4) if (data[i + 3] && data[i] < 100) return true;
		return false;
	});
	ok(ink, "and has ink on its page");
	await picture(reader, "room");
	const width = await reader.evaluate(() => document.querySelector(".pages canvas").clientWidth);
	await reader.locator(".tools button", { hasText: "＋" }).click();
	ok(await reader.evaluate(() => document.querySelector(".pages canvas").clientWidth) > width, "it grows at a click");
	await itemOf(reader, "固体饮料外包装照片").click();
	ok(await until(reader, () => document.querySelector(".picture img")?.naturalWidth > 10), "a picture is shown");
	ok(/证明对象/.test(await words(reader, ".beside")) && /保健食品/.test(await words(reader, ".beside")), "what it proves stands beside it", await words(reader, ".beside"));
	ok(!await reader.locator(".room-view a[download]").count(), "no download where the grant has no copies");
}

async function mark(reader) {
	const over = await reader.evaluate(() => {
		const room = document.querySelector(".room").getBoundingClientRect(), mark = document.querySelector(".watermark-over").getBoundingClientRect();
		return mark.width >= room.width - 1 && mark.height >= room.height - 1 && getComputedStyle(document.querySelector(".watermark-over")).pointerEvents === "none";
	});
	const text = await words(reader, ".watermark text");
	ok(over && /孙监督/.test(text) && /赵审批/.test(text) && /20\d\d年/.test(text), "the watermark covers all of it and names reader, official and time", text);
	await reader.emulateMedia({ media: "print" });
	ok(await reader.evaluate(() => {
		const over = getComputedStyle(document.querySelector(".watermark-over"));
		return over.position === "fixed" && over.display !== "none" && over.visibility === "visible";
	}), "on paper it is on every page");
	await reader.emulateMedia({ media: "screen" });
}

async function recordings(reader) {
	await itemOf(reader, "现场检查录像").click();
	const long = await duration(reader, "video");
	ok(long > 60, "a recording plays", long);
	ok(await reader.evaluate(async () => {
		const v = document.querySelector("video");
		v.currentTime = v.duration / 2;
		await new Promise((r) => { v.addEventListener("seeked", r, { once: true }); setTimeout(r, 60000); });
		return Math.abs(v.currentTime - v.duration / 2) < 2 && v.readyState >= 2;
	}), "and seeks");
	ok(await reader.evaluate(() => {
		const v = document.querySelector("video");
		return v.disablePictureInPicture && v.controlsList.contains("nofullscreen") && v.controlsList.contains("nodownload");
	}), "not out of the watermark's reach");
	await picture(reader, "recording");
	await itemOf(reader, "询问𠮷某录音 ").or(itemOf(reader, "询问𠮷某录音")).first().click();
	ok(await duration(reader, "audio") > 60, "a sound plays");
	await reader.waitForSelector(".transcript button");
	await reader.evaluate(() => { document.querySelector("audio").playbackRate = 0.0625; }); // it is still there when it is looked at
	await reader.locator(".transcript button", { hasText: "00:02:42" }).click();
	const at = await until(reader, () => Math.abs(document.querySelector("audio").currentTime - 162) < 4);
	ok(at, "a click on a line of the transcript goes there");
	await picture(reader, "sound");
	ok(await until(reader, () => /00:02:42/.test(document.querySelector(".transcript li[aria-current]")?.textContent || "")), "the line that is spoken is marked");
	await reader.evaluate(() => document.querySelector("audio").pause());
	const serious = await faults(reader);
	ok(!serious.length, "the room is accessible", serious.join("\n"));
}

async function keys(reader) {
	await itemOf(reader, "立案审批表").focus();
	await reader.keyboard.press("ArrowDown");
	await reader.keyboard.press("Enter");
	await settled(reader);
	ok(/行政处罚决定书/.test(await words(reader, ".member-head h2")), "arrows and Enter open the next one", await words(reader, ".member-head h2"));
	await reader.locator(".room-tools button", { hasText: "下一份" }).focus();
	await reader.keyboard.press("Space");
	await settled(reader);
	ok(await reader.evaluate(() => document.activeElement?.closest(".room-view") !== null), "the heading of what was opened has the focus");
}

export default async function room() {
	const reader = await signIn("sun");
	await go(reader, "home");
	await reader.locator("main tr", { hasText: "案卷评查" }).locator("a.main-action").first().click();
	await reader.waitForSelector(".room .list button");
	await documents(reader);
	await mark(reader);
	await recordings(reader);
	await keys(reader);

	// --- who reads now, and the stop while a recording plays ---
	const official = await signIn("zhao");
	await itemOf(reader, "现场检查录像").click();
	await duration(reader, "video");
	await reader.evaluate(() => { const v = document.querySelector("video"); v.muted = true; return v.play(); });
	await go(official, "live");
	await official.waitForSelector("td button.seal");
	ok(/孙监督/.test(await words(official, "main table")) && /现场检查录像/.test(await words(official, "main table")), "the official sees who reads what by name", await words(official, "main table"));
	await picture(official, "live");
	await expected(async () => {
		await official.locator("tr", { hasText: "大药房现场检查录像" }).locator("button.seal").click();
		await official.fill("dialog textarea", "试验终止");
		await official.click("dialog button[type=submit]");
		ok(await told(official), "and stops it");
		// What plays may fail first, which is told where it played.
		const over = await appears(reader, ".room .notice.bad:has-text('终止')");
		ok(over && !await reader.locator(".room video").count(), "what plays stops, the screen is cleared and the reader is told", await words(reader, ".room .notice"));
		await picture(reader, "stopped");
	});
	for (const page of [reader, official]) await page.context().close();
}
