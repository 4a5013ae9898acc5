/* SPDX-License-Identifier: Apache-2.0 */
/* Whose own case it is: nobody evaluates what they had a hand in (docs/RULEBOOK.md, "Evaluation review"). */
#pragma once

#include <stdbool.h>

#include "appliance/index/case_record.h"
#include "appliance/index/txn.h"

/*
 * Whether @user, or somebody of the name @full_name ("": unknown), prepared or sealed a part of the case, or
 * is among its officers, those responsible, its legal reviewers, or who arranged and checked the file.
 */
SR_CHECKED enum sr_status sr_review_is_own(struct sr_txn *txn, const struct sr_case_record *record,
                                           const char *user, const char *full_name, bool *out,
                                           struct sr_err *err);
