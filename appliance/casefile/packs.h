/* SPDX-License-Identifier: Apache-2.0 */
/* The rulebook packs inside the binary; the table is made by tools/embed-packs. */
#pragma once

#include <stddef.h>

struct sr_embedded_pack {
	const char *name;
	const unsigned char *text; /* JSON, not NUL-terminated */
	size_t size;
};

extern const struct sr_embedded_pack sr_embedded_packs[];
extern const size_t sr_embedded_pack_count;
