/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cases of the index: filing what was sealed, and looking it up by id, number or place in the order.
 * Ordinals follow the year of the listed day and then the order of filing, so a rebuild in the ledger's order
 * gives each case the same one.
 */
#pragma once

#include "appliance/index/case_record.h"
#include "appliance/index/gather.h"
#include "appliance/index/members.h"
#include "appliance/index/txn.h"

/* One sealed part. */
struct sr_case_filing {
	struct sr_bytes members;  /* of sr_members_finish */
	struct sr_bytes terms;    /* of sr_terms_pack */
	struct sr_gather *gather; /* where the terms go: NULL is the list of waiting ones (sr_filing_batch) */
};

/*
 * File the first part of a new case: record->part_count is 1, record->ordinal is given here.  SR_EXISTS when
 * the id is known, or the organ has a case of this number; SR_INVALID when the members are not those that
 * the part counts; SR_LIMIT when the year is full.
 */
SR_CHECKED enum sr_status sr_case_store_add(struct sr_txn *txn, const struct sr_case_record *record,
                                            const struct sr_case_filing *filing, uint64_t *ordinal,
                                            struct sr_err *err);
/*
 * File a supplement: @part->number is the next one.  The case stays under its first part's classification;
 * the new terms must have been made with it (sr_terms_new) and the part's own for each text.
 */
SR_CHECKED enum sr_status sr_case_store_supplement(struct sr_txn *txn, const struct sr_case_id *id,
                                                   const struct sr_case_part *part,
                                                   const struct sr_case_filing *filing, struct sr_err *err);

/* The record lies in the map, as txn.h says.  SR_NOT_FOUND. */
SR_CHECKED enum sr_status sr_case_store_get(struct sr_txn *txn, const struct sr_case_id *id,
                                            struct sr_case_record *out, struct sr_err *err);
SR_CHECKED enum sr_status sr_case_store_id_at(struct sr_txn *txn, uint64_t ordinal, struct sr_case_id *out,
                                              struct sr_err *err);
/*
 * Cases with this number (folded alike), one an organ: *count of them, at most @max into @ids.  Whether the
 * reader may know of them is the caller's to check.
 */
SR_CHECKED enum sr_status sr_case_store_by_number(struct sr_txn *txn, struct sr_bytes number,
                                                  struct sr_case_id *ids, size_t max, size_t *count,
                                                  struct sr_err *err);
/* The members of one part.  SR_NOT_FOUND. */
SR_CHECKED enum sr_status sr_case_store_members(struct sr_txn *txn, const struct sr_case_id *id,
                                                uint32_t part, struct sr_members *out, struct sr_err *err);
/* One member by its number over all parts, and the part it is in. */
SR_CHECKED enum sr_status sr_case_store_member(struct sr_txn *txn, const struct sr_case_id *id,
                                               uint32_t number, struct sr_case_part *part,
                                               struct sr_member_row *out, struct sr_err *err);
