/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drawing the sample of an evaluation review (案卷评查) in a way that anybody can repeat from the seed and
 * the population (docs/RULEBOOK.md, "Evaluation review").  No state.
 */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"
#include "appliance/crypto/digest.h"

/*
 * @population: [{"case","stratum"}…]; *sample (caller owns): case ids.  Strata in byte order of their names
 * get places by largest remainder; within each the cases with the smallest SHA-256(seed ‖ 0x0a ‖ case id) are
 * taken, and they stand in that order.  SR_INVALID for an empty population or a count of 0.
 */
SR_CHECKED enum sr_status sr_review_draw(const json_t *population, const char *seed, size_t count,
                                         json_t **sample, struct sr_err *err);

/* SHA-256 over the lines "<case id> <stratum>\n" in byte order of the ids. */
SR_CHECKED enum sr_status sr_review_population_digest(const json_t *population, char out[SR_DIGEST_HEX],
                                                      struct sr_err *err);
