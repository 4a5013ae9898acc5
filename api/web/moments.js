// SPDX-License-Identifier: Apache-2.0
// Moments as people write them, in the time of China.
import { t } from "./language.js";

export function time(text) {
	if (!text) return "";
	const date = new Date(text);
	if (Number.isNaN(date.getTime())) return text;
	return new Intl.DateTimeFormat(t("locale"), { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Shanghai" }).format(date);
}
