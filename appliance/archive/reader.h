/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict reader of sealed archives: accepts exactly what the writer writes and refuses anything else with
 * the offset (docs/FORMAT.md, "Reading it").  An open archive is immutable and may be shared by threads.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/archive/cover.h"
#include "appliance/base/buf.h"
#include "appliance/base/err.h"

struct sr_archive;

struct sr_archive_entry {
	const char *name; /* below the archive's folder: "data/000001.age" */
	uint64_t header;  /* offset of its first header block (the pax header where there is one) */
	uint64_t offset;  /* of its bytes */
	uint64_t size;
};

/*
 * Read the structure of the archive in @fd (borrowed; must stay open): every header, all padding, names,
 * their order and numbers, the two zero blocks and the end of the file; then cover.json, which must agree
 * (case id and part with the folder's name, sealing time with every mtime, number of members).  SR_CORRUPT
 * names the offset and what is wrong there. Small files and all padding are read, member bytes are not.
 */
SR_CHECKED enum sr_status sr_archive_open(int fd, struct sr_archive **out, struct sr_err *err);
void sr_archive_close(struct sr_archive *archive); /* NULL is allowed; @fd stays open */
static inline void sr_archive_closep(struct sr_archive **archive)
{
	sr_archive_close(*archive);
	*archive = NULL;
}

int sr_archive_fd(const struct sr_archive *archive);
const char *sr_archive_name(const struct sr_archive *archive); /* "<case id>-<part>" */
const struct sr_cover *sr_archive_cover(const struct sr_archive *archive);
size_t sr_archive_entry_count(const struct sr_archive *archive);
const struct sr_archive_entry *sr_archive_entry_at(const struct sr_archive *archive, size_t index);
/* By name; NULL when there is none. */
const struct sr_archive_entry *sr_archive_find(const struct sr_archive *archive, const char *name);
size_t sr_archive_member_count(const struct sr_archive *archive);
/* data/%06u.age for @index + 1. */
const struct sr_archive_entry *sr_archive_member(const struct sr_archive *archive, size_t index);
/* Append the bytes of an entry that is not a member; SR_LIMIT over @max. */
SR_CHECKED enum sr_status sr_archive_read_entry(const struct sr_archive *archive, const char *name,
                                                size_t max, struct sr_buf *out, struct sr_err *err);
