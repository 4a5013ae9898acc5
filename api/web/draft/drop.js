// SPDX-License-Identifier: Apache-2.0
// What was dropped or picked, as files with the paths that they get in the case folder (docs/CASE.md).
const homes = ["documents", "media", "explanations"];
const recordings = /\.(mp4|m4v|mov|avi|mkv|webm|mpg|mpeg|ts|3gp|mp3|wav|m4a|aac|ogg|flac|wma|amr)$/i;
const pictures = /\.(jpe?g|png|gif|bmp|webp|tiff?|heic)$/i;
const litter = /^(\.|~\$|Thumbs\.db$|desktop\.ini$|__MACOSX$)/i;

const readAll = async (reader) => {
	const list = [];
	for (;;) {
		const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
		if (!some.length) return list;
		list.push(...some);
	}
};

async function walk(entry, path, out) {
	if (litter.test(entry.name)) return;
	if (entry.isDirectory) {
		for (const child of await readAll(entry.createReader())) await walk(child, `${path}${entry.name}/`, out);
	} else {
		out.push({ file: await new Promise((resolve, reject) => { entry.file(resolve, reject); }), path: `${path}${entry.name}` });
	}
}

// The entries must be taken before the event ends.
export async function dropped(transfer) {
	const entries = [...transfer.items].map((i) => i.webkitGetAsEntry?.()).filter(Boolean);
	const files = [...transfer.files];
	const out = [];
	if (!entries.length) return files.map((file) => ({ file, path: file.name }));
	for (const entry of entries) await walk(entry, "", out);
	return out;
}
export const picked = (files) => [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }))
	.filter(({ path }) => !path.split("/").some((part) => litter.test(part)));

export const classOf = (path) => path.startsWith("explanations/") ? "explanation" : path.startsWith("media/") ? "medium" : "document";
// "003 现场检查笔录.pdf" → 现场检查笔录
const titleOf = (path) => path.split("/").at(-1).replace(/\.[^.]*$/, "").replace(/^[\d\s._、-]+(?=\S)/, "") || path;

/*
 * → { files: [{ file, path, description }], description: File or null }.  A whole case folder keeps its paths below
 * documents, media and explanations; loose files go by their kind; case.json of a folder is its description.
 */
export function arrange(list, described = []) {
	let description = null;
	const known = new Set(described.map((m) => m.path));
	const files = [];
	for (const { file, path } of list) {
		let parts = path.split("/");
		const home = parts.findIndex((part, i) => i < parts.length - 1 && homes.includes(part));
		if (home >= 0) parts = parts.slice(home);
		else if (parts.at(-1) === "case.json" && parts.length <= 2) { description = file; continue; }
		else {
			const inner = parts.length > 1 ? parts.slice(1) : parts; // the dropped folder's own name is none of the case's
			parts = [recordings.test(path) || pictures.test(path) ? "media" : "documents", ...inner];
		}
		const to = parts.join("/");
		files.push({ file, path: to, description: known.has(to) ? undefined : { path: to, class: classOf(to), title: titleOf(to), volume: "main" } });
	}
	files.sort((a, b) => a.path.localeCompare(b.path, "zh-Hans-CN", { numeric: true }));
	return { files, description };
}
