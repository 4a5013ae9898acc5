/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DER (X.690) of untrusted bytes: refuse what is not canonical before any other parser sees it, and walk
 * over it.  Take everything, then ask the cursor once whether it was there.
 */
#pragma once

#include <stdbool.h>

#include "appliance/base/buf.h"
#include "appliance/base/cursor.h"
#include "appliance/base/err.h"

#define SR_DER_BOOLEAN 0x01u
#define SR_DER_INTEGER 0x02u
#define SR_DER_BIT_STRING 0x03u
#define SR_DER_OCTET_STRING 0x04u
#define SR_DER_NULL 0x05u
#define SR_DER_OID 0x06u
#define SR_DER_SEQUENCE 0x30u
#define SR_DER_SET 0x31u
#define SR_DER_CONTEXT 0xa0u     /* constructed [0]; add the number */
#define SR_DER_CONTEXT_RAW 0x80u /* primitive [0]; add the number */

struct sr_der {
	uint8_t tag;
	struct sr_bytes whole;    /* with tag and length */
	struct sr_cursor content; /* bad when the element was not there */
};

/*
 * Exactly one element, nothing behind it; every length definite and as short as it can be, strings not in
 * pieces, INTEGER, BOOLEAN, NULL and BIT STRING in their one form, at most 32 levels.  The order of SET OF is
 * not looked at.  SR_CORRUPT with the offset otherwise.
 */
SR_CHECKED enum sr_status sr_der_check(struct sr_bytes der, struct sr_err *err);

/* The next element, which must have @tag (0: any); else @c is bad, and so is the content of the result. */
struct sr_der sr_der_take(struct sr_cursor *c, uint8_t tag);

/* The content of the next element, bad where it is not there. */
struct sr_cursor sr_der_enter(struct sr_cursor *c, uint8_t tag);
/* The next element with tag and length; empty where it is not there. */
struct sr_bytes sr_der_whole(struct sr_cursor *c, uint8_t tag);

/* Whether an element with @tag comes next. */
static inline bool sr_der_is_next(const struct sr_cursor *c, uint8_t tag)
{
	return !c->bad && c->left > 0 && *c->next == tag;
}

/* Everything was there and nothing is left. */
static inline bool sr_der_ended(const struct sr_cursor *c)
{
	return !c->bad && c->left == 0;
}

static inline struct sr_cursor sr_der_cursor(struct sr_bytes bytes)
{
	return (struct sr_cursor){ .next = bytes.data, .left = bytes.size };
}

bool sr_bytes_equal(struct sr_bytes a, struct sr_bytes b);

/* Append tag and length of an element whose content has @size bytes. */
SR_CHECKED enum sr_status sr_der_add_head(struct sr_buf *out, uint8_t tag, size_t size, struct sr_err *err);
