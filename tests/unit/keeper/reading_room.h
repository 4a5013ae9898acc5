/* SPDX-License-Identifier: Apache-2.0 */
/* Grants over the cases of reading_case.h, and a keeper. */
#pragma once

#include "tests/unit/keeper/reading_case.h"

/* --- grants ---------------------------------------------------------------------------------------- */

static inline enum sr_status room_read_log(void *context, struct sr_txn *txn, struct sr_err *err)
{
	struct sr_buf *bytes = context;
	uint64_t size;

	SR_TRY(sr_journal_size(txn, &size, err));
	return sr_journal_entry(txn, size - 1, bytes, err);
}

static inline enum sr_status room_read_policy(void *context, struct sr_txn *txn, struct sr_err *err)
{
	struct reading_room *room = context;
	SR_CLEANUP(sr_json_decrefp) json_t *policy = NULL;

	SR_TRY(sr_record_get(txn, SR_DB_POLICY, "current", "policy", &policy, err));
	snprintf(room->policy, sizeof(room->policy), "%s", sr_json_text(policy, "policy"));
	return SR_OK;
}

struct room_wish {
	const char *grant;
	const char *reader; /* NULL: a pass reads */
	const char *class;  /* NULL: supervisor */
	const char *channel;
	const char *escort; /* or NULL */
	bool main_only;     /* volumes */
	json_t *members;    /* scope, taken; NULL: all */
	json_t *with;       /* the same of the decision */
	int64_t lasts_s;    /* 0: five days */
	json_t *on_behalf;  /* taken */
	bool second;        /* two officials decide: the channel is copy */
};

static inline json_t *room_decision(const struct reading_room *room, const struct room_wish *wish,
                                    const char *request, const char *digest, const char *official)
{
	int64_t from_ns = sr_clock_now_ns();
	int64_t lasts_s = wish->lasts_s ? wish->lasts_s : 5 * SR_DAY_S;
	char from[SR_TIME_TEXT], until[SR_TIME_TEXT];
	json_t *fields = json_pack("{s:s,s:s,s:s,s:s,s:s}", "request", request, "digest", digest, "decision",
	                           "approve", "official", official, "policy", room->policy);

	if (wish->second && strcmp(official, "official") == 0) {
		json_object_set_new(fields, "awaits", json_integer(1));
		if (wish->with)
			json_object_set(fields, "with", wish->with);
		return fields;
	}
	sr_time_format_utc(from_ns, from);
	sr_time_format_utc(from_ns + lasts_s * SR_SECOND_NS, until);
	json_object_set_new(fields, "grant", json_string(wish->grant));
	if (wish->reader)
		json_object_set_new(fields, "reader", json_string(wish->reader));
	if (wish->with)
		json_object_set(fields, "with", wish->with);
	json_object_set_new(fields, "from", json_string(from));
	json_object_set_new(fields, "until", json_string(until));
	if (wish->escort)
		json_object_set_new(fields, "escort", json_string(wish->escort));
	return fields;
}

/* A request for both cases, filed by its reader (a pass: by `archie`) and approved. */
static inline void room_grant(struct reading_room *room, const struct room_wish *wish)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf leaf = { 0 };
	char request[16], hex[SR_DIGEST_HEX];
	struct sr_digest hash, digest;
	struct sr_err err;
	json_t *fields;

	snprintf(request, sizeof(request), "R%05u", ++room->requests);
	fields = json_pack("{s:s,s:s*,s:s,s:s,s:s,s:s,s:i,s:[s,s],s:o*,s:[s,s*],s:[s],s:i,s:o*}", "request",
	                   request, "reader", wish->reader, "organ", ROOM_ORGAN, "class",
	                   wish->class ? wish->class : "supervisor", "purpose", "supervision", "reason",
	                   "检查", "case_count", 2, "cases", room->case_id[0], room->case_id[1], "members",
	                   wish->members, "volumes", "main", wish->main_only ? NULL : "sub", "channels",
	                   wish->channel ? wish->channel : "fs", "days", 30, "on_behalf", wish->on_behalf);
	if (wish->on_behalf)
		json_object_set_new(
			fields, "papers",
			json_pack("[{s:s,s:s,s:s}]", "kind", "identity", "name", "id.jpg", "digest",
		                  "0000000000000000000000000000000000000000000000000000000000000000"));
	room_tell(room, "request.filed", wish->reader ? wish->reader : "archie", fields);
	assert_int_equal(room_write(room, room_read_log, &leaf), SR_OK);
	assert_int_equal(room_write(room, room_read_policy, room), SR_OK);
	assert_ok(sr_merkle_leaf(leaf.data, leaf.size, &hash, &err));
	assert_ok(sr_digest_of(hash.bytes, sizeof(hash.bytes), &digest, &err));
	sr_digest_to_hex(&digest, hex);
	room_tell(room, "request.decided", "official", room_decision(room, wish, request, hex, "official"));
	if (wish->second)
		room_tell(room, "request.decided", "second",
		          room_decision(room, wish, request, hex, "second"));
	json_decref(wish->with);
}

/* --- the keeper ------------------------------------------------------------------------------------ */

static inline void *room_loop(void *context)
{
	struct sr_err err;

	if (sr_keeper_run(context, &err) != SR_OK)
		abort();
	return NULL;
}

static inline void room_start(struct reading_room *room)
{
	const struct sr_keeper_options options = { .data = room->data };
	struct sr_err err;

	assert_ok(sr_keeper_open(&options, &room->keeper, &err));
	assert_int_equal(pthread_create(&room->loop, NULL, room_loop, room->keeper), 0);
}

static inline void room_stop(struct reading_room *room)
{
	if (!room->keeper)
		return;
	sr_keeper_stop(room->keeper);
	pthread_join(room->loop, NULL);
	sr_keeper_close(room->keeper);
	room->keeper = NULL;
}

static inline struct sr_wire_client *room_door(struct reading_room *room, enum sr_peer_kind kind)
{
	struct sr_wire_client *client = NULL;
	struct sr_err err;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_ok(sr_keeper_adopt(room->keeper, ends[0], kind, kind != SR_PEER_CALLER, &err));
	assert_ok(sr_wire_client_adopt(ends[1], &client, &err));
	return client;
}

/* A data directory with its people and cases; no keeper runs. */
static inline void room_open(struct reading_room *room)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct sr_init_request request = { .organ = "样例市医疗保障局", .organ_code = ROOM_ORGAN };
	struct sr_err err;

	*room = (struct reading_room){ 0 };
	test_folder_open(&room->folder);
	snprintf(room->data, sizeof(room->data), "%s/data", room->folder.path);
	request.data = room->data;
	assert_ok(sr_init(&request, &reply, &err));
	snprintf(room->admin, sizeof(room->admin), "%s",
	         sr_json_text(json_array_get(json_object_get(reply, "users"), 0), "user"));
	room_add_user(room, "official", "official", 0, NULL);
	room_add_user(room, "second", "official", 0, NULL);
	room_add_user(room, "archie", "archivist", ROOM_ARCHIE_UID, NULL);
	room_add_user(room, "reader", "supervisor", ROOM_READER_UID, NULL);
	room_add_user(room, "stranger", "supervisor", ROOM_STRANGER_UID, NULL);
	room_add_user(room, "cleared", "supervisor", ROOM_CLEARED_UID, "privacy");
	for (size_t i = 0; i < ROOM_CASES; i++)
		room_seal(room, i);
}

static inline void room_close(struct reading_room *room)
{
	room_stop(room);
	test_folder_close(&room->folder);
}
