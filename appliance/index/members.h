/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The members of one part, packed into one value: written once at sealing, read member by member without
 * allocation and without touching the others.  docs/INDEX.md.
 */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/base/limits.h"
#include "appliance/index/case_record.h"

#define SR_MEMBERS_BYTES (32u << 20) /* of one value */

enum sr_index_class {
	SR_INDEX_DOCUMENT,
	SR_INDEX_MEDIUM,
	SR_INDEX_EXPLANATION,
};

struct sr_member_row {
	uint32_t number; /* over all parts of the case, from 1 */
	enum sr_index_class class;
	bool sub_volume;       /* 副卷 */
	uint8_t classes;       /* enum sr_classes; of the member itself */
	uint64_t bytes;        /* of the plaintext */
	uint64_t offset;       /* of the age file in the archive; a multiple of 512 */
	uint8_t head[32];      /* SHA-256 of the age file's first 184 bytes */
	struct sr_bytes path;  /* original name and folders, any bytes but NUL; 1 to SR_LIMIT_PATH_BYTES */
	struct sr_bytes title; /* UTF-8, at most SR_CASE_TEXT_BYTES */
	struct sr_bytes kind;  /* UTF-8, at most SR_CASE_NAME_BYTES */
};

/* Zeroed is empty; the order of adding is the catalogue's. */
struct sr_members_packer {
	uint32_t first_number; /* set by the caller before the first member */
	uint32_t count;
	struct sr_buf offsets;
	struct sr_buf rows;
};

void sr_members_packer_dispose(struct sr_members_packer *packer);
/* row->number is given here.  SR_INVALID when the row breaks a bound, SR_LIMIT over SR_LIMIT_MEMBERS. */
SR_CHECKED enum sr_status sr_members_pack(struct sr_members_packer *packer, const struct sr_member_row *row,
                                          struct sr_err *err);
/* Append the value to @out.  The packer is still to be disposed of. */
SR_CHECKED enum sr_status sr_members_finish(const struct sr_members_packer *packer, struct sr_buf *out,
                                            struct sr_err *err);

/* A value opened for reading; borrows it. */
struct sr_members {
	uint32_t first_number;
	uint32_t count;
	struct sr_bytes offsets;
	struct sr_bytes rows;
	unsigned offset_bytes; /* 2 or 4 */
};

/* Untrusted.  Looks at the head alone; SR_CORRUPT. */
SR_CHECKED enum sr_status sr_members_open(struct sr_bytes value, struct sr_members *out, struct sr_err *err);
/*
 * Member @number.  SR_NOT_FOUND when the part has none of this number, SR_CORRUPT when its row does not parse
 * or fails its checksum.
 */
SR_CHECKED enum sr_status sr_members_get(const struct sr_members *members, uint32_t number,
                                         struct sr_member_row *out, struct sr_err *err);
