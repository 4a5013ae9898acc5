/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/session.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/random.h"
#include "appliance/base/secret.h"
#include "appliance/base/text.h"
#include "appliance/crypto/wipe.h"

#define ID_BYTES 8

/* --- tokens ------------------------------------------------------------------------------------- */

static void dispose_wiped(struct sr_buf *buf)
{
	if (buf->data)
		sr_wipe(buf->data, buf->capacity);
	sr_buf_dispose(buf);
}

static enum sr_status make_token(char out[SR_SESSION_TOKEN_TEXT], struct sr_err *err)
{
	SR_CLEANUP(sr_wipe_key) uint8_t random[SR_SESSION_TOKEN_BYTES] = { 0 };
	SR_CLEANUP(dispose_wiped) struct sr_buf text = { 0 };

	SR_TRY(sr_random_fill(random, sizeof(random), err));
	/* Room at once: a growing buffer would leave pieces behind. */
	SR_TRY(sr_buf_reserve(&text, 2 * (size_t)SR_SESSION_TOKEN_TEXT, err));
	SR_TRY(sr_base64_encode(SR_BASE64_URL, random, sizeof(random), &text, err));
	memcpy(out, text.data, SR_SESSION_TOKEN_TEXT - 1);
	out[SR_SESSION_TOKEN_TEXT - 1] = '\0';
	return SR_OK;
}

/* 32 bytes in their one spelling? */
static bool is_token(const char *text, size_t size)
{
	SR_CLEANUP(dispose_wiped) struct sr_buf bytes = { 0 };
	struct sr_err err;

	return size == SR_SESSION_TOKEN_TEXT - 1 && sr_buf_reserve(&bytes, size, &err) == SR_OK &&
	       sr_base64_decode(SR_BASE64_URL, text, size, &bytes, &err) == SR_OK &&
	       bytes.size == SR_SESSION_TOKEN_BYTES;
}

enum sr_status sr_session_token_hash(const char *token, size_t size, struct sr_digest *out,
                                     struct sr_err *err)
{
	if (!is_token(token, size))
		return sr_fail(err, SR_DENIED, "no such session; sign in again");
	return sr_digest_of(token, size, out, err);
}

bool sr_session_csrf_matches(const struct sr_session *session, const char *csrf, size_t size)
{
	return size == SR_SESSION_TOKEN_TEXT - 1 && sr_secret_equal(session->csrf, csrf, size);
}

/* --- a session ---------------------------------------------------------------------------------- */

static void set_id(struct sr_session *session)
{
	session->id[0] = 's';
	sr_hex_encode(session->token_hash.bytes, ID_BYTES, session->id + 1);
}

static bool is_pass(const struct sr_session *session)
{
	return session->grant[0] != '\0';
}

int64_t sr_session_until_ns(const struct sr_session *session)
{
	int64_t until_ns;

	if (__builtin_add_overflow(session->opened_ns,
	                           is_pass(session) ? SR_SESSION_PASS_LENGTH_NS : SR_SESSION_LENGTH_NS,
	                           &until_ns))
		return INT64_MAX;
	return until_ns;
}

int64_t sr_session_due_ns(const struct sr_session *session)
{
	int64_t until_ns = sr_session_until_ns(session);
	int64_t idle_ns;

	if (__builtin_add_overflow(session->last_used_ns, SR_SESSION_IDLE_NS, &idle_ns))
		return until_ns;
	return idle_ns < until_ns ? idle_ns : until_ns;
}

const char *sr_session_channel_name(enum sr_session_channel channel)
{
	switch (channel) {
	case SR_SESSION_WEB:
		return "web";
	case SR_SESSION_CLI:
		return "cli";
	}
	return "unknown";
}

enum sr_status sr_session_make(const struct sr_session_opening *opening, struct sr_session *out,
                               char token[SR_SESSION_TOKEN_TEXT], struct sr_err *err)
{
	const struct {
		const char *what, *text;
	} labels[] = { { "user", opening->user },
		       { "organ", opening->organ },
		       { "address", opening->address },
		       { "grant", opening->grant ? opening->grant : "none" } };
	struct sr_session session = { .role = opening->role,
		                      .channel = opening->channel,
		                      .opened_ns = opening->now_ns,
		                      .last_used_ns = opening->now_ns };

	for (size_t i = 0; i < SR_COUNT(labels); i++) {
		if (!sr_label_is_valid(labels[i].text))
			return sr_fail(err, SR_INVALID,
			               "a session's %s must be 1 to %d bytes of printable text",
			               labels[i].what, SR_LABEL_BYTES - 1);
	}
	if ((opening->role == SR_ROLE_PARTY) != (opening->grant != NULL))
		return sr_fail(err, SR_INVALID,
		               "a pass opens a session of a party under a grant, and nothing else does");
	if (opening->now_ns < 0)
		return sr_fail(err, SR_INVALID, "a session cannot open before 1970");
	sr_label_copy(session.user, opening->user);
	sr_label_copy(session.organ, opening->organ);
	sr_label_copy(session.address, opening->address);
	sr_label_copy(session.grant, opening->grant ? opening->grant : "");
	SR_TRY(make_token(session.csrf, err));
	SR_TRY(make_token(token, err));
	SR_TRY(sr_session_token_hash(token, SR_SESSION_TOKEN_TEXT - 1, &session.token_hash, err));
	set_id(&session);
	*out = session;
	return SR_OK;
}

