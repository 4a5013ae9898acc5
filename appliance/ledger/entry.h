/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries of the ledger: one JSON object without white space, keys "v", "seq", "time", "type", "salt",
 * "actor" in this order and then the fields of the type, at most SR_ENTRY_BYTES.  docs/LEDGER.md, "Entries";
 * the fields of each type stand in entry_type.h.  No state; any thread.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

#define SR_ENTRY_VERSION 1
#define SR_ENTRY_BYTES 65535u /* what the two bytes of size in a bundle can say */
#define SR_ENTRY_SALT_BYTES 16u

/* What the keeper says of one event; texts and trees are borrowed. */
struct sr_entry_draft {
	const char *type;
	const json_t *actor;  /* {"user","role",…}; NULL or null for the appliance itself */
	const json_t *fields; /* object; its keys follow the fixed ones in their own order; NULL for none */
};

/* An entry that was read. */
struct sr_entry {
	json_t *root; /* owned; the fields of the type are among its members */
	uint64_t seq;
	int64_t time_ns;
	const char *type;    /* borrowed from root */
	const json_t *actor; /* object or null, borrowed from root */
};
void sr_entry_dispose(struct sr_entry *entry);

/*
 * Append the bytes of entry @seq at @time_ns (cut to microseconds) with a fresh random salt.  SR_INVALID for
 * an unknown type, a field that is missing, of the wrong kind or not of this type, a number that is not
 * whole, a time out of 1970 to 2200; SR_LIMIT over SR_ENTRY_BYTES.  What is appended always decodes.
 */
SR_CHECKED enum sr_status sr_entry_encode(const struct sr_entry_draft *draft, uint64_t seq, int64_t time_ns,
                                          struct sr_buf *out, struct sr_err *err);

/*
 * An entry that lacks its number and its time: everything that does not need them is done, so that little is
 * left for the one thread that writes.
 */
struct sr_entry_plan {
	json_t *root;       /* owned; "seq" and "time" are those of the last completion */
	struct sr_buf tail; /* the written form from behind the time on */
};
void sr_entry_plan_dispose(struct sr_entry_plan *plan);

/* SR_INVALID and SR_LIMIT as sr_entry_encode.  The caller disposes of @out after SR_OK. */
SR_CHECKED enum sr_status sr_entry_plan(const struct sr_entry_draft *draft, struct sr_entry_plan *out,
                                        struct sr_err *err);
/*
 * Append the bytes of the planned entry, and give it as sr_entry_decode would read it: the caller disposes of
 * @entry after SR_OK.  It shares the plan's values, which nobody changes, and ends with the next completion:
 * that is made where the first one was undone.
 */
SR_CHECKED enum sr_status sr_entry_complete(struct sr_entry_plan *plan, uint64_t seq, int64_t time_ns,
                                            struct sr_buf *out, struct sr_entry *entry, struct sr_err *err);

/* The time of an entry from its first bytes alone; SR_CORRUPT when they are not an entry's. */
SR_CHECKED enum sr_status sr_entry_time(struct sr_bytes bytes, int64_t *out_ns, struct sr_err *err);

/*
 * Untrusted: exactly the form that sr_entry_encode writes (writing it again gives the same bytes) with the
 * fields of its type; SR_CORRUPT otherwise.  The caller disposes of @out after SR_OK.
 */
SR_CHECKED enum sr_status sr_entry_decode(struct sr_bytes bytes, struct sr_entry *out, struct sr_err *err);
