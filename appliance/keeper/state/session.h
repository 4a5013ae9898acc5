/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions: the token that the keeper gives out, the record it keeps, and the record's stored form.  The
 * token itself is nowhere stored; its SHA-256 is the key.  No state here; session_table.h holds the live
 * ones. docs/KEEPER.md, "Sessions".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/clock.h"
#include "appliance/crypto/digest.h"
#include "appliance/keeper/state/label.h"
#include "appliance/keeper/state/role.h"

#define SR_SESSION_TOKEN_BYTES 32
#define SR_SESSION_TOKEN_TEXT 44   /* base64url without padding, with NUL */
#define SR_SESSION_ID_TEXT 18      /* "s" and 16 digits, with NUL */
#define SR_SESSION_RECORD_MAX 2048 /* bytes of an encoded record */

#define SR_SESSION_IDLE_NS (15ll * 60 * SR_SECOND_NS)
#define SR_SESSION_LENGTH_NS (10ll * 3600 * SR_SECOND_NS)
#define SR_SESSION_PASS_LENGTH_NS (2ll * 3600 * SR_SECOND_NS)

enum sr_session_channel {
	SR_SESSION_WEB,
	SR_SESSION_CLI,
};

/* Times are the ledger's (ledger_clock.h). */
struct sr_session {
	struct sr_digest token_hash;
	char id[SR_SESSION_ID_TEXT]; /* public, for lists and the ledger: "s" and the first 8 bytes of the
	                                hash */
	char user[SR_LABEL_BYTES];   /* of a pass session: the pass */
	enum sr_role role;
	char organ[SR_LABEL_BYTES];
	char grant[SR_LABEL_BYTES]; /* of a pass session: what it dies with; else "" */
	enum sr_session_channel channel;
	char address[SR_LABEL_BYTES]; /* an address, or "uid:1000" */
	int64_t opened_ns;
	int64_t last_used_ns;
	char csrf[SR_SESSION_TOKEN_TEXT]; /* the header token against cross-site posts */
};

/* Who signs in, in which way.  Texts are borrowed. */
struct sr_session_opening {
	const char *user;
	enum sr_role role;
	const char *organ;
	const char *grant; /* of a pass session, whose role is SR_ROLE_PARTY; else NULL */
	enum sr_session_channel channel;
	const char *address;
	int64_t now_ns;
};

/*
 * A new session.  @token is for the client alone: the caller wipes it once it is sent.  SR_INVALID names a
 * text that is no label, a party without a grant, or a grant without a party.
 */
SR_CHECKED enum sr_status sr_session_make(const struct sr_session_opening *opening, struct sr_session *out,
                                          char token[SR_SESSION_TOKEN_TEXT], struct sr_err *err);

/* The key of a token that somebody shows.  SR_DENIED when the text cannot be one of ours. */
SR_CHECKED enum sr_status sr_session_token_hash(const char *token, size_t size, struct sr_digest *out,
                                                struct sr_err *err);

/* Is @csrf this session's header token?  In time that does not depend on the content. */
bool sr_session_csrf_matches(const struct sr_session *session, const char *csrf, size_t size);

/* When it ends at the latest, and when it ends if it is not used again. */
int64_t sr_session_until_ns(const struct sr_session *session);
int64_t sr_session_due_ns(const struct sr_session *session);

const char *sr_session_channel_name(enum sr_session_channel channel);

/*
 * Append the stored form: one JSON object, keys in one order.  What decodes is exactly what encodes:
 * SR_CORRUPT for other keys, another order or spelling, texts that are no labels, times out of order or
 * beyond the session's length; SR_LIMIT over SR_SESSION_RECORD_MAX bytes.
 */
SR_CHECKED enum sr_status sr_session_encode(const struct sr_session *session, struct sr_buf *out,
                                            struct sr_err *err);
SR_CHECKED enum sr_status sr_session_decode(struct sr_bytes bytes, struct sr_session *out,
                                            struct sr_err *err);
