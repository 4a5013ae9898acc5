/* SPDX-License-Identifier: Apache-2.0 */
/* A log of its own for a test, and events into it: each in one transaction, undone when it is refused. */
#pragma once

#include "tests/unit/unit.h"
#include "tests/unit/folder.h"

#include <jansson.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/reduce.h"

#define CASE_A "01900000-0000-7000-8000-00000000000a"
#define CASE_B "01900000-0000-7000-8000-00000000000b"
#define CASE_C "01900000-0000-7000-8000-00000000000c"
#define DIGEST_0 "0000000000000000000000000000000000000000000000000000000000000000"

struct log_room {
	struct test_folder folder;
	struct sr_env *env;
	int64_t now_ns;
	struct sr_err err; /* of the last event */
	char policy[SR_DIGEST_HEX];
};

static inline void log_room_open(struct log_room *room)
{
	struct sr_env_options options = { .map_start = 16u << 20 };
	struct sr_err err;

	*room = (struct log_room){ .now_ns = 1790000000ll * SR_SECOND_NS };
	assert_ok(sr_clock_set_zone("Asia/Shanghai", &err));
	test_folder_open(&room->folder);
	options.path = room->folder.path;
	assert_ok(sr_env_open(&options, &room->env, &err));
}

static inline void log_room_close(struct log_room *room)
{
	sr_env_close(room->env);
	test_folder_close(&room->folder);
}

/* @fields is taken.  @user NULL: the appliance itself. */
static inline enum sr_status tell(struct log_room *room, const char *type, const char *user, json_t *fields)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *owned = fields;
	SR_CLEANUP(sr_json_decrefp) json_t *actor = user ? json_pack("{s:s}", "user", user) : NULL;
	const struct sr_entry_draft draft = { .type = type, .actor = actor, .fields = owned };

	assert_non_null(fields);
	room->now_ns += SR_SECOND_NS;
	assert_int_equal(sr_txn_write(room->env, &txn, &room->err), SR_OK);
	SR_TRY(sr_record_event(txn, &draft, room->now_ns, NULL, &room->err));
	return sr_txn_commit(&txn, &room->err);
}

#define must_tell(room, type, user, fields)                                                                  \
	do {                                                                                                 \
		enum sr_status told_ = tell(room, type, user, fields);                                       \
		if (told_ != SR_OK)                                                                          \
			print_message("%s: %s\n", type, (room)->err.text);                                   \
		assert_int_equal(told_, SR_OK);                                                              \
	} while (0)

static inline void add_user(struct log_room *room, const char *user, const char *role, const char *organ,
                            bool bootstrap)
{
	char proposal[64];

	snprintf(proposal, sizeof(proposal), "add-%s", user);
	must_tell(room, "user.proposed", bootstrap ? NULL : "root",
	          json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "proposal", proposal, "action", "add", "user", user,
	                    "full_name", "某某", "role", role, "organ", organ));
	must_tell(room, "user.confirmed", bootstrap ? NULL : "security",
	          json_pack("{s:s,s:s}", "proposal", proposal, "user", user));
}

/* Digest of a JSON value in the compact form. */
static inline void digest_of_json(const json_t *json, char out[SR_DIGEST_HEX])
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_digest digest;
	struct sr_err err;

	assert_ok(sr_json_write(json, &text, &err));
	assert_ok(sr_digest_of(text.data, text.size, &digest, &err));
	sr_digest_to_hex(&digest, out);
}

/* A case of an organ, sealed; @words: its classification, taken.  @until: the last day of its retention, or
 * NULL. */
static inline void seal_case(struct log_room *room, const char *id, const char *organ, json_t *words,
                             const char *until)
{
	must_tell(room, "case.sealed", "deputy",
	          json_pack("{s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:s,s:s,s:s,s:s*,s:o}", "case", id, "part",
	                    1, "number", id, "organ", organ, "seal", DIGEST_0, "stamp", DIGEST_0,
	                    "stamped_at", "2026-01-01T00:00:00Z", "members", 3, "bytes", 10, "handler",
	                    "handler", "archivist", "deputy", "retention", until ? "10y" : "permanent",
	                    "retained_until", until, "classification", words));
}

/* An organ with people in every role, and the default approval table: one official, two for the channel copy.
 */
