// SPDX-License-Identifier: Apache-2.0
// RFC 6962 in the browser: a receipt's proof, and the tree of hash tiles against the signed checkpoint (C2SP
// tlog-tiles, tlog-proof, signed-note), all by Web Crypto.
const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
export const hex = (array) => [...array].map((b) => b.toString(16).padStart(2, "0")).join("");
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));
const leaf = (entry) => sha256(new Uint8Array([0]), entry);
const node = (left, right) => sha256(new Uint8Array([1]), left, right);
const equal = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

// { origin, size, root, text, signature, id } of a signed note with one line of `name`.
export function readCheckpoint(note) {
	const split = note.indexOf("\n\n");
	const text = note.slice(0, split + 1);
	const [origin, size, root] = text.split("\n");
	const line = note.slice(split + 2).split("\n").find((l) => l.startsWith(`— ${origin} `));
	if (split < 0 || !line || !/^(0|[1-9]\d*)$/.test(size)) throw new Error("checkpoint");
	const signature = bytes(line.split(" ")[2]);
	return { origin, size: Number(size), root: bytes(root), text, id: signature.slice(0, 4), signature: signature.slice(4) };
}

// Does the verifier key "name+id+base64" vouch for the checkpoint?  Null where the browser has no Ed25519.
export async function verifySignature(checkpoint, verifier) {
	const parts = verifier.trim().split("+");
	const name = parts[0], key = bytes(parts.slice(2).join("+"));
	if (name !== checkpoint.origin || key[0] !== 1 || key.length !== 33) return false;
	const id = (await sha256(new TextEncoder().encode(`${name}\n`), key)).slice(0, 4);
	if (!equal(id, checkpoint.id)) return false;
	let imported;
	try {
		imported = await crypto.subtle.importKey("raw", key.slice(1), { name: "Ed25519" }, false, ["verify"]);
	} catch {
		return null;
	}
	return crypto.subtle.verify({ name: "Ed25519" }, imported, checkpoint.signature, new TextEncoder().encode(checkpoint.text));
}

// RFC 9162 section 2.1.3.2, with each step for the picture.
export async function checkReceipt(text) {
	const lines = text.split("\n");
	if (lines[0] !== "c2sp.org/tlog-proof@v1") throw new Error("receipt");
	const extra = lines[1].match(/^extra (\S+)$/), index = lines[2].match(/^index (\d+)$/);
	const end = lines.indexOf("", 3);
	if (!extra || !index || end < 0) throw new Error("receipt");
	const entry = bytes(extra[1]);
	const path = lines.slice(3, end).map(bytes);
	const checkpoint = readCheckpoint(lines.slice(end + 1).join("\n"));
	let fn = Number(index[1]), sn = checkpoint.size - 1, hash = await leaf(entry);
	const steps = [{ side: null, hash: hex(hash) }];
	let ok = fn <= sn;
	for (const other of path) {
		if (sn === 0) ok = false;
		const mine = hash;
		let side = "right"; // where the neighbour stands
		if (fn % 2 === 1 || fn === sn) {
			side = "left";
			hash = await node(other, hash);
			if (fn % 2 === 0) while (fn % 2 === 0 && fn !== 0) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
		} else {
			hash = await node(hash, other);
		}
		fn = Math.floor(fn / 2);
		sn = Math.floor(sn / 2);
		steps.push({ side, mine: hex(mine), other: hex(other), hash: hex(hash) });
	}
	ok = ok && sn === 0 && equal(hash, checkpoint.root);
	const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(entry));
	ok = ok && value.seq === Number(index[1]);
	steps[steps.length - 1].last = true;
	return { ok, entry: value, checkpoint, steps };
}

const tilePath = (n) => {
	let text = String(n % 1000).padStart(3, "0");
	for (n = Math.floor(n / 1000); n > 0; n = Math.floor(n / 1000)) text = `x${String(n % 1000).padStart(3, "0")}/${text}`;
	return text;
};

async function rootOf(hashes) {
	let level = hashes;
	const spine = [];
	for (let n = hashes.length; n > 0; n = Math.floor(n / 2)) {
		if (n % 2 === 1) spine.push(level[n - 1]);
		const above = [];
		for (let i = 0; i + 1 < n; i += 2) above.push(await node(level[i], level[i + 1]));
		level = above;
	}
	let root = spine.shift();
	for (const hash of spine) root = await node(hash, root);
	return root;
}

// The hashes of leaves from 256 * n: of a partial tile, or of the full one where it has filled up since.
async function leavesOf(fetchRaw, n, width) {
	const path = `/api/v1/ledger/tile/0/${tilePath(n)}`;
	const bytesOf = async (name) => new Uint8Array(await (await fetchRaw(name)).arrayBuffer());
	let tile;
	try {
		tile = await bytesOf(width < 256 ? `${path}.p/${width}` : path);
	} catch (error) {
		if (width === 256 || error.status !== 404) throw error;
		tile = (await bytesOf(path)).slice(0, width * 32);
	}
	return tile.length === width * 32 ? Array.from({ length: width }, (_, i) => tile.slice(i * 32, i * 32 + 32)) : null;
}

// Every hash tile of level 0 against the checkpoint's root: nothing was changed that the root does not show.
export async function checkTree(checkpoint, fetchRaw, onProgress) {
	const hashes = [];
	for (let n = 0; n * 256 < checkpoint.size; n++) {
		const leaves = await leavesOf(fetchRaw, n, Math.min(256, checkpoint.size - n * 256));
		if (!leaves) return false;
		hashes.push(...leaves);
		onProgress?.(hashes.length, checkpoint.size);
	}
	return hashes.length === 0 || equal(await rootOf(hashes), checkpoint.root);
}
