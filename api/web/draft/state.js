// SPDX-License-Identifier: Apache-2.0
// The draft that is worked on, and what the check said of it last: kept while one goes from tab to tab, let go of
// with the session.
import { get, me, onSession, patch } from "../server.js";

let kept = null; // { id, draft, found }
onSession(() => { kept = null; });

export async function load(id) {
	const draft = await get(`/drafts/${encodeURIComponent(id)}`);
	draft.description ??= {};
	draft.description.members ??= [];
	draft.files ??= [];
	if (kept?.id !== id) kept = { id, draft, found: null };
	kept.draft = draft;
	return draft;
}

// What the check says; asked again after every change.
export function findings(id) {
	if (kept?.id !== id) kept = { id, draft: null, found: null };
	const here = kept;
	here.found ??= get(`/drafts/${encodeURIComponent(id)}/findings`).then((found) => ({ timeline: [], ...found, findings: found.findings || [] }), (error) => {
		here.found = null;
		throw error;
	});
	return here.found;
}

export const changed = (id, found) => {
	if (kept?.id === id) kept.found = found ? Promise.resolve({ timeline: [], ...found, findings: found.findings || [] }) : null;
};

// A check that runs has the draft for a while: wait for it, some seconds, before anybody is told.
export async function patient(work) {
	for (let i = 0; ; i++) {
		try {
			return await work();
		} catch (error) {
			if (error.type !== "Busy" || i === 4) throw error;
			await new Promise((resolve) => { setTimeout(resolve, 1500); });
		}
	}
}

// Change keys of the description: only those are sent, so that what others change stays.
export async function describe(id, keys) {
	const answer = await patient(() => patch(`/drafts/${encodeURIComponent(id)}`, { description: keys }));
	changed(id);
	return answer;
}

// Change one member's row, in the list as it is now: files may have come in meanwhile.
export async function describeMember(id, path, row) {
	const draft = await load(id);
	const members = draft.description.members;
	const index = members.findIndex((m) => m.path === path);
	if (index < 0) members.push({ ...row, path });
	else members[index] = { ...row, path };
	await describe(id, { members });
}

export const isOpen = (draft) => draft.state === "open" || draft.state === "returned";
// Whoever gathers it changes it; an archivist who wants to inspect it leaves it alone.
export const mayEdit = (draft) => isOpen(draft) && (me().role === "handler" || draft.handler === me().user || draft.mine === true);
export const mayReceive = (draft) => me().role === "archivist" && draft.state === "submitted" && !draft.mine;
