/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of rules about members, service and who signed.  docs/RULEBOOK.md, "Kinds". */
#pragma once

#include "appliance/casefile/rule_finding.h"

/* @filling is empty; each fills it only for a finding. */
SR_CHECKED enum sr_status sr_check_require_member(const struct sr_judging *j, struct sr_filling *filling,
                                                  struct sr_err *err);
SR_CHECKED enum sr_status sr_check_require_service(const struct sr_judging *j, struct sr_filling *filling,
                                                   struct sr_err *err);
SR_CHECKED enum sr_status sr_check_transcript(const struct sr_judging *j, struct sr_filling *filling,
                                              struct sr_err *err);
SR_CHECKED enum sr_status sr_check_signers(const struct sr_judging *j, struct sr_filling *filling,
                                           struct sr_err *err);

/* Path of each document that was served to whether there is a receipt or proof of posting.  The caller owns
 * *out. */
SR_CHECKED enum sr_status sr_check_index_service(const struct sr_case *description, json_t **out,
                                                 struct sr_err *err);
