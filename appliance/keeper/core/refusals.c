/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/refusals.h"

#include <stdlib.h>
#include <string.h>

/* What waits to be summed. */
struct sum {
	uint64_t count;
	int64_t since_ns, until_ns;
	char why[SR_LABEL_BYTES];
};

/* A user's hour; it begins with a refusal and is forgotten when it is over and its sum is written. */
struct hour {
	char user[SR_LABEL_BYTES];
	int64_t began_ns;
	unsigned written; /* entries of its own */
	struct sum sum;
};

struct sr_refusals {
	int64_t now_ns; /* the latest that was seen */

	bool stranger_written; /* at stranger_ns */
	int64_t stranger_ns;
	struct sum strangers;
	bool named; /* all who wait gave stranger_user */
	char stranger_user[SR_LABEL_BYTES];
	unsigned addresses;
	bool more_addresses;
	char address[SR_REFUSALS_ADDRESSES][SR_LABEL_BYTES];

	struct hour rest; /* all users beyond the table */
	size_t users;
	struct hour hours[SR_REFUSALS_USERS];
};

enum sr_status sr_refusals_new(struct sr_refusals **out, struct sr_err *err)
{
	struct sr_refusals *refusals = calloc(1, sizeof(*refusals));

	if (!refusals)
		return sr_fail(err, SR_NO_MEMORY, "no memory to count refusals");
	refusals->now_ns = INT64_MIN;
	*out = refusals;
	return SR_OK;
}

void sr_refusals_free(struct sr_refusals *refusals)
{
	free(refusals);
}

/* --- sums --------------------------------------------------------------------------------------- */

static int64_t forward(struct sr_refusals *refusals, int64_t now_ns)
{
	if (now_ns > refusals->now_ns)
		refusals->now_ns = now_ns;
	return refusals->now_ns;
}

static int64_t after(int64_t time_ns, int64_t span_ns)
{
	int64_t sum_ns;

	return __builtin_add_overflow(time_ns, span_ns, &sum_ns) ? INT64_MAX : sum_ns;
}

static void sum_add(struct sum *sum, const char *why, int64_t now_ns)
{
	if (!sr_label_is_valid(why))
		why = SR_REFUSALS_MIXED;
	if (sum->count == 0) {
		sum->since_ns = now_ns;
		sr_label_copy(sum->why, why);
	} else if (strcmp(sum->why, why) != 0) {
		sr_label_copy(sum->why, SR_REFUSALS_MIXED);
	}
	sum->count++;
	sum->until_ns = now_ns;
}

/* Move a sum into an entry. */
static void sum_take(struct sum *sum, enum sr_refusal_kind kind, const char *user,
                     struct sr_refusal_entry *out)
{
	*out = (struct sr_refusal_entry){
		.kind = kind, .count = sum->count, .since_ns = sum->since_ns, .until_ns = sum->until_ns
	};
	sr_label_copy(out->user, user);
	sr_label_copy(out->why, sum->why);
	*sum = (struct sum){ 0 };
}

/* --- without a session -------------------------------------------------------------------------- */

static void note_address(struct sr_refusals *refusals, const char *address)
{
	if (!sr_label_is_valid(address)) {
		refusals->more_addresses = true;
		return;
	}
	for (unsigned i = 0; i < refusals->addresses; i++) {
		if (strcmp(refusals->address[i], address) == 0)
			return;
	}
	if (refusals->addresses == SR_REFUSALS_ADDRESSES)
		refusals->more_addresses = true;
	else
		sr_label_copy(refusals->address[refusals->addresses++], address);
}

static void note_name(struct sr_refusals *refusals, const char *known_user)
{
	bool valid = sr_label_is_valid(known_user);

	if (refusals->strangers.count == 0) {
		refusals->named = valid;
		sr_label_copy(refusals->stranger_user, valid ? known_user : "");
	} else if (!valid || strcmp(refusals->stranger_user, known_user) != 0) {
		refusals->named = false;
	}
}

static bool stranger_is_due(const struct sr_refusals *refusals, int64_t now_ns)
{
	return refusals->strangers.count > 0 &&
	       (!refusals->stranger_written ||
	        now_ns >= after(refusals->stranger_ns, SR_REFUSALS_STRANGER_NS));
}

static void take_strangers(struct sr_refusals *refusals, struct sr_refusal_entry *out)
{
	sum_take(&refusals->strangers, SR_REFUSAL_STRANGERS, refusals->named ? refusals->stranger_user : "",
	         out);
	out->addresses = refusals->addresses;
	out->more_addresses = refusals->more_addresses;
	memcpy(out->address, refusals->address, sizeof(out->address));
	refusals->addresses = 0;
	refusals->more_addresses = false;
	memset(refusals->address, 0, sizeof(refusals->address));
	refusals->stranger_written = true;
	refusals->stranger_ns = refusals->now_ns;
}

