/* SPDX-License-Identifier: Apache-2.0 */
/* Which formats a file name's extension may stand for (X5 of docs/CASE.md).  Pure functions. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "appliance/casefile/signature.h"

struct sr_extension {
	const char *name;        /* lower case, without the dot */
	uint64_t signatures;     /* bit set of 1 << enum sr_signature */
	const char *media_types; /* what libmagic may call it: words; one that ends in '/' is a beginning */
};

/* By the path's extension, in any case of letters; NULL for one that is not in the table, or none. */
const struct sr_extension *sr_extension_of(const char *path);
bool sr_extension_allows(const struct sr_extension *extension, enum sr_signature signature);
bool sr_extension_allows_media_type(const struct sr_extension *extension, const char *media_type);
/* It stands for sound or moving pictures. */
bool sr_extension_is_recording(const struct sr_extension *extension);
