// SPDX-License-Identifier: Apache-2.0
// Whether anything blocks a page.  The page gathers its long tasks in window.longTasks.
const LONG_MS = 100;

// Processor time of the page's main thread in ms.
const meters = new WeakMap();
async function worked(page) {
	if (!meters.has(page)) {
		const meter = await page.context().newCDPSession(page);
		await meter.send("Performance.enable", { timeDomain: "threadTicks" });
		meters.set(page, meter);
	}
	const { metrics } = await meters.get(page).send("Performance.getMetrics");
	return 1000 * metrics.find((m) => m.name === "TaskDuration").value;
}

// The longest task of a step in ms.  Other programs may hold up a machine: a step that took less processor time in all
// than the bound has no task above it, and others count by their best of twelve.
export async function longest(page, step) {
	let best = Infinity;
	for (let i = 0; i < 12 && best > LONG_MS; i++) {
		await page.evaluate(() => { window.longTasks.length = 0; });
		const before = await worked(page);
		await step();
		await page.waitForTimeout(100);
		const longest = await page.evaluate(() => Math.max(0, ...window.longTasks));
		best = Math.min(best, longest, Math.max(0, await worked(page) - before) || Infinity);
	}
	return best;
}
export const isLong = (ms) => ms > LONG_MS;
