/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/findings.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "tools/output.h"

static const struct {
	const char *severity;
	const char *label;
} severities[] = {
	{ "blocker", "须补正 blocker" },
	{ "defect", "程序缺陷 defect" },
	{ "warning", "提示 warning" },
};

static void print_line(const char *indent, const char *text)
{
	if (!text || !text[0])
		return;
	fputs(indent, stdout);
	sr_output_text(text);
	putchar('\n');
}

static void print_finding(const json_t *finding, const char *label)
{
	const char *member = sr_json_text(finding, "member");
	const char *place = sr_json_text(finding, "place");

	sr_output_text(sr_json_text(finding, "code"));
	printf("  %s  ", label);
	sr_output_text(sr_json_text(finding, "article"));
	if (member || place) {
		fputs("  ", stdout);
		sr_output_text(member ? member : place);
	}
	putchar('\n');
	print_line("    ", sr_json_text(finding, "zh"));
	print_line("    ", sr_json_text(finding, "en"));
	print_line("    → ", sr_json_text(finding, "fix_zh"));
	print_line("    → ", sr_json_text(finding, "fix_en"));
}

void sr_findings_print(const json_t *check)
{
	const json_t *list = json_object_get(check, "findings");
	size_t index;
	json_t *finding;

	for (size_t s = 0; s < SR_COUNT(severities); s++) {
		json_array_foreach(list, index, finding) {
			const char *severity = sr_json_text(finding, "severity");

			if (severity && strcmp(severity, severities[s].severity) == 0)
				print_finding(finding, severities[s].label);
		}
	}
	const char *rulebook = sr_json_text(check, "rulebook"); /* `check` alone says it */

	printf("%lld blockers (须补正), %lld defects (程序缺陷), %lld warnings (提示)",
	       (long long)json_integer_value(json_object_get(check, "blockers")),
	       (long long)json_integer_value(json_object_get(check, "defects")),
	       (long long)json_integer_value(json_object_get(check, "warnings")));
	if (rulebook) {
		fputs("; rulebook (规则包) ", stdout);
		sr_output_text(rulebook);
	}
	putchar('\n');
}
