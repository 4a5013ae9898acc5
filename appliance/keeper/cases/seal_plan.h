/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a described case may be sealed by this caller, and as what: its id and part, its organ, who
 * prepared it (docs/KEEPER.md, "Sealing").
 */
#pragma once

#include "appliance/casefile/description.h"
#include "appliance/crypto/digest.h"
#include "appliance/keeper/cases/filer.h"
#include "appliance/keeper/core/act.h"

struct sr_seal_plan {
	char case_id[SR_UUID_TEXT];
	unsigned part;
	unsigned first_number;
	bool has_previous;
	struct sr_digest previous; /* seal of the part before, as the index has it */
	uint8_t case_classes;      /* of the first part */
	char organ[SR_LABEL_BYTES];
	char organ_name[256]; /* may be empty */
	char handler[256];    /* the user who prepared it, or the name as the description gives it */
	json_t *organs;       /* codes: the organ and each above it */
};

void sr_seal_plan_dispose(struct sr_seal_plan *plan);

/*
 * On one snapshot.  @supplement: number or id of the case that gets a further part, or NULL.  Refusals:
 * Exists (the organ has a case of this number), Denied (who prepared a case does not receive it), NotFound,
 * Limit.
 */
SR_CHECKED enum sr_status sr_seal_plan_make(struct sr_act *act, const struct sr_case *description,
                                            const char *supplement, struct sr_seal_plan *out,
                                            struct sr_err *err);

/*
 * Refuse (Denied) a caller who could not see a case of these classes (enum sr_classes) after having sealed
 * it; the text says how they get the clearance.
 */
SR_CHECKED enum sr_status sr_seal_require_clearance(struct sr_act *act, uint8_t classes, struct sr_err *err);

/* In the writer's transaction: what a snapshot said of the number and the parts must still hold. */
SR_CHECKED enum sr_status sr_seal_plan_check(struct sr_act *act, struct sr_txn *txn,
                                             const struct sr_seal_plan *plan, const char *number,
                                             struct sr_err *err);

/* Who prepared the case, by the name that its description gives; never NULL. */
const char *sr_seal_preparer(const json_t *description);

/* The organ and each above it, as codes; the caller owns *out. */
SR_CHECKED enum sr_status sr_seal_organs(struct sr_txn *txn, const char *organ, json_t **out,
                                         struct sr_err *err);
/* Borrow them into @facts. */
void sr_seal_borrow_organs(const json_t *organs, struct sr_filer_facts *facts);
