/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Papers that outsiders show at the counter: scans, kept in DATA/staging/papers under their SHA-256, mode
 * 0600.  The log has kind, name and digest.
 */
#pragma once

#include <jansson.h>

#include "appliance/keeper/core/act.h"

#define SR_PAPERS_MAX 16u
#define SR_PAPER_BYTES (64u << 20)

/*
 * The command's papers [{"kind","name"},…], the n-th of them with the n-th descriptor, or with "upload": the
 * id of a finished upload of the caller's, which is gone then; as the entry's
 * [{"kind","name","digest"},…]: each is stored before this returns.  The caller owns *out, which is NULL
 * where
 * @given is NULL or empty.  SR_INVALID, SR_LIMIT.
 */
SR_CHECKED enum sr_status sr_papers_take(struct sr_act *act, const json_t *given, json_t **out,
                                         struct sr_err *err);
/* Kinds and names alone, checked. */
SR_CHECKED enum sr_status sr_papers_check(const json_t *given, struct sr_err *err);