static inline void people_open(struct log_room *room)
{
	SR_CLEANUP(sr_json_decrefp)
	json_t *table = json_pack("{s:[{s:i},{s:[s],s:i}]}", "rules", "approvals", 1, "channels", "copy",
	                          "approvals", 2);

	log_room_open(room);
	digest_of_json(table, room->policy);
	must_tell(room, "ledger.opened", NULL,
	          json_pack("{s:s,s:i,s:{s:s,s:s,s:s},s:{},s:s}", "appliance", "a", "epoch", 1, "organ",
	                    "code", "000000-YB", "name", "样例局", "level", "city", "keys", "version",
	                    "0.1.0"));
	add_user(room, "root", "admin", "000000-YB", true);
	add_user(room, "security", "security-admin", "000000-YB", true);
	must_tell(room, "policy.proposed", NULL,
	          json_pack("{s:s,s:O}", "policy", room->policy, "table", table));
	must_tell(room, "policy.changed", NULL, json_pack("{s:s}", "policy", room->policy));
	must_tell(room, "organ.added", "root",
	          json_pack("{s:s,s:s,s:s,s:s}", "organ", "000001-YB", "name", "样例县局", "level", "county",
	                    "parent", "000000-YB"));
	add_user(room, "official", "official", "000000-YB", false);
	add_user(room, "second", "official", "000000-YB", false);
	add_user(room, "other-organ", "official", "000001-YB", false);
	add_user(room, "reader", "supervisor", "000000-YB", false);
	add_user(room, "stranger", "supervisor", "000000-YB", false);
	add_user(room, "deputy", "archivist", "000000-YB", false);
	seal_case(room, CASE_A, "000000-YB", json_array(), NULL);
	seal_case(room, CASE_B, "000000-YB", json_array(), NULL);
}

/* Digest of a request that is one entry: its leaf, hashed. */
static inline void request_digest_of_last(struct log_room *room, char out[SR_DIGEST_HEX])
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	struct sr_digest leaf, digest;
	uint64_t size;
	struct sr_err err;

	assert_ok(sr_txn_read(room->env, &txn, &err));
	assert_ok(sr_journal_size(txn, &size, &err));
	assert_ok(sr_buf_add(&bytes, "\0", 1, &err));
	assert_ok(sr_journal_entry(txn, size - 1, &bytes, &err));
	assert_ok(sr_digest_of(bytes.data, bytes.size, &leaf, &err));
	assert_ok(sr_digest_of(leaf.bytes, sizeof(leaf.bytes), &digest, &err));
	sr_digest_to_hex(&digest, out);
}

/* A request of `reader` for cases A and B on the channels fs and web, 10 days. */
static inline void file_request(struct log_room *room, const char *id, const char *channel,
                                char digest[SR_DIGEST_HEX])
{
	must_tell(room, "request.filed", "reader",
	          json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:[s,s],s:[s],s:[s,s],s:i}", "request", id,
	                    "reader", "reader", "organ", "000000-YB", "class", "supervisor", "purpose",
	                    "supervision", "reason", "检查", "case_count", 2, "cases", CASE_A, CASE_B,
	                    "volumes", "main", "channels", "fs", channel, "days", 10));
	request_digest_of_last(room, digest);
}

/* The fields of an approval; @grant NULL: another official is awaited. */
static inline json_t *approval(const struct log_room *room, const char *request, const char *digest,
                               const char *official, const char *grant)
{
	char from[SR_TIME_TEXT], until[SR_TIME_TEXT];
	json_t *fields = json_pack("{s:s,s:s,s:s,s:s,s:s}", "request", request, "digest", digest, "decision",
	                           "approve", "official", official, "policy", room->policy);

	sr_time_format_utc(room->now_ns, from);
	sr_time_format_utc(room->now_ns + 5 * SR_DAY_S * SR_SECOND_NS, until);
	if (!grant) {
		json_object_set_new(fields, "awaits", json_integer(1));
		return fields;
	}
	json_object_set_new(fields, "grant", json_string(grant));
	json_object_set_new(fields, "reader", json_string("reader"));
	json_object_set_new(fields, "from", json_string(from));
	json_object_set_new(fields, "until", json_string(until));
	return fields;
}

static inline json_t *opening(const char *grant, const char *request, const char *case_id, int member,
                              const char *channel)
{
	return json_pack("{s:s,s:s,s:[s],s:s,s:i,s:i,s:s,s:i}", "grant", grant, "request", request,
	                 "approved_by", "official", "case", case_id, "part", 1, "member", member, "channel",
	                 channel, "uid", 1000);
}
