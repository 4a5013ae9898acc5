// SPDX-License-Identifier: Apache-2.0
// A day in the browser against the real server, role after role (day/*.mjs).  SR_URL and SR_PEOPLE (a JSON file of
// passwords) say where and who; SR_NUMBER, SR_CASE, SR_HOSTILE, SR_PAPER and SR_VERIFIER what is there; SR_STRONGROOM is
// the command line.  SR_PICTURES is a folder for pictures of it; SR_PARTS names the parts to run, with commas.
import { open, close, failures, troubles, ok } from "./day/lib.mjs";

const PARTS = ["ways", "approval", "room", "party", "review", "lost", "keyboard", "traces", "audit"];
const wanted = process.env.SR_PARTS ? process.env.SR_PARTS.split(",") : PARTS;

await open();
for (const name of wanted) {
	const part = await import(`./day/${name}.mjs`);
	try {
		await part.default();
	} catch (error) {
		ok(false, `${name} goes to its end`, error.stack);
	}
	const found = troubles();
	ok(!found.length, `${name}: no error in any console, no report of the policy`, found.join("\n"));
}
await close();
process.exit(failures() ? 1 : 0);
