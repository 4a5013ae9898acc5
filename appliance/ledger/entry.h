/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries: one JSON object without white space, keys "v","seq","time","type","salt","actor" in this order and
 * then the fields of the type, at most SR_ENTRY_BYTES.  docs/LEDGER.md.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

#define SR_ENTRY_BYTES 65535u
#define SR_ENTRY_SALT_BYTES 16u

/* What the keeper says of one event; texts and trees are borrowed. */
struct sr_entry_draft {
	const char *type;     /* one of the table of types */
	const json_t *actor;  /* {"user","role",…} or null for the appliance itself */
	const json_t *fields; /* object; its keys follow the fixed ones in its own order */
};

/* Append the bytes of entry @seq at @time_ns with a fresh random salt.  SR_INVALID for an unknown type or a
 * field that shadows a fixed key, SR_LIMIT over SR_ENTRY_BYTES. */
SR_CHECKED enum sr_status sr_entry_encode(const struct sr_entry_draft *draft, uint64_t seq, int64_t time_ns,
                                          struct sr_buf *out, struct sr_err *err);

struct sr_entry {
	json_t *root; /* owned */
	uint64_t seq;
	int64_t time_ns;
	const char *type;    /* borrowed from root */
	const json_t *actor; /* object or null */
};
void sr_entry_dispose(struct sr_entry *entry);
/* Untrusted: exactly the form that sr_entry_encode writes (re-encoding gives the same bytes), SR_CORRUPT
 * otherwise. */
SR_CHECKED enum sr_status sr_entry_decode(struct sr_bytes bytes, struct sr_entry *out, struct sr_err *err);

/* Every type that LEDGER names. */
SR_CHECKED enum sr_status sr_entry_type_check(const char *type, struct sr_err *err);
