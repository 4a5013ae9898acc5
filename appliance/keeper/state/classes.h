/* SPDX-License-Identifier: Apache-2.0 */
/* Classifications and clearances as they stand in JSON, and as bits. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/err.h"

/* Bits (enum sr_classes) of a list of words; foreign words, "none" and NULL count nothing. */
uint8_t sr_classes_of(const json_t *list);
/* The same of a cover's text, "privacy,commercial". */
uint8_t sr_classes_of_text(const char *text);
/* The words of the bits; ["none"] for none where @none says so.  The caller owns *out. */
SR_CHECKED enum sr_status sr_classes_to_json(uint8_t classes, bool none, json_t **out, struct sr_err *err);
