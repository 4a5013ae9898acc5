/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/backoff.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/crypto/digest.h"

struct record {
	struct sr_digest pair;
	struct sr_digest address;
	int64_t times_ns[SR_BACKOFF_FREE]; /* the latest failures, a ring */
	int64_t last_ns;
	int64_t blocked_until_ns;
	int64_t before_ns; /* blocked_until_ns before the latest attempt, for cancel */
	uint64_t failures; /* in a row */
	unsigned waits;    /* imposed so far */
	bool waited;       /* the latest attempt imposed one */
};

struct sr_backoff {
	size_t count;
	struct record records[SR_BACKOFF_PAIRS]; /* 0 to count - 1, in no order */
};

struct key {
	struct sr_digest pair;
	struct sr_digest address;
};

enum sr_status sr_backoff_new(struct sr_backoff **out, struct sr_err *err)
{
	struct sr_backoff *backoff = calloc(1, sizeof(*backoff));

	if (!backoff)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the back-off of passwords");
	*out = backoff;
	return SR_OK;
}

void sr_backoff_free(struct sr_backoff *backoff)
{
	free(backoff);
}

size_t sr_backoff_count(const struct sr_backoff *backoff)
{
	return backoff->count;
}

/* --- who and from where ------------------------------------------------------------------------- */

struct sr_bytes sr_backoff_address(const char *address, uint8_t ip[16])
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	if (inet_pton(AF_INET, address, ip) == 1)
		return (struct sr_bytes){ .data = ip, .size = 4 };
	if (inet_pton(AF_INET6, address, ip) != 1)
		return (struct sr_bytes){ .data = (const uint8_t *)address, .size = strlen(address) };
	if (memcmp(ip, mapped, sizeof(mapped)) == 0)
		return (struct sr_bytes){ .data = ip + sizeof(mapped), .size = 4 };
	return (struct sr_bytes){ .data = ip, .size = 8 };
}

static enum sr_status make_key(const struct sr_backoff_pair *pair, struct key *out, struct sr_err *err)
{
	SR_CLEANUP(sr_hasher_freep) struct sr_hasher *hasher = NULL;
	uint8_t ip[16];
	struct sr_bytes address = sr_backoff_address(pair->address, ip);

	SR_TRY(sr_digest_of(address.data, address.size, &out->address, err));
	SR_TRY(sr_hasher_new(&hasher, err));
	SR_TRY(sr_hasher_add(hasher, out->address.bytes, sizeof(out->address.bytes), err));
	SR_TRY(sr_hasher_add(hasher, pair->user, strlen(pair->user), err));
	return sr_hasher_finish(hasher, &out->pair, err);
}

static struct record *find(struct sr_backoff *backoff, const struct key *key)
{
	for (size_t i = 0; i < backoff->count; i++) {
		if (sr_digest_equal(&backoff->records[i].pair, &key->pair))
			return &backoff->records[i];
	}
	return NULL;
}

/* --- a bounded table ---------------------------------------------------------------------------- */

static void drop(struct sr_backoff *backoff, struct record *record)
{
	*record = backoff->records[--backoff->count];
}

static bool is_forgotten(const struct record *record, int64_t now_ns)
{
	int64_t from =
		record->last_ns > record->blocked_until_ns ? record->last_ns : record->blocked_until_ns;

	return now_ns - from >= SR_BACKOFF_FORGET_S * SR_SECOND_NS;
}

/* Better to be dropped than @other: fewer waits, then longer ago.  So new names push out no long wait. */
static bool matters_less(const struct record *record, const struct record *other)
{
	if (record->waits != other->waits)
		return record->waits < other->waits;
	return record->last_ns < other->last_ns;
}

/* Make room for one more of @address: its own first, where it has its share. */
static void make_room(struct sr_backoff *backoff, const struct sr_digest *address, int64_t now_ns)
{
	struct record *least = NULL, *least_own = NULL;
	size_t own = 0;

	for (size_t i = 0; i < backoff->count;) {
		struct record *record = &backoff->records[i];

		if (is_forgotten(record, now_ns)) {
			drop(backoff, record);
			continue;
		}
		if (!least || matters_less(record, least))
			least = record;
		if (sr_digest_equal(&record->address, address)) {
			own++;
			if (!least_own || matters_less(record, least_own))
				least_own = record;
		}
		i++;
	}
	if (least_own && own >= SR_BACKOFF_PAIRS_OF_ADDRESS)
		drop(backoff, least_own);
	else if (least && backoff->count >= SR_BACKOFF_PAIRS)
		drop(backoff, least);
}