/* --- stored form -------------------------------------------------------------------------------- */

enum sr_status sr_session_encode(const struct sr_session *session, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *json = NULL;
	char hash[SR_DIGEST_HEX];

	sr_digest_to_hex(&session->token_hash, hash);
	SR_TRY(SR_JSON_PACK(&json, err, "{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s}", "v", 1,
	                    "token", hash, "user", session->user, "role", sr_role_name(session->role),
	                    "organ", session->organ, "grant", session->grant, "channel",
	                    sr_session_channel_name(session->channel), "address", session->address,
	                    "opened_ns", (json_int_t)session->opened_ns, "last_used_ns",
	                    (json_int_t)session->last_used_ns, "csrf", session->csrf));
	return sr_json_write(json, out, err);
}

static enum sr_status decode_label(const json_t *json, const char *key, bool may_be_empty,
                                   char out[SR_LABEL_BYTES], struct sr_err *err)
{
	const char *text;

	SR_TRY(sr_json_need_text(json, key, &text, err));
	if (!(may_be_empty && text[0] == '\0') && !sr_label_is_valid(text))
		return sr_fail(err, SR_CORRUPT, "%s is not a short printable text", key);
	sr_label_copy(out, text);
	return SR_OK;
}

static enum sr_status decode_words(const json_t *json, struct sr_session *out, struct sr_err *err)
{
	const char *role, *channel;

	SR_TRY(sr_json_need_text(json, "role", &role, err));
	if (!sr_role_parse(role, &out->role))
		return sr_fail(err, SR_CORRUPT, "role is none that there is");
	SR_TRY(sr_json_need_text(json, "channel", &channel, err));
	if (strcmp(channel, sr_session_channel_name(SR_SESSION_WEB)) == 0)
		out->channel = SR_SESSION_WEB;
	else if (strcmp(channel, sr_session_channel_name(SR_SESSION_CLI)) == 0)
		out->channel = SR_SESSION_CLI;
	else
		return sr_fail(err, SR_CORRUPT, "channel is none that there is");
	if ((out->role == SR_ROLE_PARTY) != is_pass(out))
		return sr_fail(err, SR_CORRUPT, "a party without a grant, or a grant without a party");
	return SR_OK;
}

static enum sr_status decode_times(const json_t *json, struct sr_session *out, struct sr_err *err)
{
	uint64_t opened, last_used;

	SR_TRY(sr_json_need_u64(json, "opened_ns", INT64_MAX, &opened, err));
	SR_TRY(sr_json_need_u64(json, "last_used_ns", INT64_MAX, &last_used, err));
	out->opened_ns = (int64_t)opened;
	out->last_used_ns = (int64_t)last_used;
	if (last_used < opened || out->last_used_ns > sr_session_until_ns(out))
		return sr_fail(err, SR_CORRUPT, "last_used_ns is outside of the session");
	return SR_OK;
}

static enum sr_status decode_tokens(const json_t *json, struct sr_session *out, struct sr_err *err)
{
	const char *hash, *csrf;

	SR_TRY(sr_json_need_text(json, "token", &hash, err));
	if (!sr_digest_from_hex(hash, &out->token_hash))
		return sr_fail(err, SR_CORRUPT, "token is not a SHA-256 digest");
	SR_TRY(sr_json_need_text(json, "csrf", &csrf, err));
	if (!is_token(csrf, strlen(csrf)))
		return sr_fail(err, SR_CORRUPT, "csrf is not 32 bytes in base64url");
	memcpy(out->csrf, csrf, SR_SESSION_TOKEN_TEXT);
	set_id(out);
	return SR_OK;
}

enum sr_status sr_session_decode(struct sr_bytes bytes, struct sr_session *out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *json = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf again = { 0 };
	struct sr_session session = { 0 };
	uint64_t version;

	SR_TRY(sr_json_parse(bytes.data, bytes.size, SR_SESSION_RECORD_MAX, &json, err));
	if (!json_is_object(json))
		return sr_fail(err, SR_CORRUPT, "a stored session is not an object");
	SR_TRY(sr_json_need_u64(json, "v", 1, &version, err));
	SR_TRY(decode_label(json, "user", false, session.user, err));
	SR_TRY(decode_label(json, "organ", false, session.organ, err));
	SR_TRY(decode_label(json, "grant", true, session.grant, err));
	SR_TRY(decode_label(json, "address", false, session.address, err));
	SR_TRY(decode_words(json, &session, err));
	SR_TRY(decode_times(json, &session, err));
	SR_TRY(decode_tokens(json, &session, err));

	/* Other keys, another order, another spelling, another version: not what we wrote. */
	SR_TRY(sr_session_encode(&session, &again, err));
	if (again.size != bytes.size || memcmp(again.data, bytes.data, bytes.size) != 0)
		return sr_fail(err, SR_CORRUPT, "a stored session is not written as we write it");
	*out = session;
	return SR_OK;
}
