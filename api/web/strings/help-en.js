// SPDX-License-Identifier: Apache-2.0
// The help page of each role in English; help-zh.js has the same shape.
export default {
	handler: {
		day: [
			"When a case has ended, make a draft with the number exactly as on the papers. It must be filed within thirty days; the first view lists drafts by the days that are left.",
			"Drop documents, recordings and explanations on the page. After a break drop the same file again: the upload goes on where it was cut.",
			"Fill in the case, and for each recording who collected it, when, where and what it proves; sound also needs a transcript.",
			"Look at the findings: blockers must be mended before sealing; defects are past facts that cannot be, and are answered with a statement signed by handler and head.",
			"Check the order of main and sub volume and submit. What is returned says why; mend it and submit again.",
			"To read a sealed case, find it and ask for it.",
		],
		ask: [
			["Can I change what I submitted?", "Not while it is inspected: ask the archivist to return it. A sealed case never changes; a supplement can be added."],
			["Why may I not approve or seal what I prepared?", "Preparing and inspecting are two people's work; the system refuses."],
			["What of rare characters in file names?", "Leave them: names are kept as they are."],
		],
	},
	archivist: {
		day: [
			"Look at what was submitted. Return what lacks something, with the reason; seal what is complete.",
			"Print cover, list, record and the certificate of sealing.",
			"Compare the register with the archives and remind handlers.",
			"At the counter check the identity of parties, lawyers and courts, file the request and attach their papers.",
			"After approval check the identity again, print the one-time pass and hand it over. It is shown once.",
			"Check the archives' fixity from time to time, and attend to the warnings.",
		],
		ask: [
			["A pass was lost?", "Issue another; the first one ends."],
			["What of applications from the web?", "They stand at the counter's view; file the request for them, and the applicant sees the progress by code."],
			["What does a failed check mean?", "The archive differs from what was sealed, often by a failing disk. Delete nothing; the administrator restores it."],
		],
	},
	official: {
		day: [
			"The first view lists what waits for you: who asks, why, for what, and since when. Over three working days is red.",
			"Open a request and decide on the same page. You can take away files, channels and days; you cannot add.",
			"Files above the reader's clearances are not ticked; tick them one by one where they are needed.",
			"Where two must approve, what both approve counts, and nothing is read before the second.",
			"\"Reading now\" shows who reads what; a stop also ends a recording that plays.",
			"Before you leave, name a deputy with first and last day.",
			"In the figures, open a bar to see the cases behind it.",
		],
		ask: [
			["May I approve my own request?", "No. Of cases that you handled you may, and it is written down."],
			["Can I take an approval back?", "At any time, under grants or \"reading now\"; it counts at once."],
			["What is an escorted reading?", "It works only while the escort keeps their page open, and stops five seconds after they leave."],
		],
	},
	supervisor: {
		day: [
			"Draw a sample by year, count and seed. Choose the seed in public: anybody can draw again.",
			"The draw also asks to read the sample; when the organ's official approves, you read.",
			"Read in the viewing room, or in the mounted folder with your own programs.",
			"Score each item of the sheet; one veto fails the case. Findings name the file and page, or the time in a recording.",
			"When a finding was mended, check and close it, or hand it back.",
			"See weak points in the figures, and newly sealed defects and ending grants in the warnings.",
		],
		ask: [
			["May I review a case that I handled?", "No; the draw leaves it out."],
			["My grant ends soon?", "Ask again; after its end nothing can be read."],
			["Why is there a watermark on every page?", "It names reader, official and time, on the screen and on paper."],
		],
	},
	party: {
		day: [
			"Apply on the sign-in page with the case number, your name, identity number, telephone and reason. Keep the code that you get.",
			"Follow your application by its code: the stage, the day it is due, the reason of a refusal.",
			"After approval, fetch a one-time pass at the counter with your identity card.",
			"Enter the pass on the sign-in page; you can read for two hours.",
			"Save receipts in the viewing room: they prove that your reading is in the log.",
		],
		ask: [
			["My pass is not valid?", "It is used once, and ends with the grant. Ask at the counter."],
			["May I have copies?", "Say so when you apply; the counter makes them after approval."],
			["How do I check a receipt?", "On the sign-in page, with the receipt's file and the key that the organ published."],
		],
	},
	auditor: {
		day: [
			"Filter the log by kind, person, day or id.",
			"\"Verify the log\": this browser computes all hashes and checks the signature, then the keeper walks through all entries.",
			"Look at unusual readings; have the security administrator stop what must be stopped.",
			"Check receipts that others show, step by step.",
			"Take checkpoints away from time to time: later they prove that the log only grew.",
		],
		ask: [
			["Why do I see no names of cases?", "An auditor checks what was done, not what cases contain."],
			["The verification failed?", "Note the number, stop using the appliance and report it; do not restart or repair."],
		],
	},
	"security-admin": {
		day: [
			"The first view lists proposals: what holds now, and what is proposed.",
			"Check role, organ and clearances against the mandate. A confirmation counts at once; a refusal has a reason.",
			"Stop readings that should not be.",
			"When the clock is in doubt, confirm it together with the administrator.",
		],
		ask: [
			["Why may I not add people myself?", "One proposes, another confirms."],
			["What does disabling do?", "Sessions, grants and deputies of the user end at once."],
		],
	},
	admin: {
		day: [
			"Propose people, roles, organs and clearances; the security administrator confirms.",
			"Watch disk, backup, certificate and clock in the status.",
			"Propose the approval table; an official confirms it.",
			"Back up daily and practise restoring; configuration is changed on the server.",
		],
		ask: [
			["Why do I see no cases?", "Administrators keep the system and read nothing."],
			["How do I hand over a new password?", "It is shown once: hand it over in person, and have it changed."],
		],
	},
	words: [
		["Case", "all papers and recordings of one closed matter, known by its number."],
		["Main and sub volume", "the main volume may be read by law; the sub volume stays within the organ."],
		["Seal", "make the archive: fixed, signed and time-stamped."],
		["Grant", "an official's approval: reader, scope, channels and period."],
		["Log", "grows only; whatever is deleted, changed or moved shows."],
		["Receipt", "an offline proof that something is in the log."],
		["Finding", "what one rule says of a case: blocker, defect or warning."],
		["Hold", "stops disposal of a case."],
	],
};
