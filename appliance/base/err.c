/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/err_parts.h"
#include "appliance/base/text.h"

/* Defined here as what they are. */
#undef sr_fail
#undef sr_fail_in
#undef sr_fail_errno

static void set_text(struct sr_err *err, const char *fmt, va_list args) SR_PRINTF(2, 0);

/* One line of valid UTF-8, whatever a file name or a library put into it. */
static void set_text(struct sr_err *err, const char *fmt, va_list args)
{
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	sr_text_make_printable(err->text, sizeof(err->text));
}

enum sr_status sr_fail_list(struct sr_err *err, enum sr_status status, const char *fmt, va_list args)
{
	err->sys_errno = 0;
	sr_err_parts_clear(err);
	sr_err_parts_add(err, fmt, args);
	set_text(err, fmt, args);
	return status;
}

enum sr_status sr_fail(struct sr_err *err, enum sr_status status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	sr_fail_list(err, status, fmt, args);
	va_end(args);
	return status;
}

static enum sr_status status_of(int sys_errno)
{
	switch (sys_errno) {
	case ENOENT:
		return SR_NOT_FOUND;
	case EEXIST:
		return SR_EXISTS;
	case EACCES:
	case EPERM:
		return SR_DENIED;
	case ENOMEM:
		return SR_NO_MEMORY;
	default:
		return SR_IO;
	}
}

enum sr_status sr_fail_errno(struct sr_err *err, const char *fmt, ...)
{
	int saved = errno;
	char what[sizeof(err->text) - 128];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	snprintf(err->text, sizeof(err->text), "%s: %s", what, strerror(saved));
	sr_text_make_printable(err->text, sizeof(err->text));
	err->sys_errno = saved;
	sr_err_parts_clear(err);
	return status_of(saved);
}

enum sr_status sr_fail_in(struct sr_err *err, enum sr_status status, const char *fmt, ...)
{
	char inner[sizeof(err->text)];
	va_list args;

	const bool in_parts = err->parts[0];

	memcpy(inner, err->text, sizeof(inner));
	va_start(args, fmt);
	if (in_parts)
		sr_err_parts_add(err, fmt, args);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);

	size_t used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, "%s", inner);
	sr_text_make_printable(err->text, sizeof(err->text));
	return status;
}

const char *sr_status_name(enum sr_status status)
{
	switch (status) {
	case SR_OK:
		return "ok";
	case SR_INVALID:
		return "invalid";
	case SR_USAGE:
		return "usage";
	case SR_NOT_FOUND:
		return "not-found";
	case SR_EXISTS:
		return "exists";
	case SR_DENIED:
		return "denied";
	case SR_BLOCKED:
		return "blocked";
	case SR_BUSY:
		return "busy";
	case SR_LIMIT:
		return "limit";
	case SR_CORRUPT:
		return "corrupt";
	case SR_TAMPERED:
		return "tampered";
	case SR_NO_MEMORY:
		return "no-memory";
	case SR_IO:
		return "io";
	}
	return "unknown";
}
