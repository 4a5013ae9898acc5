/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/damage.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/text.h"

static enum sr_status append(struct sr_verify_report *report, const char *member, const char *what,
                             struct sr_err *err)
{
	size_t count = report->damage_count;
	struct sr_damage *list = realloc(report->damage, (count + 1) * sizeof(*list));
	char *own_member = strdup(member);
	char *own_what = strdup(what);

	if (list)
		report->damage = list;
	if (!list || !own_member || !own_what) {
		free(own_member);
		free(own_what);
		return sr_fail(err, SR_NO_MEMORY, "no memory for damage %zu", count + 1);
	}
	list[count] = (struct sr_damage){ .member = own_member, .what = own_what };
	report->damage_count++;
	return SR_OK;
}

enum sr_status sr_damage_add(struct sr_verify_report *report, struct sr_err *err, const char *member,
                             const char *fmt, ...)
{
	char what[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	sr_text_make_printable(what, sizeof(what));
	return append(report, member, what, err);
}

enum sr_status sr_damage_take(struct sr_verify_report *report, const char *member, enum sr_status status,
                              const struct sr_err *why, struct sr_err *err)
{
	if (status == SR_OK)
		return SR_OK;
	if (status == SR_NO_MEMORY) {
		*err = *why;
		return status;
	}
	return append(report, member, why->text, err);
}
