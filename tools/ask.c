/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/base/text.h"

#define LINE_BYTES 8192

bool sr_ask_possible(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* The line without the blanks at its ends. */
static char *trim(char *line)
{
	size_t size = strlen(line);

	while (size > 0 && strchr(" \t\r\n", line[size - 1]))
		line[--size] = 0;
	return line + strspn(line, " \t");
}

enum sr_status sr_ask(const char *question, const char *fallback, char *out, size_t size, struct sr_err *err)
{
	char line[LINE_BYTES];

	for (;;) {
		fprintf(stderr, fallback && fallback[0] ? "%s [%s]: " : "%s: ", question, fallback);
		fflush(stderr);
		if (!fgets(line, sizeof(line), stdin)) {
			fputc('\n', stderr);
			return sr_fail(err, SR_USAGE, "no answer; the options say it, too");
		}
		const char *answer = trim(line);
		if (!answer[0])
			answer = fallback;
		if (!answer)
			continue;
		if (!sr_utf8_is_valid(answer, strlen(answer)))
			return sr_fail(err, SR_USAGE, "the answer is not UTF-8; is the terminal?");
		if (strlen(answer) >= size)
			return sr_fail(err, SR_USAGE, "the answer is over %zu bytes", size - 1);
		memcpy(out, answer, strlen(answer) + 1);
		return SR_OK;
	}
}