static struct record *add(struct sr_backoff *backoff, const struct key *key, int64_t now_ns)
{
	make_room(backoff, &key->address, now_ns);
	struct record *record = &backoff->records[backoff->count++];
	*record =
		(struct record){ .pair = key->pair, .address = key->address, .blocked_until_ns = INT64_MIN };
	return record;
}

/* --- counting ----------------------------------------------------------------------------------- */

static int64_t wait_ns(unsigned waits)
{
	int64_t wait_s = SR_BACKOFF_WAIT_S;

	for (unsigned i = 1; i < waits && wait_s < SR_BACKOFF_WAIT_MAX_S; i++)
		wait_s *= 2;
	return (wait_s < SR_BACKOFF_WAIT_MAX_S ? wait_s : SR_BACKOFF_WAIT_MAX_S) * SR_SECOND_NS;
}

/* Is this failure one too many?  After the first wait every one is. */
static bool must_wait(const struct record *record, int64_t now_ns)
{
	if (record->waits > 0 || record->failures >= SR_BACKOFF_SLOW)
		return true;
	if (record->failures < SR_BACKOFF_FREE)
		return false;
	/* The ring's next place holds the oldest of the latest five. */
	return now_ns - record->times_ns[record->failures % SR_BACKOFF_FREE] <
	       SR_BACKOFF_WINDOW_S * SR_SECOND_NS;
}

static void count_failure(struct record *record, int64_t now_ns)
{
	record->times_ns[record->failures % SR_BACKOFF_FREE] = now_ns;
	record->failures++;
	record->last_ns = now_ns;
	record->before_ns = record->blocked_until_ns;
	record->waited = must_wait(record, now_ns);
	if (!record->waited)
		return;
	record->waits++;
	record->blocked_until_ns = now_ns + wait_ns(record->waits);
}

enum sr_status sr_backoff_begin(struct sr_backoff *backoff, const struct sr_backoff_pair *pair,
                                int64_t now_ns, int64_t *wait_s, struct sr_err *err)
{
	struct key key;

	SR_TRY(make_key(pair, &key, err));
	struct record *record = find(backoff, &key);
	if (record && now_ns < record->last_ns)
		now_ns = record->last_ns;
	if (record && now_ns < record->blocked_until_ns) {
		*wait_s = (record->blocked_until_ns - now_ns + SR_SECOND_NS - 1) / SR_SECOND_NS;
		return sr_fail(err, SR_BUSY, "too many wrong passwords; try again in %lld seconds",
		               (long long)*wait_s);
	}
	if (record && is_forgotten(record, now_ns)) {
		drop(backoff, record);
		record = NULL;
	}
	if (!record)
		record = add(backoff, &key, now_ns);
	count_failure(record, now_ns);
	return SR_OK;
}

enum sr_status sr_backoff_succeeded(struct sr_backoff *backoff, const struct sr_backoff_pair *pair,
                                    struct sr_err *err)
{
	struct key key;

	SR_TRY(make_key(pair, &key, err));
	struct record *record = find(backoff, &key);
	if (record)
		drop(backoff, record);
	return SR_OK;
}

enum sr_status sr_backoff_cancel(struct sr_backoff *backoff, const struct sr_backoff_pair *pair,
                                 struct sr_err *err)
{
	struct key key;

	SR_TRY(make_key(pair, &key, err));
	struct record *record = find(backoff, &key);
	if (!record || record->failures == 0)
		return SR_OK;
	if (--record->failures == 0) {
		drop(backoff, record);
		return SR_OK;
	}
	if (record->waited) {
		record->waits--;
		record->blocked_until_ns = record->before_ns;
		record->waited = false;
	}
	return SR_OK;
}
