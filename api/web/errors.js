// SPDX-License-Identifier: Apache-2.0
// What a refusal says in Chinese.  The appliance's problems carry their sentence in parts, each with its values; the words
// for them are fetched when the first refusal comes.
import { current, t } from "./language.js";
import { time } from "./moments.js";

const files = [() => import("./strings/errors-reading-zh.js"), () => import("./strings/errors-case-zh.js"), () => import("./strings/errors-service-zh.js")];
let sentences = null;

// A place in a case's description, such as /acts/0/place, by the label that its form has.
function place(pointer) {
	const steps = pointer.split("/").filter((step) => step && !/^\d+$/.test(step));
	for (let from = 0; from < steps.length; from++) {
		const label = t(`f.${steps.slice(from).join(".")}`, {}, null);
		if (label) return label;
	}
	return pointer;
}

const word = (value) => sentences[`word ${value}`] ?? value;
const kinds = {
	word,
	words: (value) => value.split(/[,\s]+/).map(word).join("、"),
	role: (value) => t(`role.${value}`, {}, value),
	state: (value) => t(`state.${value}`, {}, value),
	finding: (value) => t(`finding.${value}`, {}, value),
	time,
	place,
	nth: (value) => String(Number(value) + 1),
};

function fill({ form, values = [] }) {
	return sentences[form]?.replace(/\{(\d+)(?: (\w+))?\}/g, (whole, n, kind) => (values[n] === undefined ? whole : kind ? kinds[kind](values[n]) : values[n]));
}

const isContext = ({ form }) => form === "{0}: " || form === "case.json: ";

/*
 * { words, inner }: the whole sentence, and the same without the places in front, for whoever shows it at its place.  Null
 * in English, which is what the appliance's own text is, and where a part has no words here.
 */
export async function worded(parts) {
	if (current() !== "zh" || !parts?.length) return null;
	try {
		sentences ??= Object.assign({}, ...(await Promise.all(files.map((file) => file()))).map((file) => file.default));
	} catch {
		return null;
	}
	const filled = parts.map(fill);
	if (filled.includes(undefined)) return null;
	return { words: filled.join(""), inner: filled.filter((_, i) => !isContext(parts[i])).join("") };
}

// What is wrong with a text that should be JSON, and where, if the browser says so.
export function notJson(error) {
	const at = /line (\d+) column (\d+)/.exec(error.message);
	return at ? t("draft.json.at", { line: at[1], column: at[2] }) : t("draft.json");
}
