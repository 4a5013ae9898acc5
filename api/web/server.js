// SPDX-License-Identifier: Apache-2.0
// Calls of the HTTP interface.  The session is a cookie that scripts cannot read; what they hold is the
// header token against cross-site posts.
import { worded } from "./errors.js";

let csrf = "";
let who = null;
const listeners = new Set();

export const me = () => who;
export const onSession = (listener) => listeners.add(listener);
const told = () => listeners.forEach((listener) => listener(who));

export class Problem extends Error {
	constructor(status, body) {
		super(body?.detail || body?.title || `HTTP ${status}`);
		this.status = status;
		this.type = (body?.type || "").split(/[/:#]/).pop();
		this.detail = body?.detail;
		this.body = body || {};
	}
}

// With its words in the page's language, where the appliance's own are of another.
async function problem(status, body) {
	return Object.assign(new Problem(status, body), await worded(body?.parts));
}

function lost(is) {
	document.dispatchEvent(new CustomEvent("connection", { detail: { lost: is } }));
}

export async function send(method, path, body, { headers = {}, signal, raw } = {}) {
	const options = { method, headers: { Accept: "application/json", ...headers }, credentials: "same-origin", cache: "no-store", signal };
	if (csrf && method !== "GET" && method !== "HEAD") options.headers["X-CSRF-Token"] = csrf;
	if (body instanceof Blob || body instanceof ArrayBuffer) options.body = body;
	else if (body !== undefined) {
		options.headers["Content-Type"] = "application/json";
		options.body = JSON.stringify(body);
	}
	let response;
	try {
		response = await fetch(path, options);
	} catch (error) {
		if (error.name === "AbortError") throw error;
		lost(true);
		throw new Problem(0, { type: "Connection" });
	}
	lost(false);
	if (raw && response.ok) return response;
	const text = response.status === 204 ? "" : await response.text();
	let value = null;
	try {
		value = text ? JSON.parse(text) : {};
	} catch {
		value = { type: "Unreadable" };
	}
	if (response.status === 401 && who) {
		who = null;
		csrf = "";
		mark(false);
		told();
	}
	if (!response.ok) throw await problem(response.status, value);
	return value;
}

const api = "/api/v1";
export const get = (path, query = {}) => {
	const words = new URLSearchParams(Object.entries(query).filter(([, v]) => v !== undefined && v !== null && v !== ""));
	return send("GET", `${api}${path}${words.size ? `?${words}` : ""}`);
};
export const post = (path, body = {}) => send("POST", `${api}${path}`, body);
export const patch = (path, body) => send("PATCH", `${api}${path}`, body);
export const remove = (path) => send("DELETE", `${api}${path}`);
// A command of the keeper that has no path of its own.
export const command = (name, parameters = {}) => post(`/commands/${name}`, parameters);

// Whether somebody signed in from this browser: asking without a session would be a refusal for nothing.
const MARK = "signed-in";
function mark(is) {
	try {
		if (is) localStorage.setItem(MARK, "yes");
		else localStorage.removeItem(MARK);
	} catch {
		// storage may be closed
	}
}
function marked() {
	try {
		return localStorage.getItem(MARK) === "yes";
	} catch {
		return true;
	}
}

// Something long: begun, asked about twice a second, its answer at the end.  `body` null: it takes none.
export async function job(path, body = {}, onProgress = () => {}) {
	let state = body === null ? await send("POST", `${api}${path}`) : await post(path, body);
	const { job: id } = state;
	while (id && !state.answer && !state.problem) {
		await wait(500);
		state = await get(`/jobs/${id}`);
		if (state.total) onProgress(state.done, state.total);
	}
	if (state.problem) throw await problem(state.problem.status || 500, state.problem);
	return state.answer || state;
}

export async function signIn(user, password) {
	const session = await post("/session", { user, password });
	csrf = session.csrf;
	who = await get("/session");
	mark(true);
	told();
}
export async function redeem(pass) {
	const session = await post("/pass", { pass });
	csrf = session.csrf;
	who = await get("/session");
	mark(true);
	told();
}
// Ask again who I am: a password or name changed.
export async function refresh() {
	who = await get("/session");
	csrf = who.csrf || csrf;
	told();
}
export async function resume() {
	if (!marked()) return null;
	try {
		const session = await get("/session");
		if (!session.user) return null;
		csrf = session.csrf;
		who = session;
	} catch {
		who = null;
		mark(false);
	}
	return who;
}
export async function signOut() {
	try {
		await remove("/session");
	} finally {
		who = null;
		csrf = "";
		mark(false);
		told();
	}
}

// --- tus: an upload that goes on where it was cut ---

const PIECE = 8 << 20;
const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export async function upload(file, { onProgress, signal } = {}) {
	const tus = { "Tus-Resumable": "1.0.0" };
	const made = await send("POST", `${api}/uploads`, undefined, { raw: true, signal,
		headers: { ...tus, "Upload-Length": String(file.size), "Upload-Metadata": `filename ${base64(file.name)}` } });
	const url = made.headers.get("Location");
	let offset = 0, failures = 0;
	while (offset < file.size) {
		try {
			const done = await send("PATCH", url, file.slice(offset, offset + PIECE), { raw: true, signal,
				headers: { ...tus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) } });
			offset = Number(done.headers.get("Upload-Offset"));
			await done.arrayBuffer();
			failures = 0;
			onProgress?.(offset, file.size);
		} catch (error) {
			if (error.name === "AbortError" || ++failures > 8 || [401, 403, 404, 413].includes(error.status)) throw error;
			await wait(Math.min(500 * 2 ** failures, 15000));
			const state = await send("HEAD", url, undefined, { raw: true, signal, headers: tus }).catch(() => null);
			if (state) offset = Number(state.headers.get("Upload-Offset"));
		}
	}
	return url;
}
