/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case description: case.json as docs/CASE.md says, checked for form, with typed access to what the code
 * itself needs.  Rules reach every other field by name through `root`.  Immutable after reading.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/casefile/finding.h"

enum sr_member_class {
	SR_MEMBER_DOCUMENT,
	SR_MEMBER_MEDIUM,
	SR_MEMBER_EXPLANATION,
};

enum sr_volume {
	SR_VOLUME_MAIN,
	SR_VOLUME_SUB,
};

/* One entry of /members, in catalogue order.  Texts are borrowed from the tree. */
struct sr_member {
	const json_t *json; /* the whole object */
	const char
		*path; /* as written, relative, checked: no "..", no empty component, no control character */
	enum sr_member_class class;
	enum sr_volume volume;
	const char *kind;   /* may be NULL */
	const char *title;  /* may be NULL */
	const char *sha256; /* 64 lower-case digits, or NULL */
};

struct sr_case {
	json_t *root;       /* owned */
	const char *number; /* 案号; NULL where blank: then a finding of the base pack says so */
	const char *title;
	const char *rulebook;      /* pack name, or NULL: base */
	struct sr_member *members; /* owned */
	size_t member_count;
	const struct sr_member **by_path; /* owned; the members sorted by path, for sr_case_member */
	bool state_secret; /* classification of the case or of a member names it, or a grade is given */
};

void sr_case_free(struct sr_case *description); /* NULL is allowed */
static inline void sr_case_freep(struct sr_case **description)
{
	sr_case_free(*description);
	*description = NULL;
}

/*
 * Read case.json.  @text is untrusted: UTF-8, with or without a byte-order mark, or GB18030.
 *
 * SR_INVALID, with a JSON pointer in err->text ("/acts/0/from: …"), for: no JSON (line and column), wrong
 * format name, a value of the wrong type, an enumeration that is none, a time, date, money or path that is
 * none.  SR_LIMIT over SR_LIMIT_CASE_JSON_BYTES, SR_LIMIT_MEMBERS, SR_LIMIT_JSON_DEPTH, SR_LIMIT_PATH_BYTES.
 * Unknown keys are added to @findings as X4 (warning, with their place), one path named twice as X3 (blocker;
 * also when two paths differ only in Unicode normalisation or letter case).
 */
SR_CHECKED enum sr_status sr_case_read(const void *text, size_t size, struct sr_findings *findings,
                                       struct sr_case **out, struct sr_err *err);

/* The member of that path (bytes equal), or NULL. */
const struct sr_member *sr_case_member(const struct sr_case *description, const char *path);

const char *sr_member_class_name(enum sr_member_class class);
/* "document", "medium", "explanation"; false for any other word. */
bool sr_member_class_parse(const char *name, enum sr_member_class *out);
const char *sr_volume_name(enum sr_volume volume);
