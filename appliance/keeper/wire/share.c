/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/share.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/limits.h"

#define PRIVILEGED_MAX 4u

struct sr_share {
	struct sr_share *next;
	uid_t uid;
	bool privileged;
	size_t connections;
	struct sr_holding held;
};

struct sr_shares {
	struct sr_share_limits limits;
	uid_t privileged[PRIVILEGED_MAX];
	size_t privileged_count;
	struct sr_share *first; /* at most one for each connection: short enough to search */
	size_t connections;
	struct sr_holding held;
};

struct sr_share_limits sr_share_limits_usual(void)
{
	return (struct sr_share_limits){ .connections = SR_LIMIT_WIRE_CONNECTIONS,
		                         .reserve = SR_LIMIT_WIRE_RESERVE,
		                         .user_connections = SR_LIMIT_WIRE_USER_CONNECTIONS,
		                         .bytes = SR_LIMIT_WIRE_MEMORY_BYTES,
		                         .user_bytes = SR_LIMIT_WIRE_USER_BYTES,
		                         .descriptors = SR_LIMIT_WIRE_DESCRIPTORS,
		                         .user_descriptors = SR_LIMIT_WIRE_USER_DESCRIPTORS };
}

enum sr_status sr_shares_new(const struct sr_share_limits *limits, const uid_t *privileged,
                             size_t privileged_count, struct sr_shares **out, struct sr_err *err)
{
	if (privileged_count > PRIVILEGED_MAX)
		return sr_fail(err, SR_INVALID, "at most %u privileged uids", PRIVILEGED_MAX);
	struct sr_shares *shares = calloc(1, sizeof(*shares));
	if (!shares)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the shares");
	shares->limits = *limits;
	if (privileged_count > 0)
		memcpy(shares->privileged, privileged, privileged_count * sizeof(*privileged));
	shares->privileged_count = privileged_count;
	*out = shares;
	return SR_OK;
}

void sr_shares_free(struct sr_shares *shares)
{
	while (shares && shares->first) {
		struct sr_share *share = shares->first;

		shares->first = share->next;
		free(share);
	}
	free(shares);
}

static bool is_privileged(const struct sr_shares *shares, uid_t uid)
{
	for (size_t i = 0; i < shares->privileged_count; i++) {
		if (shares->privileged[i] == uid)
			return true;
	}
	return false;
}

static struct sr_share *find(const struct sr_shares *shares, uid_t uid)
{
	for (struct sr_share *share = shares->first; share; share = share->next) {
		if (share->uid == uid)
			return share;
	}
	return NULL;
}

static struct sr_share *add(struct sr_shares *shares, uid_t uid, bool privileged)
{
	struct sr_share *share = calloc(1, sizeof(*share));

	if (!share)
		return NULL;
	share->uid = uid;
	share->privileged = privileged;
	share->next = shares->first;
	shares->first = share;
	return share;
}

enum sr_status sr_share_enter(struct sr_shares *shares, uid_t uid, struct sr_share **out, struct sr_err *err)
{
	const struct sr_share_limits *limits = &shares->limits;
	bool privileged = is_privileged(shares, uid);
	size_t free_for_all =
		limits->connections > limits->reserve ? limits->connections - limits->reserve : 0;
	size_t max = privileged ? limits->connections : free_for_all;
	struct sr_share *share = find(shares, uid);

	if (shares->connections >= max)
		return sr_fail(err, SR_BUSY, "%zu callers are connected; try again later",
		               shares->connections);
	if (share && !privileged && share->connections >= limits->user_connections)
		return sr_fail(err, SR_BUSY, "uid %u has %zu connections; close some", (unsigned)uid,
		               share->connections);
	if (!share)
		share = add(shares, uid, privileged);
	if (!share)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a connection");
	share->connections++;
	shares->connections++;
	*out = share;
	return SR_OK;
}

static void replace(struct sr_holding *sum, const struct sr_holding *old, const struct sr_holding *now)
{
	sum->bytes = sum->bytes - old->bytes + now->bytes;
	sum->descriptors = sum->descriptors - old->descriptors + now->descriptors;
}

void sr_share_leave(struct sr_shares *shares, struct sr_share *share, const struct sr_holding *held)
{
	static const struct sr_holding nothing = { 0 };

	replace(&share->held, held, &nothing);
	replace(&shares->held, held, &nothing);
	shares->connections--;
	if (--share->connections > 0)
		return;
	struct sr_share **link = &shares->first;
	while (*link != share)
		link = &(*link)->next;
	*link = share->next;
	free(share);
}

enum sr_status sr_share_charge(struct sr_shares *shares, struct sr_share *share, struct sr_holding *held,
                               struct sr_holding now, struct sr_err *err)
{
	const struct sr_share_limits *limits = &shares->limits;
	bool grows = now.bytes > held->bytes || now.descriptors > held->descriptors;

	replace(&share->held, held, &now);
	replace(&shares->held, held, &now);
	*held = now;
	if (!grows)
		return SR_OK;
	if (!share->privileged &&
	    (share->held.bytes > limits->user_bytes || share->held.descriptors > limits->user_descriptors))
		return sr_fail(err, SR_BUSY, "uid %u has its share of large calls under way; try again later",
		               (unsigned)share->uid);
	if (shares->held.bytes > limits->bytes || shares->held.descriptors > limits->descriptors)
		return sr_fail(err, SR_BUSY, "too many large calls are under way; try again later");
	return SR_OK;
}
