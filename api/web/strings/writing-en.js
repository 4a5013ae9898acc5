// SPDX-License-Identifier: Apache-2.0
// Texts of the writing side (gathering, sealing, counter, register, administrators) in English; writing-zh.js has the
// same keys.
export default {
	"organ.unknown": "(organ without a name)",
	"organ.code.is": "Organ code {code}",
	"word.unknown": "other ({word})",
	"word.and": ", ",
};
