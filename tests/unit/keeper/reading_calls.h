/* SPDX-License-Identifier: Apache-2.0 */
/* Commands about readings, given through the door of the FUSE front end.  Behind reading_room.h. */
#pragma once

#include "tests/unit/keeper/reading_room.h"

#include "appliance/keeper/reading/member_reader.h"

struct answer {
	enum sr_status status;
	struct sr_wire_reply reply;
	struct sr_err err;
};

static inline void answer_dispose(struct answer *answer)
{
	sr_wire_reply_dispose(&answer->reply);
}

static inline const char *error_of(const struct answer *answer)
{
	const char *dot = strrchr(answer->reply.error, '.');

	return dot ? dot + 1 : "";
}

static inline const json_t *said(const struct answer *answer)
{
	return answer->reply.message.parameters;
}

/* @parameters is taken. */
static inline void give(struct sr_wire_client *client, const char *method, json_t *parameters,
                        struct answer *out)
{
	char name[64];
	const struct sr_wire_request request = { .method = name,
		                                 .parameters = parameters,
		                                 .timeout_ms = 120000 };

	assert_non_null(parameters);
	*out = (struct answer){ 0 };
	snprintf(name, sizeof(name), "org.strongroom.%s", method);
	out->status = sr_wire_client_call(client, &request, &out->reply, &out->err);
	json_decref(parameters);
}

static inline json_t *opening_words(unsigned uid, const char *grant, const char *case_id, int member,
                                    const char *channel)
{
	return json_pack("{s:i,s:i,s:s,s:s,s:i,s:s}", "uid", (int)uid, "pid", (int)getpid(), "grant", grant,
	                 "case", case_id, "member", member, "channel", channel);
}

static inline void open_as(struct sr_wire_client *fs, unsigned uid, const char *grant, const char *case_id,
                           int member, struct answer *out)
{
	give(fs, "OpenMember", opening_words(uid, grant, case_id, member, "fs"), out);
	if (out->status != SR_OK && out->status != SR_DENIED)
		print_message("OpenMember: %s\n", out->err.text);
}

/* The handle of an opening that must succeed. */
static inline struct sr_member_handle *must_open(struct sr_wire_client *fs, unsigned uid, const char *grant,
                                                 const char *case_id, int member)
{
	SR_CLEANUP(answer_dispose) struct answer answer = { 0 };
	struct sr_member_handle *handle = NULL;
	struct sr_err err;

	open_as(fs, uid, grant, case_id, member, &answer);
	assert_int_equal(answer.status, SR_OK);
	assert_int_equal(answer.reply.descriptors.count, 1);
	assert_ok(sr_member_reader_open(said(&answer), sr_descriptors_take(&answer.reply.descriptors, 0),
	                                &handle, &err));
	return handle;
}

static inline void close_as(struct sr_wire_client *fs, unsigned uid, struct sr_member_handle *handle,
                            struct answer *out)
{
	struct sr_err err;
	json_t *parameters = NULL;

	assert_ok(sr_member_reader_closing(handle, NULL, &parameters, &err));
	json_object_set_new(parameters, "uid", json_integer(uid));
	give(fs, "CloseMember", parameters, out);
}

/* Entries of a type, newest last; the caller owns the list. */
static inline json_t *entries_of(struct reading_room *room, const char *type)
{
	SR_CLEANUP(sr_env_closep) struct sr_env *env = NULL;
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_err err;
	json_t *list = json_array();
	char path[96];
	uint64_t size;

	snprintf(path, sizeof(path), "%s/db", room->data);
	const struct sr_env_options options = { .path = path };
	if (!room->keeper)
		assert_ok(sr_env_open(&options, &env, &err));
	assert_ok(sr_txn_read(room->keeper ? room->keeper->env : env, &txn, &err));
	assert_ok(sr_journal_size(txn, &size, &err));
	for (uint64_t i = 0; i < size; i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
		json_t *entry = NULL;

		assert_ok(sr_journal_entry(txn, i, &bytes, &err));
		assert_ok(sr_json_parse(bytes.data, bytes.size, 65536, &entry, &err));
		if (strcmp(sr_json_text(entry, "type"), type) == 0)
			json_array_append_new(list, entry);
		else
			json_decref(entry);
	}
	return list;
}

static inline size_t count_entries(struct reading_room *room, const char *type)
{
	json_t *list = entries_of(room, type);
	size_t count = json_array_size(list);

	json_decref(list);
	return count;
}

static inline int64_t number_in(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* Wait until the log has @count entries of @type: what the keeper writes of itself comes with a tick. */
static inline void await_entries(struct reading_room *room, const char *type, size_t count)
{
	for (int i = 0; i < 6000 && count_entries(room, type) < count; i++)
		usleep(10000);
	assert_int_equal(count_entries(room, type), count);
}

/* Read @size bytes at @offset and compare with what was sealed. */
static inline void assert_reads(struct sr_member_handle *handle, size_t which, size_t member, uint64_t offset,
                                size_t size)
{
	uint8_t *data = malloc(size + 1);
	struct sr_err err;
	size_t got = 0;

	assert_ok(sr_member_reader_read(handle, offset, data, size, &got, &err));
	uint64_t whole = sr_member_reader_info(handle)->bytes;
	size_t expected = offset >= whole ? 0 : size < whole - offset ? size : (size_t)(whole - offset);
	assert_int_equal(got, expected);
	for (size_t i = 0; i < got; i++)
		if (data[i] != room_byte(which, member, offset + i))
			fail_msg("byte %llu of member %zu differs", (unsigned long long)(offset + i),
			         member + 1);
	free(data);
}
