/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The publisher: a thread that brings the ledger folder up to date within a second of each commit
 * (docs/LEDGER.md, "Publishing").  Durable is what the database committed; receipts are given from what is
 * published.
 */
#pragma once

#include "appliance/crypto/pki.h"
#include "appliance/index/env.h"

struct sr_publisher_options {
	struct sr_env *env;       /* borrowed */
	int dir_fd;               /* the ledger's folder; borrowed */
	const char *origin;       /* "<appliance id>/<epoch>"; borrowed */
	const struct sr_key *key; /* Ed25519; borrowed */
	/* Called in the publisher's thread when publishing fails; it goes on trying each second. SR_TAMPERED:
	 * the folder is ahead of the database or of another history, and the keeper must stop. */
	void (*failed)(void *context, enum sr_status status, const struct sr_err *err);
	void *context;
};

struct sr_publisher;

/*
 * Publish once at once, then start the thread.  What sr_publish returns is returned: SR_TAMPERED when the log
 * does not extend what was published, and nothing may be served.
 */
SR_CHECKED enum sr_status sr_publisher_start(const struct sr_publisher_options *options,
                                             struct sr_publisher **out, struct sr_err *err);
/* The log has grown; any thread, never blocks. */
void sr_publisher_notify(struct sr_publisher *publisher);
/* Publishes what is left, then ends the thread.  NULL is allowed. */
void sr_publisher_stop(struct sr_publisher *publisher);
static inline void sr_publisher_stopp(struct sr_publisher **publisher)
{
	sr_publisher_stop(*publisher);
	*publisher = NULL;
}
/* Entries that are published; any thread. */
uint64_t sr_publisher_size(struct sr_publisher *publisher);
