// SPDX-License-Identifier: Apache-2.0
// Entries of the log: fetched page by page, shown in words, and each in full with its receipt.
import { h, table, time, button, dialog, facts, empty, size } from "../ui.js";
import { t } from "../language.js";
import { get } from "../server.js";
import { person } from "../persons.js";
import { organ } from "../names.js";

const PAGES_MAX = 400;
const parse = (entry) => typeof entry === "string" ? JSON.parse(entry) : entry;

/*
 * { list, size, next } of the entries that fit.  Pages may be empty and go on from `next`; `last`: the newest that many,
 * otherwise from `from` on up to `limit`.  The newest stand first.
 */
export async function entries({ last, from = 0, limit = 1000, onProgress, ...filter } = {}) {
	let size = 0, start = from;
	if (last) {
		({ size } = await get("/ledger/entries", { from: Number.MAX_SAFE_INTEGER, limit: 1 }));
		start = Math.max(0, size - last);
	}
	const list = [];
	let next = start;
	for (let pages = 0; pages < PAGES_MAX; pages++) {
		const page = await get("/ledger/entries", { from: next, limit: limit - list.length, ...filter });
		list.push(...(page.entries || []).map(parse));
		({ next = 0, size = next } = page);
		onProgress?.(next, size);
		if (list.length >= limit || next >= size) break;
	}
	return { list: list.reverse(), size, next };
}

export const typeName = (type) => t(`entry.${type}`, {}, null) ?? t("entry.other", { type });

export function actor(e) {
	const a = e.actor;
	if (!a) return h("span", { class: "soft" }, t("log.itself"));
	if (a.user) return person(a.user);
	if (a.pass) return t("grant.by.pass");
	return a.login ? t("log.login", { login: a.login }) : t("log.itself");
}

// What an entry is about, in a few words.
function about(e) {
	const words = [];
	if (e.number) words.push(e.number);
	if (e.type.startsWith("access.") && e.member) words.push(t("live.member", { n: e.member }));
	for (const key of ["request", "grant", "draft", "review", "delegation", "application", "pass", "hold", "disposal"]) if (e[key]) words.push(e[key]);
	if (e.user && e.type.startsWith("user.")) words.push(person(e.user, e.full_name));
	if (e.decision) words.push(t(`decision.${e.decision}`, {}, ""));
	if (e.result) words.push(t(`state.${e.result}`, {}, ""));
	if (e.why) words.push(t(`why.${e.why}`, {}, null) ?? t(`error.${e.why}`, {}, e.why));
	return words.slice(0, 3).flatMap((word, i) => i ? [" · ", word] : [word]);
}

const plain = (value) => typeof value === "string" ? value : JSON.stringify(value);
function inWords(key, value) {
	if (key === "organ" && typeof value === "string") return organ(value);
	if (key === "bytes" && typeof value === "number") return size(value);
	if (/^(time|until|since|from|stamped_at|wall|before)$/.test(key) && typeof value === "string" && /T/.test(value)) return time(value);
	if (key === "actor") return value ? h("span", {}, Object.entries(value).filter(([k]) => k !== "organ").map(([k, v]) => `${t(`entryfield.${k}`, {}, k)}${t("colon")}${plain(v)}`).join(t("semicolon"))) : t("log.itself");
	if (key === "type") return typeName(value);
	if (Array.isArray(value) && value.every((x) => typeof x === "string")) return value.map((x) => t(`channel.${x}`, {}, null) ?? t(`volume.${x}`, {}, null) ?? x).join(t("word.and"));
	if (value === true || value === false) return t(value ? "yes" : "no");
	if (value !== null && typeof value === "object") return h("code", {}, JSON.stringify(value));
	for (const kind of ["purpose", "channel", "decision", "why", "role", "action"]) if (key === kind) return t(`${kind}.${value}`, {}, String(value));
	return /^[0-9a-f-]{32,}$/.test(String(value)) ? h("code", {}, String(value)) : String(value);
}

export function show(entry, more) {
	dialog(t("log.entry", { seq: entry.seq }), (close) => [
		facts(Object.entries(entry).filter(([k]) => !["v", "salt"].includes(k)).map(([k, v]) => [t(`entryfield.${k}`, {}, k), inWords(k, v)])),
		h("div", { class: "actions" }, more, button(t("close"), close)),
	]);
}

export const entryRows = (list, { small, more, none } = {}) => table([
	{ label: t("log.seq"), number: true, get: (e) => button(String(e.seq), () => show(e, more?.(e)), "quiet small", { "aria-label": t("log.entry", { seq: e.seq }) }), sort: (e) => e.seq },
	{ label: t("log.time"), get: (e) => time(e.time), sort: (e) => e.time },
	{ label: t("log.type"), get: (e) => typeName(e.type) },
	{ label: t("log.who"), get: actor, sort: (e) => e.actor?.user || e.actor?.pass || "" },
	{ label: t("log.what"), get: (e) => h("span", {}, about(e)) },
	small ? null : { label: t("live.from"), get: (e) => e.address || e.actor?.address || "" },
].filter(Boolean), list, { size: 50, caption: t("nav.log"), none: none || empty(t("log.none"), t("log.none.hint")) });
