/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on one archive as the object that programs get. */
#pragma once

#include <jansson.h>

#include "appliance/archive/verify.h"

/*
 * {"archive","case","part","ok","signed_by","signed_at","stamped_at","seal","members","bytes","damage":[{"member","what"}]};
 * what could not be read is null.  The caller owns *out.
 */
SR_CHECKED enum sr_status sr_verdict_to_json(const char *path, const struct sr_verify_report *report,
                                             json_t **out, struct sr_err *err);
