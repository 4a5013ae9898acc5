/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of one sealed case: what lists, search results and the gate need without opening an archive.
 * docs/INDEX.md.  Texts are UTF-8 without NUL and lie in the value that was decoded.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/cursor.h"
#include "appliance/base/limits.h"
#include "appliance/base/uuid.h"

#define SR_CASE_RECORD_BYTES (1u << 20) /* of one record */
#define SR_CASE_TEXT_BYTES 1024u        /* of its title */
#define SR_CASE_NAME_BYTES 255u         /* of any other text, case number and parties included */
#define SR_CASE_PARTIES 1000u
#define SR_NO_DAY INT64_MIN  /* a date that is not known */
#define SR_NO_TIME INT64_MIN /* a time that is not known */

struct sr_case_id {
	uint8_t bytes[16];
};

bool sr_case_id_parse(const char *text, struct sr_case_id *out);
void sr_case_id_format(const struct sr_case_id *id, char out[SR_UUID_TEXT]);

/* Classification of cases and members, as bits; a reader sees what has no bit outside their clearances. */
enum sr_classes {
	SR_CLASS_PRIVACY = 1,
	SR_CLASS_COMMERCIAL = 2,
	SR_CLASS_STATE_SECRET = 4,
	SR_CLASS_ALL = 7,
};

struct sr_case_record {
	struct sr_case_id id;
	uint64_t ordinal;          /* place in the order of cases; sr_case_store_add gives it */
	uint8_t classes;           /* of the first part: who may know of the case */
	uint8_t retention_years;   /* 0: permanent */
	int64_t retention_end_day; /* SR_NO_DAY: none */
	int64_t started_ns;        /* SR_NO_TIME */
	int64_t closed_day;        /* SR_NO_DAY */
	int64_t listed_day;        /* the date that lists and searches go by: years 1 to 9999 */
	int64_t sealed_ns;         /* of the first part */
	struct sr_bytes number;    /* 案号 */
	struct sr_bytes title;
	struct sr_bytes organ; /* code of the organ whose case it is */
	struct sr_bytes unit;
	struct sr_bytes category;
	struct sr_bytes procedure;
	struct sr_bytes outcome;
	struct sr_bytes handler; /* user */
	uint32_t member_count;   /* of all parts */
	uint64_t bytes;          /* of all archives */
	uint32_t party_count;
	struct sr_bytes parties; /* packed: sr_case_pack_party, sr_case_party_next */
	uint32_t part_count;
	struct sr_bytes parts; /* packed: sr_case_pack_part, sr_case_part_next */
};

struct sr_case_part {
	uint32_t number; /* 1, 2, … in this order */
	uint8_t classes;
	int64_t sealed_ns;
	uint8_t seal[32];      /* seal digest */
	uint32_t first_member; /* numbers run on over the parts */
	uint32_t member_count;
	uint64_t bytes;          /* of the archive */
	struct sr_bytes archive; /* name in the vault */
	struct sr_bytes handler; /* user */
	struct sr_bytes archivist;
};

/* Append one party, one part to what becomes record.parties, record.parts. */
SR_CHECKED enum sr_status sr_case_pack_party(struct sr_buf *parties, struct sr_bytes name,
                                             struct sr_err *err);
SR_CHECKED enum sr_status sr_case_pack_part(struct sr_buf *parts, const struct sr_case_part *part,
                                            struct sr_err *err);

/* Append the encoding.  SR_INVALID when a bound above or SR_LIMIT_MEMBERS, SR_LIMIT_PARTS does not hold. */
SR_CHECKED enum sr_status sr_case_record_encode(const struct sr_case_record *record, struct sr_buf *out,
                                                struct sr_err *err);
/* Untrusted bytes.  SR_CORRUPT unless every field, party and part is in order and the checksum fits. */
SR_CHECKED enum sr_status sr_case_record_decode(struct sr_bytes value, struct sr_case_record *out,
                                                struct sr_err *err);

/* Over the parties and parts of a decoded record: false at the end. */
static inline struct sr_cursor sr_case_walk(struct sr_bytes packed)
{
	return (struct sr_cursor){ .next = packed.data, .left = packed.size };
}
bool sr_case_party_next(struct sr_cursor *walk, struct sr_bytes *name);
bool sr_case_part_next(struct sr_cursor *walk, struct sr_case_part *part);
