// SPDX-License-Identifier: Apache-2.0
// Chinese with an English switch.  The choice is kept in the address of no page and in one cookie-free place:
// the session's own storage, which ends with the tab.
const files = { zh: () => import("./strings/zh.js"), en: () => import("./strings/en.js") };
let language = "zh";
try {
	language = sessionStorage.getItem("language") === "en" ? "en" : "zh";
} catch {
	// storage may be closed: Chinese then
}
// One language at a time is fetched.
let strings = (await files[language]()).default;

export const current = () => language;

// Fetches the language's words; what is shown is drawn anew by the caller, once this is done.
export async function choose(name) {
	strings = (await files[name]()).default;
	language = name;
	document.documentElement.lang = name === "zh" ? "zh-CN" : "en";
	try {
		sessionStorage.setItem("language", name);
	} catch {
		// kept for this page alone
	}
}

// The text of `key` with {names} filled in, {count:case|cases} by their number; `fallback` where there is none (the key itself without one).
export function t(key, names = {}, fallback = key) {
	const text = strings[key];
	if (text === undefined) return fallback;
	return text.replace(/\{(\w+):([^|}]*)\|([^}]*)\}/g, (whole, name, one, many) => (Number(names[name]) === 1 ? one : many)).replace(/\{(\w+)\}/g, (whole, name) => (name in names ? String(names[name]) : whole));
}
