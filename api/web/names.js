// SPDX-License-Identifier: Apache-2.0
// Names for codes: organs by the list that the keeper has (asked for once a session), words of the vocabulary by the
// strings.  Nothing that people read is a code.
import { h } from "./ui.js";
import { t } from "./language.js";
import { me, command, onSession } from "./server.js";

let known = null; // a promise of Map(code → organ)
let ready = new Map();
let owner = "";
onSession((who) => {
	if (owner !== (who?.session || "")) {
		known = null;
		ready = new Map();
	}
	owner = who?.session || "";
});

// All organs, code → { organ, name, level, parent }.  Who comes with a pass may list none.
export function organs() {
	if (!me() || me().role === "party") return Promise.resolve(ready);
	known ??= command("ListOrgans").then(({ organs: list = [] }) => {
		ready = new Map(list.map((o) => [o.organ, o]));
		return ready;
	}, (error) => {
		known = null;
		throw error;
	});
	return known;
}
// After an organ was added.
export const forgetOrgans = () => { known = null; };

// The organ's name as a node; `name` where the answer says it.  The code stands in the title, for those who want it.
export function organ(code, name) {
	if (!code) return name || "";
	const there = name || ready.get(code)?.name;
	const node = h("span", { title: t("organ.code.is", { code }) }, there || "……");
	if (!there) {
		organs().then((list) => { node.textContent = list.get(code)?.name || t("organ.unknown"); },
			() => { node.textContent = t("organ.unknown"); });
	}
	return node;
}
// [code, name] of all of them, for a choice; the highest first.
export async function organChoices() {
	const rank = { province: 0, city: 1, county: 2 };
	return [...(await organs()).values()].sort((a, b) => (rank[a.level] ?? 9) - (rank[b.level] ?? 9) || a.name.localeCompare(b.name, "zh-Hans-CN"))
		.map((o) => [o.organ, o.name]);
}

// word("purpose", "party") → 当事人查阅; several: words("clearance", ["privacy"]).  What the strings do not know is
// said to be unknown, with the word itself: it was written by a newer server.
export const word = (kind, code) => code === undefined || code === null || code === "" ? ""
	: t(`${kind}.${code}`, {}, null) ?? t("word.unknown", { word: code });
export const words = (kind, list) => [list].flat().filter(Boolean).map((code) => word(kind, code)).join(t("word.and"));
