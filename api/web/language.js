// SPDX-License-Identifier: Apache-2.0
// Chinese with an English switch.  The choice is kept in the address of no page and in one cookie-free place:
// the session's own storage, which ends with the tab.
import zh from "./strings/zh.js";
import en from "./strings/en.js";

const all = { zh, en };
let language = "zh";
try {
	language = sessionStorage.getItem("language") === "en" ? "en" : "zh";
} catch {
	// storage may be closed: Chinese then
}

export const current = () => language;

export function choose(name) {
	language = name;
	document.documentElement.lang = name === "zh" ? "zh-CN" : "en";
	try {
		sessionStorage.setItem("language", name);
	} catch {
		// kept for this page alone
	}
}

// The text of `key` with {names} filled in; `fallback` where there is none (the key itself without one).
export function t(key, names = {}, fallback = key) {
	const text = all[language][key] ?? all.zh[key];
	if (text === undefined) return fallback;
	return text.replace(/\{(\w+)\}/g, (whole, name) => (name in names ? String(names[name]) : whole));
}
