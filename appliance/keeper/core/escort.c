/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/escort.h"

#include <stdlib.h>
#include <string.h>

struct watched {
	char grant[SR_LABEL_BYTES];
	char escort[SR_LABEL_BYTES];
	bool present;    /* as it was told */
	int64_t beat_ns; /* the latest beat's arrival, while present */
};

struct sr_escorts {
	sr_escort_changed *changed;
	void *context;
	size_t count;
	struct watched watched[SR_ESCORTS_MAX]; /* 0 to count - 1, in no order */
};

enum sr_status sr_escorts_new(sr_escort_changed *changed, void *context, struct sr_escorts **out,
                              struct sr_err *err)
{
	struct sr_escorts *escorts = calloc(1, sizeof(*escorts));

	if (!escorts)
		return sr_fail(err, SR_NO_MEMORY, "no memory to watch escorts");
	escorts->changed = changed;
	escorts->context = context;
	*out = escorts;
	return SR_OK;
}

void sr_escorts_free(struct sr_escorts *escorts)
{
	free(escorts);
}

enum sr_status sr_escort_may_be(const char *escort, enum sr_role role, const char *reader, struct sr_err *err)
{
	if (strcmp(escort, reader) == 0)
		return sr_fail(err, SR_DENIED, "nobody escorts themselves; name somebody else");
	switch (role) {
	case SR_ROLE_HANDLER:
	case SR_ROLE_ARCHIVIST:
	case SR_ROLE_OFFICIAL:
	case SR_ROLE_SUPERVISOR:
		return SR_OK;
	case SR_ROLE_PARTY:
	case SR_ROLE_AUDITOR:
	case SR_ROLE_SECURITY_ADMIN:
	case SR_ROLE_ADMIN:
		break;
	}
	return sr_fail(err, SR_DENIED, "a user whose role is %s escorts nobody; name one who may see cases",
	               sr_role_name(role));
}

/* --- the table ---------------------------------------------------------------------------------- */

static size_t index_of(const struct sr_escorts *escorts, const char *grant)
{
	size_t i = 0;

	while (i < escorts->count && strcmp(escorts->watched[i].grant, grant) != 0)
		i++;
	return i;
}

/* Present, and the latest beat is not too long ago?  A clock that went back is no reason to read on. */
static bool is_there(const struct watched *watched, int64_t now_ns)
{
	return watched->present && now_ns >= watched->beat_ns &&
	       now_ns - watched->beat_ns < SR_ESCORT_ABSENT_NS;
}

static void tell(struct sr_escorts *escorts, struct watched *watched, enum sr_escort_change change)
{
	watched->present = change == SR_ESCORT_BEGAN;
	escorts->changed(escorts->context, watched->grant, watched->escort, change);
}

enum sr_status sr_escorts_watch(struct sr_escorts *escorts, const char *grant, const char *escort,
                                const char *reader, struct sr_err *err)
{
	if (!sr_label_is_valid(grant) || !sr_label_is_valid(escort) || !sr_label_is_valid(reader))
		return sr_fail(err, SR_INVALID,
		               "grant, escort and reader must be 1 to %d bytes of printable text",
		               SR_LABEL_BYTES - 1);
	if (strcmp(escort, reader) == 0)
		return sr_fail(err, SR_INVALID, "nobody escorts themselves; name somebody else");
	if (index_of(escorts, grant) < escorts->count)
		return sr_fail(err, SR_EXISTS, "grant %s has an escort", grant);
	if (escorts->count == SR_ESCORTS_MAX)
		return sr_fail(err, SR_BUSY, "%d escorted grants are live, no more can be; end one",
		               SR_ESCORTS_MAX);
	struct watched *watched = &escorts->watched[escorts->count++];
	*watched = (struct watched){ 0 };
	sr_label_copy(watched->grant, grant);
	sr_label_copy(watched->escort, escort);
	return SR_OK;
}

bool sr_escorts_forget(struct sr_escorts *escorts, const char *grant, int64_t now_ns)
{
	size_t i = index_of(escorts, grant);

	if (i == escorts->count)
		return false;
	/* Absent but not yet told of: it is told as every absence is. */
	if (escorts->watched[i].present && !is_there(&escorts->watched[i], now_ns))
		tell(escorts, &escorts->watched[i], SR_ESCORT_ABSENT);
	bool was_there = escorts->watched[i].present;
	escorts->watched[i] = escorts->watched[--escorts->count];
	return was_there;
}

/* --- time --------------------------------------------------------------------------------------- */

enum sr_status sr_escorts_beat(struct sr_escorts *escorts, const char *grant, const char *user,
                               int64_t now_ns, int64_t *answer_ns, struct sr_err *err)
{
	size_t i = index_of(escorts, grant);

	if (i == escorts->count || strcmp(escorts->watched[i].escort, user) != 0)
		return sr_fail(err, SR_DENIED, "you escort no such live grant");
	struct watched *watched = &escorts->watched[i];
	/* They were away and the tick has not said so: readers must lose what they held before it goes on. */
	if (watched->present && !is_there(watched, now_ns))
		tell(escorts, watched, SR_ESCORT_ABSENT);
	watched->beat_ns = now_ns;
	if (!watched->present)
		tell(escorts, watched, SR_ESCORT_BEGAN);
	*answer_ns = now_ns + SR_ESCORT_HOLD_NS;
	return SR_OK;
}

void sr_escorts_leave(struct sr_escorts *escorts, const char *user)
{
	for (size_t i = 0; i < escorts->count; i++) {
		struct watched *watched = &escorts->watched[i];

		if (watched->present && strcmp(watched->escort, user) == 0)
			tell(escorts, watched, SR_ESCORT_CLOSED);
	}
}

bool sr_escorts_may_read(const struct sr_escorts *escorts, const char *grant, int64_t now_ns)
{
	size_t i = index_of(escorts, grant);

	return i < escorts->count && is_there(&escorts->watched[i], now_ns);
}

int64_t sr_escorts_tick(struct sr_escorts *escorts, int64_t now_ns)
{
	int64_t next_ns = INT64_MAX;

	for (size_t i = 0; i < escorts->count; i++) {
		struct watched *watched = &escorts->watched[i];

		if (!watched->present)
			continue;
		if (!is_there(watched, now_ns)) {
			tell(escorts, watched, SR_ESCORT_ABSENT);
			continue;
		}
		if (watched->beat_ns + SR_ESCORT_ABSENT_NS < next_ns)
			next_ns = watched->beat_ns + SR_ESCORT_ABSENT_NS;
	}
	return next_ns;
}
