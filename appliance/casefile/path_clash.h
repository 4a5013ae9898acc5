/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths that some file systems take for one: equal, or equal after Unicode normalisation and case folding
 * (Unicode 14 section 3.13, D145: canonical caseless matching).  Thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "appliance/base/err.h"

#define SR_PATH_NO_CLASH ((size_t)-1)

/* @clash_with[i] becomes the index of the first of @paths that path i clashes with, if that is not itself. */
SR_CHECKED enum sr_status sr_path_clashes(const char *const *paths, size_t count, size_t *clash_with,
                                          struct sr_err *err);
