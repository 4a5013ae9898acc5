/* SPDX-License-Identifier: Apache-2.0 */
/* Rulebook packs as programs see them: the digest, the list, the judgement on one from outside. */
#pragma once

#include <jansson.h>

#include "appliance/casefile/rulebook.h"
#include "appliance/crypto/digest.h"

/* SHA-256 of sr_rulebook_text in lower-case hex: what a catalogue records. */
SR_CHECKED enum sr_status sr_rulebook_digest(const struct sr_rulebook *rulebook, char out[SR_DIGEST_HEX],
                                             struct sr_err *err);

/* {"name","title_zh","title_en","rules","digest"}; the caller owns *out. */
SR_CHECKED enum sr_status sr_rulebook_to_json(const struct sr_rulebook *rulebook, json_t **out,
                                              struct sr_err *err);
