/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tar headers exactly as the writer makes them (libarchive 3.6, restricted pax), built and read.  A header is
 * accepted only if it is byte for byte the one that its name, size and time give: so no field can hide
 * anything, and no other tar reader can see another file than we do.  Stateless.
 *
 * Source: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Header Block"; docs/FORMAT.md.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/archive/layout.h"
#include "appliance/base/err.h"

#define SR_TAR_NAME_MAX 100u /* bytes of the name field; it needs no NUL when full */
/* A pax header, its block of records and the file's own header. */
#define SR_TAR_HEADER_MAX ((size_t)3 * SR_TAR_BLOCK)

struct sr_tar_header {
	char name[SR_TAR_NAME_MAX + 1];
	uint64_t size;   /* bytes of the file */
	int64_t mtime_s; /* seconds since 1970; never negative */
	size_t bytes;    /* of the header: SR_TAR_BLOCK, or SR_TAR_HEADER_MAX for files from 8 GiB on */
};

/*
 * Write the header of @header's name, size and time into @out; @header->bytes is set.  SR_INVALID for what
 * the writer never writes: a name without folder, with bytes outside printable ASCII, or so long that its pax
 * name has over 100 bytes; a time that 11 octal digits cannot hold.
 */
SR_CHECKED enum sr_status sr_tar_header_make(struct sr_tar_header *header, uint8_t out[SR_TAR_HEADER_MAX],
                                             struct sr_err *err);

/*
 * Read the header at the start of @bytes; @size is SR_TAR_HEADER_MAX, or less where the file ends before.
 * Untrusted.  SR_CORRUPT says which field is not what the writer writes.
 */
SR_CHECKED enum sr_status sr_tar_header_read(const uint8_t *bytes, size_t size, struct sr_tar_header *out,
                                             struct sr_err *err);
