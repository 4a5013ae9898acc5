// SPDX-License-Identifier: Apache-2.0
// Files on their way into drafts: two at a time, by tus.  They go on while one looks at other views; a lost connection
// or a restart of the server is waited for; after a reload whoever picks the same file again goes on where it was.
import { send, get, post, command, onSession, Problem } from "../server.js";
import { t } from "../language.js";

const PIECE = 8 << 20;
const TOGETHER = 2;
const queue = [];
const watchers = new Set();
const tus = { "Tus-Resumable": "1.0.0" };
// The answer is read to its end, so that the connection goes on.
async function call(method, path, body, options) {
	const answer = await send(method, path, body, { raw: true, ...options, headers: { ...tus, ...options.headers } });
	await answer.arrayBuffer();
	return answer;
}
const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const unbase64 = (text) => { try { return new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))); } catch { return ""; } };

export const items = (draft) => queue.filter((i) => i.draft === draft);
export const watch = (listener) => { watchers.add(listener); return () => watchers.delete(listener); };
let told = 0;
// At most ten times a second: a fast disk tells often.
function tell(now) {
	if (now) watchers.forEach((w) => w());
	else told ||= setTimeout(() => { told = 0; watchers.forEach((w) => w()); }, 100);
}
const busy = () => queue.some((i) => ["waiting", "running", "lost", "filing"].includes(i.state));
window.addEventListener("beforeunload", (event) => { if (busy()) event.preventDefault(); });
window.addEventListener("online", () => queue.forEach((i) => i.wake?.()));
// Nothing of a case outlives its session; whoever signs in again goes on.
let user = "";
onSession((who) => {
	if (who && user && who.user !== user) queue.splice(0).forEach((i) => i.stop?.abort());
	if (who) user = who.user;
	if (who) queue.filter((i) => i.state === "signed-out").forEach((i) => resume(i));
});

// The uploads that the server still has of me: [{ url, bytes, offset, draft, path, modified }]
export async function unfinished() {
	const { uploads = [] } = await command("ListUploads");
	return uploads.map((u) => {
		const words = Object.fromEntries((u.metadata || "").split(",").map((pair) => pair.trim().split(" ")).filter(([key]) => key).map(([key, value]) => [key, unbase64(value || "")]));
		return { url: `/api/v1/uploads/${u.upload}`, upload: u.upload, bytes: u.bytes, offset: u.offset, until: u.until, draft: words.draft, path: words.path || words.filename || "", modified: words.modified };
	}).filter((u) => !queue.some((i) => i.url === u.url && i.state !== "done"));
}
export const forget = (known) => send("DELETE", known.url, undefined, { headers: tus });

// files: [{ file, path, description }]; known: what unfinished() said
export function add(draft, files, known = []) {
	for (const { file, path, description } of files) {
		const before = known.find((u) => u.draft === draft && u.path === path && u.bytes === file.size && u.modified === String(file.lastModified));
		queue.push({ draft, path, file, description, size: file.size, done: before?.offset || 0, url: before?.url, resumed: !!before, state: "waiting", error: null, rate: 0 });
	}
	tell(true);
	next();
}
export function pause(item) {
	item.state = "paused";
	item.stop?.abort();
	item.wake?.();
	tell(true);
	next();
}
export function resume(item) {
	item.state = "waiting";
	item.error = null;
	tell(true);
	next();
}
export function drop(item) {
	pause(item);
	queue.splice(queue.indexOf(item), 1);
	if (item.url && item.state !== "done") forget(item).catch(() => {});
	tell(true);
}
export function clear(draft) {
	for (const item of items(draft)) if (item.state === "done") queue.splice(queue.indexOf(item), 1);
	tell(true);
}

function next() {
	while (queue.filter((i) => ["running", "lost", "filing"].includes(i.state)).length < TOGETHER) {
		const item = queue.find((i) => i.state === "waiting");
		if (!item) return;
		item.state = "running";
		run(item).catch((error) => { if (item.state !== "paused") fail(item, error); }).finally(() => { tell(true); next(); });
	}
}

function fail(item, error) {
	item.state = error.status === 401 ? "signed-out" : "failed";
	item.error = error;
}

async function begin(item) {
	const metadata = Object.entries({ filename: item.file.name, draft: item.draft, path: item.path, modified: String(item.file.lastModified) })
		.map(([key, value]) => `${key} ${base64(value)}`).join(",");
	const made = await call("POST", "/api/v1/uploads", undefined, { signal: item.stop.signal, headers: { "Upload-Length": String(item.size), "Upload-Metadata": metadata } });
	item.url = made.headers.get("Location");
	item.done = 0;
}

// Where the server is; the upload begins anew where it forgot it.
async function find(item) {
	try {
		const state = await call("HEAD", item.url, undefined, { signal: item.stop.signal });
		item.done = Number(state.headers.get("Upload-Offset"));
	} catch (error) {
		if (error.status !== 404 && error.status !== 410) throw error;
		item.url = null;
	}
}

const lasting = (error) => error.status === 0 || error.status >= 500 || error.status === 423 || error.status === 409 || error.status === 429;

// The connection is gone or the server restarts: wait longer and longer, till it is back or somebody pauses.
async function patience(item, error, failures) {
	item.state = error.status === 0 || error.status >= 500 ? "lost" : "running";
	tell(true);
	await Promise.race([wait(Math.min(500 * 2 ** failures, 15000)), new Promise((resolve) => { item.wake = resolve; })]);
	if (item.state === "paused") throw new DOMException("paused", "AbortError");
}

async function run(item) {
	item.stop = new AbortController();
	let failures = 0;
	for (;;) {
		try {
			if (item.url) await find(item);
			if (!item.url && item.filing && await isThere(item)) return finish(item);
			if (!item.url) await begin(item);
			await pieces(item, () => { failures = 0; });
			return;
		} catch (error) {
			if (item.state === "paused" || error.name === "AbortError") return;
			if (error.name === "NotReadableError" || error.name === "NotFoundError") throw new Problem(400, { detail: t("upload.unreadable") });
			if (!lasting(error)) throw error;
			await patience(item, error, ++failures);
		}
	}
}

async function pieces(item, good) {
	item.state = "running";
	tell(true);
	while (item.done < item.size) {
		const began = performance.now(), from = item.done;
		const answer = await call("PATCH", item.url, item.file.slice(item.done, item.done + PIECE), { signal: item.stop.signal,
			headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(item.done) } });
		item.done = Number(answer.headers.get("Upload-Offset"));
		item.rate = (item.done - from) / Math.max(0.001, (performance.now() - began) / 1000);
		item.state = "running";
		good();
		tell();
	}
	item.state = "filing";
	item.filing = true;
	tell(true);
	await post(`/drafts/${encodeURIComponent(item.draft)}/members`, { path: item.path, upload: item.url, description: item.description });
	finish(item);
}

// The answer to the last step was lost: the draft may have the file.
async function isThere(item) {
	const draft = await get(`/drafts/${encodeURIComponent(item.draft)}`);
	return (draft.files || []).some((f) => f.path === item.path && f.bytes === item.size);
}

function finish(item) {
	item.state = "done";
	item.file = null;
	document.dispatchEvent(new CustomEvent("member-added", { detail: { draft: item.draft, path: item.path } }));
}
