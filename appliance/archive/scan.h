/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The structure of a sealed archive: every header, name, order, number, all padding and the end
 * (docs/FORMAT.md, "Reading it").  What is read here is immutable afterwards.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/archive/cover.h"
#include "appliance/archive/layout.h"
#include "appliance/archive/reader.h"
#include "appliance/base/err.h"

/* Files beside the members: five before them, seven behind. */
#define SR_SCAN_HEAD_FILES 5u
#define SR_SCAN_TAIL_FILES 7u

struct sr_scan {
	char name[SR_ARCHIVE_NAME]; /* the folder that everything lies in */
	int64_t mtime_s;            /* of every file */
	uint64_t file_bytes;        /* of the whole archive */
	size_t member_count;        /* at least 1 */
	size_t count;               /* head files, members, tail files, in this order */
	struct sr_archive_entry *entries;
	char *names; /* what the members' entries point at */
};

/*
 * Read the structure of the archive in @fd.  SR_CORRUPT names the offset and what is wrong there; SR_INVALID
 * when @fd is no regular file; SR_IO, SR_NO_MEMORY.  The caller disposes of *out.
 */
SR_CHECKED enum sr_status sr_scan_read(int fd, struct sr_scan *out, struct sr_err *err);
void sr_scan_dispose(struct sr_scan *scan);

/* By name; NULL when there is none. */
const struct sr_archive_entry *sr_scan_find(const struct sr_scan *scan, const char *name);
static inline const struct sr_archive_entry *sr_scan_member(const struct sr_scan *scan, size_t index)
{
	return &scan->entries[SR_SCAN_HEAD_FILES + index];
}

/* Append the bytes of a file; SR_LIMIT over @max. */
SR_CHECKED enum sr_status sr_scan_read_entry(int fd, const struct sr_archive_entry *entry, size_t max,
                                             struct sr_buf *out, struct sr_err *err);

/*
 * Decode cover.json's bytes and compare them with the structure: case id and part, time, number of members
 * and their plaintext bytes.  SR_CORRUPT.
 */
SR_CHECKED enum sr_status sr_scan_check_cover(const struct sr_scan *scan, struct sr_bytes text,
                                              struct sr_cover *out, struct sr_err *err);
