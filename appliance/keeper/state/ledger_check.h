/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `ledger verify` asks: do entries, tree, published files and the live records all say the same?  The
 * state machine replays every entry of every epoch in a scratch environment, and its records are compared
 * with those of the keeper at the same entry.  Only reads; any thread, beside a running writer.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/index/env.h"
#include "appliance/ledger/checkpoint.h"

struct sr_ledger_check {
	struct sr_env *env;
	int ledger_fd;
	const char *verifier; /* of the epoch that runs */
	const char *scratch;  /* a folder that is there; a folder is made in it and removed */
	/* Asked now and then; true ends the work with SR_BUSY.  NULL: nobody asks. */
	bool (*stop)(void *context);
	/* Told of how many of so many entries are done; may be NULL. */
	void (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;
};

struct sr_ledger_verdict {
	uint64_t size;         /* entries of the epoch that runs */
	struct sr_digest root; /* what they give; all zero where they do not */
	bool ok;
	bool named; /* first_wrong is one */
	uint64_t first_wrong;
	char text[512]; /* why it is not ok */
};

/* SR_OK whatever the verdict; a failure means that nobody could look. */
SR_CHECKED enum sr_status sr_ledger_check(const struct sr_ledger_check *check, struct sr_ledger_verdict *out,
                                          struct sr_err *err);

/* {"size","root","ok","first_wrong"}, and "why" where it is not ok. */
SR_CHECKED enum sr_status sr_ledger_verdict_to_json(const struct sr_ledger_verdict *verdict, json_t **out,
                                                    struct sr_err *err);
