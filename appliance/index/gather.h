/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Search terms of many cases, gathered in memory and then written in the order of the keys: how a rebuild
 * files them, and why it does not rewrite each posting for each case.  One thread.
 */
#pragma once

#include "appliance/index/terms.h"
#include "appliance/index/txn.h"

struct sr_gather;

SR_CHECKED enum sr_status sr_gather_new(struct sr_gather **out, struct sr_err *err);
void sr_gather_free(struct sr_gather *gather); /* NULL is allowed */
static inline void sr_gather_freep(struct sr_gather **gather)
{
	sr_gather_free(*gather);
	*gather = NULL;
}

/* Gather the packed terms of the case at @ordinal.  SR_CORRUPT when they do not parse. */
SR_CHECKED enum sr_status sr_gather_add(struct sr_gather *gather, uint64_t ordinal, struct sr_bytes terms,
                                        struct sr_err *err);
/* Memory that is held, in bytes. */
size_t sr_gather_size(const struct sr_gather *gather);
/* Write everything into the postings, united with what is there, and be empty again. */
SR_CHECKED enum sr_status sr_gather_flush(struct sr_gather *gather, struct sr_txn *txn, struct sr_err *err);

/* Where one term's cases of one block are: block, classes, kind and text. */
#define SR_POSTING_KEY_BYTES (5u + SR_TERM_BYTES)
size_t sr_posting_key(uint32_t block, uint8_t classes, struct sr_bytes term,
                      uint8_t out[SR_POSTING_KEY_BYTES]);

/* Put @places (rising, different) into the posting of @key. */
SR_CHECKED enum sr_status sr_posting_merge(struct sr_txn *txn, struct sr_bytes key, const uint16_t *places,
                                           size_t count, struct sr_err *err);
