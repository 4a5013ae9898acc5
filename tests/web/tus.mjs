// SPDX-License-Identifier: Apache-2.0
// Uploads by tus-js-client, as it is, in Node.  SR_URL, SR_TOKEN, SR_FILE: where, who, what; SR_PIDS is a command that
// ends the server's processes by force.  Three ways: stopped by the user and resumed by another program that remembers
// the address; with the connection lost and the server started anew under it; whole, in pieces with parallel ones refused.
// Prints "upload NAME ADDRESS" for each one that is done.
import { execSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import * as tus from "tus-js-client";

const endpoint = `${process.env.SR_URL}/api/v1/uploads`;
const headers = { Authorization: `Bearer ${process.env.SR_TOKEN}` };
const file = process.env.SR_FILE;
const size = fs.statSync(file).size;
const store = path.join(os.tmpdir(), `tus-${process.pid}.json`);
let failed = 0;
function ok(good, what, why = "") {
	if (!good) failed++;
	console.log(`${good ? "ok" : "not ok"} - tus-js-client: ${what}${good || !why ? "" : `: ${why}`}`);
}

// Begin, or go on; at `stopAt` bytes `stop` is called once.
function run({ resume, ...options }, stopAt, stop) {
	return new Promise((resolve) => {
		let stopped = false;
		const offsets = [];
		const upload = new tus.Upload(fs.createReadStream(file), {
			endpoint, headers, uploadSize: size, metadata: { filename: "现场录像.mp4" }, retryDelays: [0, 200, 500, ...Array(30).fill(2000)],
			urlStorage: new tus.FileUrlStorage(store), fingerprint: () => Promise.resolve("one"), ...options,
			onProgress(sent) {
				offsets.push(sent);
				if (stop && !stopped && sent >= stopAt) {
					stopped = true;
					stop(upload, () => resolve({ url: upload.url, offsets, stopped: true }));
				}
			},
			onError: (error) => resolve({ error, url: upload.url, offsets }),
			onSuccess: () => resolve({ url: upload.url, offsets, done: true }),
		});
		upload.findPreviousUploads().then((before) => {
			if (resume && before.length) upload.resumeFromPreviousUpload(before[0]);
			upload.start();
		});
	});
}

const first = await run({ chunkSize: 1 << 20 }, size / 3, (upload, done) => upload.abort().then(done));
ok(first.stopped && first.url, "an upload is stopped by its user", first.error);
const again = await run({ chunkSize: 1 << 20, resume: true });
ok(again.done && again.url === first.url, "and resumed at its own address", again.error);
ok(again.offsets[0] > 0 && Math.min(...again.offsets) >= size / 4, "from where it was, not from the beginning", again.offsets[0]);
console.log(`upload stopped ${again.url}`);

const killed = await run({ chunkSize: 1 << 20, storeFingerprintForResuming: false }, size / 2, () => execSync(process.env.SR_PIDS));
ok(killed.done, "the server's processes are killed under an upload: it goes on when they are back", killed.error);
console.log(`upload killed ${killed.url}`);

const whole = await run({ storeFingerprintForResuming: false });
ok(whole.done, "one in a single request", whole.error);
const dropped = await tus.Upload.terminate(whole.url, { headers, retryDelays: [] }).then(() => true, (error) => error);
ok(dropped === true, "and terminated", dropped);
const gone = await fetch(whole.url, { method: "HEAD", headers: { ...headers, "Tus-Resumable": "1.0.0" } });
ok(gone.status === 404, "it is gone", gone.status);
const stranger = await run({ headers: { Authorization: `Bearer ${"A".repeat(43)}` }, retryDelays: [], storeFingerprintForResuming: false });
ok(stranger.error?.originalResponse?.getStatus() === 401, "nobody's is refused", stranger.error);
fs.rmSync(store, { force: true });
process.exit(failed ? 1 : 0);
