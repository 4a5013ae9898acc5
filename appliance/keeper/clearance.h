/* SPDX-License-Identifier: Apache-2.0 */
/* Clearances as words ("privacy", "commercial", "state-secret") and as bits (enum sr_classes). */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "appliance/base/err.h"

/* The bits of a list of words; words that are none are passed over.  NULL: none. */
uint8_t sr_clearances_of(const json_t *words);
/* The same of what somebody gave: SR_INVALID names a word that is none. */
SR_CHECKED enum sr_status sr_clearances_parse(const json_t *words, uint8_t *out, struct sr_err *err);
/* The words of @bits, in one order; the caller owns *out. */
SR_CHECKED enum sr_status sr_clearances_list(uint8_t bits, json_t **out, struct sr_err *err);
