/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of drafts that people look at just now, so that the ranges of one viewing are one entry in the
 * ledger: a viewing ends a minute after its last range, as an opening does.  Bounded: of more than there is
 * room for, the one whose last range is longest ago is forgotten, and its next range is an entry again.
 * Thread-safe; the time is CLOCK_BOOTTIME.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/crypto/digest.h"

struct sr_viewings;

SR_CHECKED enum sr_status sr_viewings_new(struct sr_viewings **out, struct sr_err *err);
void sr_viewings_free(struct sr_viewings *viewings); /* NULL is allowed */

/* @what (who, which file) is being viewed, and goes on.  False: write the entry, then say that it is. */
bool sr_viewings_go_on(struct sr_viewings *viewings, const struct sr_digest *what, int64_t now_ns);
void sr_viewings_begin(struct sr_viewings *viewings, const struct sr_digest *what, int64_t now_ns);
