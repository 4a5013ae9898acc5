/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/base/text.h"

static const char *prefix_of(enum sr_log_level level)
{
	switch (level) {
	case SR_LOG_ERROR:
		return "strongroom: error: ";
	case SR_LOG_WARNING:
		return "strongroom: warning: ";
	case SR_LOG_NOTICE:
		return "strongroom: ";
	}
	return "strongroom: ";
}

void sr_log(enum sr_log_level level, const char *fmt, ...)
{
	char text[900];
	char line[1000];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	sr_text_make_printable(text, sizeof(text));
	int size = snprintf(line, sizeof(line), "%s%s\n", prefix_of(level), text);
	if (size > 0 && write(STDERR_FILENO, line, (size_t)size) < 0)
		return; /* nowhere left to say it */
}
