/* SPDX-License-Identifier: Apache-2.0 */
/* What a keeper that starts finds other than its log says: looked for first, and recorded where there is
 * anything. */
#pragma once

#include "appliance/keeper/core/keeper_parts.h"

struct sr_found {
	struct sr_keeper *keeper;
	bool write; /* differences are recorded; else they are counted */
	size_t count;
};

/*
 * Call @compare in a reading transaction, and where it told differences once more in a writer's.  Its
 * @context is
 * @found, which may be the first member of something larger.
 */
SR_CHECKED enum sr_status sr_found_record(struct sr_found *found,
                                          enum sr_status (*compare)(void *context, struct sr_txn *txn,
                                                                    struct sr_err *err),
                                          struct sr_err *err);
/* A difference, and the entry that says so.  Takes @fields. */
SR_CHECKED enum sr_status sr_found_differs(struct sr_found *found, struct sr_txn *txn, const char *type,
                                           json_t *fields, struct sr_err *err);
