/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request or grant reaches, worked out with the index: cases by reference, members by number, what
 * they are classified as, and which of them lie in the sub volume (副卷).
 */
#pragma once

#include "appliance/index/case_store.h"
#include "appliance/keeper/core/act.h"

#define SR_REQUEST_CASES_MAX 10000u

/*
 * The case that @reference (number or id) means among @cases (a list of ids): SR_NOT_FOUND and *id untouched
 * when it is none of them.
 */
SR_CHECKED enum sr_status sr_request_case_among(struct sr_txn *txn, const json_t *cases,
                                                const char *reference, const char **id, struct sr_err *err);

/*
 * A scope of the command's form [{"case":REFERENCE,"members":[N,…]},…] as that of an entry: ids for
 * references, one element a case, numbers in order.  SR_INVALID names what is no member, or no case among
 * @cases. The caller owns *out, which is NULL where @given is NULL or empty.
 */
SR_CHECKED enum sr_status sr_request_members(struct sr_txn *txn, const json_t *cases, const json_t *given,
                                             json_t **out, struct sr_err *err);

struct sr_reach {
	bool sub_volume;    /* may reach the sub volume */
	uint8_t clearances; /* of the reader; 0 for a pass */
};

/*
 * What the readable members of the scope are classified as, the cases' own classes included.  @members NULL:
 * all.  Members above the clearances or outside the volumes do not count: they are not read.
 */
SR_CHECKED enum sr_status sr_request_classes(struct sr_txn *txn, const json_t *cases, const json_t *members,
                                             const struct sr_reach *reach, uint8_t *out, struct sr_err *err);
/* What the members named one by one are classified as, each; SR_INVALID for one in the sub volume where
 * that is out of reach. */
SR_CHECKED enum sr_status sr_request_named_classes(struct sr_txn *txn, const json_t *members, bool sub_volume,
                                                   uint8_t *out, struct sr_err *err);
