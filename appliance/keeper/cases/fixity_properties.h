/* SPDX-License-Identifier: Apache-2.0 */
/* The four-property report of an archive that was checked again (四性检测, 长期保存环节).  docs/FORMAT.md. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/err.h"

/* @record: a result of SR_DB_FIXITY ({"at","ok","depth","damage"}).  The caller owns *out. */
SR_CHECKED enum sr_status sr_fixity_properties(const json_t *record, json_t **out, struct sr_err *err);

/*
 * Sets "properties" of each verdict of @archives (as verdict.h makes them), all checked at @at_ns, @quick or
 * not.  Sound archives share one report, so that a million of them cost no more than one.
 */
SR_CHECKED enum sr_status sr_fixity_properties_add(json_t *archives, int64_t at_ns, bool quick,
                                                   struct sr_err *err);