bool sr_refusals_stranger(struct sr_refusals *refusals, const char *address, const char *known_user,
                          const char *why, int64_t now_ns, struct sr_refusal_entry *out)
{
	now_ns = forward(refusals, now_ns);
	note_address(refusals, address);
	note_name(refusals, known_user);
	sum_add(&refusals->strangers, why, now_ns);
	if (!stranger_is_due(refusals, now_ns))
		return false;
	take_strangers(refusals, out);
	return true;
}

/* --- with a session ----------------------------------------------------------------------------- */

static int64_t hour_end_ns(const struct hour *hour)
{
	return after(hour->began_ns, SR_REFUSALS_USER_NS);
}

/* An hour that is over and has nothing to say makes room. */
static void drop_silent(struct sr_refusals *refusals, int64_t now_ns)
{
	for (size_t i = 0; i < refusals->users;) {
		struct hour *hour = &refusals->hours[i];

		if (hour->sum.count == 0 && now_ns >= hour_end_ns(hour))
			*hour = refusals->hours[--refusals->users];
		else
			i++;
	}
}

/* The user's hour, a new one, or the one of the rest. */
static struct hour *hour_of(struct sr_refusals *refusals, const char *user, int64_t now_ns)
{
	for (size_t i = 0; i < refusals->users; i++) {
		if (strcmp(refusals->hours[i].user, user) == 0)
			return &refusals->hours[i];
	}
	if (refusals->users == SR_REFUSALS_USERS)
		drop_silent(refusals, now_ns);
	if (refusals->users == SR_REFUSALS_USERS || !sr_label_is_valid(user))
		return &refusals->rest;
	struct hour *hour = &refusals->hours[refusals->users++];
	*hour = (struct hour){ .began_ns = now_ns };
	sr_label_copy(hour->user, user);
	return hour;
}

bool sr_refusals_user(struct sr_refusals *refusals, const char *user, const char *why, int64_t now_ns,
                      struct sr_refusal_entry *out)
{
	now_ns = forward(refusals, now_ns);
	struct hour *hour = hour_of(refusals, user, now_ns);
	bool is_rest = hour == &refusals->rest;

	/* A new hour, unless the old one still has its sum to be written. */
	if (hour->sum.count == 0 && (is_rest || now_ns >= hour_end_ns(hour))) {
		hour->began_ns = now_ns;
		hour->written = 0;
	}
	if (is_rest || hour->sum.count > 0 || hour->written == SR_REFUSALS_OF_USER) {
		sum_add(&hour->sum, why, now_ns);
		return false;
	}
	struct sum one = { 0 };
	sum_add(&one, why, now_ns);
	sum_take(&one, SR_REFUSAL_ONE, hour->user, out);
	hour->written++;
	return true;
}

/* --- timers ------------------------------------------------------------------------------------- */

/* A user's sum that is due, or any. */
static bool take_hour(struct sr_refusals *refusals, int64_t now_ns, bool any, struct sr_refusal_entry *out)
{
	for (size_t i = 0; i < refusals->users; i++) {
		struct hour *hour = &refusals->hours[i];

		if (hour->sum.count == 0 || !(any || now_ns >= hour_end_ns(hour)))
			continue;
		sum_take(&hour->sum, SR_REFUSAL_SUM, hour->user, out);
		return true;
	}
	if (refusals->rest.sum.count == 0 || !(any || now_ns >= hour_end_ns(&refusals->rest)))
		return false;
	sum_take(&refusals->rest.sum, SR_REFUSAL_REST, "", out);
	return true;
}

bool sr_refusals_due(struct sr_refusals *refusals, int64_t now_ns, struct sr_refusal_entry *out)
{
	now_ns = forward(refusals, now_ns);
	if (stranger_is_due(refusals, now_ns)) {
		take_strangers(refusals, out);
		return true;
	}
	return take_hour(refusals, now_ns, false, out);
}

bool sr_refusals_flush(struct sr_refusals *refusals, struct sr_refusal_entry *out)
{
	if (refusals->strangers.count > 0) {
		take_strangers(refusals, out);
		return true;
	}
	return take_hour(refusals, refusals->now_ns, true, out);
}

int64_t sr_refusals_next_ns(const struct sr_refusals *refusals)
{
	int64_t next_ns = INT64_MAX;

	if (refusals->strangers.count > 0)
		next_ns = after(refusals->stranger_ns, SR_REFUSALS_STRANGER_NS);
	for (size_t i = 0; i <= refusals->users; i++) {
		const struct hour *hour = i < refusals->users ? &refusals->hours[i] : &refusals->rest;

		if (hour->sum.count > 0 && hour_end_ns(hour) < next_ns)
			next_ns = hour_end_ns(hour);
	}
	return next_ns;
}

uint64_t sr_refusals_pending(const struct sr_refusals *refusals)
{
	uint64_t count = refusals->strangers.count + refusals->rest.sum.count;

	for (size_t i = 0; i < refusals->users; i++)
		count += refusals->hours[i].sum.count;
	return count;
}
