// SPDX-License-Identifier: Apache-2.0
// Texts of the writing side (gathering, sealing, counter, register, administrators) in Chinese; writing-en.js has the
// same keys.
export default {
	"organ.unknown": "（机关名称未登记）",
	"organ.code.is": "机关代码 {code}",
	"word.unknown": "其他（{word}）",
	"word.and": "、",
};
