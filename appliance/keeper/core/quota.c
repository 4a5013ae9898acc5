/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/quota.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/clock.h"
#include "appliance/crypto/digest.h"
#include "appliance/keeper/core/backoff.h"

#define HOUR_NS (3600 * SR_SECOND_NS)

struct slot {
	struct sr_digest address;
	int64_t began_ns;
	unsigned count; /* 0: free */
};

struct sr_quota {
	struct sr_quota_limits limits;
	struct slot all; /* its address is not used */
	struct slot slots[];
};

enum sr_status sr_quota_new(const struct sr_quota_limits *limits, struct sr_quota **out, struct sr_err *err)
{
	struct sr_quota *quota = calloc(1, sizeof(*quota) + limits->addresses * sizeof(struct slot));

	if (!quota)
		return sr_fail(err, SR_NO_MEMORY, "no memory to count by addresses");
	quota->limits = *limits;
	*out = quota;
	return SR_OK;
}

void sr_quota_free(struct sr_quota *quota)
{
	free(quota);
}

static bool is_over(const struct slot *slot, int64_t now_ns)
{
	return slot->count == 0 || now_ns - slot->began_ns >= HOUR_NS;
}

/* The address's own slot, else the one that matters least. */
static struct slot *slot_of(struct sr_quota *quota, const struct sr_digest *address, int64_t now_ns)
{
	struct slot *best = quota->slots;

	for (unsigned i = 0; i < quota->limits.addresses; i++) {
		struct slot *slot = &quota->slots[i];

		if (slot->count && memcmp(&slot->address, address, sizeof(*address)) == 0)
			return slot;
		if (is_over(best, now_ns))
			continue;
		if (is_over(slot, now_ns) || slot->began_ns < best->began_ns)
			best = slot;
	}
	*best = (struct slot){ .address = *address };
	return best;
}

/* Begin anew where the hour is over; whether one more is allowed. */
static bool has_room(struct slot *slot, unsigned limit, int64_t now_ns)
{
	if (is_over(slot, now_ns)) {
		slot->count = 0;
		slot->began_ns = now_ns;
	}
	return limit == 0 || slot->count < limit;
}

enum sr_status sr_quota_use(struct sr_quota *quota, const char *address, int64_t now_ns, struct sr_err *err)
{
	uint8_t ip[16];
	struct sr_bytes key = sr_backoff_address(address, ip);
	struct sr_digest digest;

	SR_TRY(sr_digest_of(key.data, key.size, &digest, err));
	/* The sum first: one that is refused by it pushes no address out. */
	bool room = has_room(&quota->all, quota->limits.in_all, now_ns);
	struct slot *slot = room ? slot_of(quota, &digest, now_ns) : NULL;
	if (!slot || !has_room(slot, quota->limits.of_address, now_ns))
		return sr_fail(err, SR_BUSY, "too many within an hour; try again later (请稍后再试)");
	slot->count++;
	quota->all.count++;
	return SR_OK;
}
