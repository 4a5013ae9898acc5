/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command table: every method of the keeper, who may give it and through which door (docs/KEEPER.md,
 * "Commands").  Routes, verbs and filesystem callbacks turn their own protocol into one of these.
 */
#pragma once

#include "appliance/keeper/core/method.h"

/* By its full name; NULL when there is none. */
const struct sr_method *sr_method_find(const char *full_name);
/* All methods, for documents and tests: NULL behind the last. */
const struct sr_method *sr_method_at(size_t index);
