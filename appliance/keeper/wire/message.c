/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/message.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/keeper/wire/wire_memory.h"

#define FIRST_BYTES 512u /* most answers are smaller */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool sr_message_name_is_valid(const char *name)
{
	const char *last = strrchr(name, '.');

	if (!last || strlen(name) >= SR_MESSAGE_NAME_BYTES || !is_letter(name[0]))
		return false;
	for (const char *c = name; *c; c++) {
		if (!is_letter(*c) && !(*c >= '0' && *c <= '9') && *c != '-' && *c != '.')
			return false;
	}
	return last[1] >= 'A' && last[1] <= 'Z';
}

void sr_message_dispose(struct sr_message *message)
{
	json_decref(message->root);
	*message = (struct sr_message){ 0 };
}

/* A key of the frame's own object; which it is allowed to have. */
struct key {
	const char *name;
	json_type type; /* JSON_TRUE stands for either truth value */
};

static const struct key call_keys[] = { { "method", JSON_STRING },
	                                { "parameters", JSON_OBJECT },
	                                { "more", JSON_TRUE },
	                                { "oneway", JSON_TRUE },
	                                { "upgrade", JSON_TRUE } };
static const struct key answer_keys[] = { { "parameters", JSON_OBJECT },
	                                  { "continues", JSON_TRUE },
	                                  { "error", JSON_STRING },
	                                  { "method", JSON_STRING } };

static bool key_is_allowed(const struct key *keys, size_t count, const char *name, const json_t *value)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(keys[i].name, name) == 0)
			return keys[i].type == JSON_TRUE ? json_is_boolean(value)
			                                 : json_typeof(value) == keys[i].type;
	}
	return false;
}

static enum sr_status parse(const uint8_t *text, size_t size, const struct key *keys, size_t count,
                            json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *root = NULL;
	const char *name;
	json_t *value;

	/* What the caller sent is wrong, not something stored: SR_CORRUPT becomes SR_INVALID. */
	enum sr_status status = sr_json_parse(text, size, SR_LIMIT_FRAME_BYTES, &root, err);
	if (status != SR_OK)
		return sr_fail_in(err, status == SR_CORRUPT ? SR_INVALID : status, "frame: ");
	if (!json_is_object(root))
		return sr_fail(err, SR_INVALID, "frame: not a JSON object");
	json_object_foreach(root, name, value) {
		if (!key_is_allowed(keys, count, name, value))
			return sr_fail(err, SR_INVALID,
			               "frame: \"%s\" does not belong there or has a wrong type", name);
	}
	if (!json_object_get(root, "parameters"))
		SR_TRY(sr_json_set(root, "parameters", json_object(), err));
	*out = SR_MOVE(root);
	return SR_OK;
}

static enum sr_status check_name(const char *name, struct sr_err *err)
{
	if (!sr_message_name_is_valid(name))
		return sr_fail(err, SR_INVALID, "frame: \"%.64s\" is no name such as org.strongroom.WhoAmI",
		               name);
	return SR_OK;
}

static bool is_set(const json_t *root, const char *key)
{
	return json_is_true(json_object_get(root, key));
}

enum sr_status sr_message_parse_call(const uint8_t *text, size_t size, struct sr_message *out,
                                     struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *root = NULL;

	SR_TRY(parse(text, size, call_keys, SR_COUNT(call_keys), &root, err));
	const char *method = sr_json_text(root, "method");
	if (!method)
		return sr_fail(err, SR_INVALID, "frame: no \"method\"");
	SR_TRY(check_name(method, err));
	if (is_set(root, "oneway") || is_set(root, "upgrade"))
		return sr_fail(err, SR_INVALID, "frame: \"oneway\" and \"upgrade\" are not served");
	*out = (struct sr_message){ .method = method,
		                    .parameters = json_object_get(root, "parameters"),
		                    .more = is_set(root, "more") };
	out->root = SR_MOVE(root);
	return SR_OK;
}

enum sr_status sr_message_parse_answer(const uint8_t *text, size_t size, struct sr_message *out,
                                       struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *root = NULL;

	SR_TRY(parse(text, size, answer_keys, SR_COUNT(answer_keys), &root, err));
	const char *method = sr_json_text(root, "method");
	const char *error = sr_json_text(root, "error");
	bool continues = is_set(root, "continues");
	if ((method && error) || ((method || error) && continues))
		return sr_fail(err, SR_INVALID, "frame: neither an answer nor an error nor a push");
	if (method)
		SR_TRY(check_name(method, err));
	if (error)
		SR_TRY(check_name(error, err));
	*out = (struct sr_message){ .method = method,
		                    .error = error,
		                    .parameters = json_object_get(root, "parameters"),
		                    .continues = continues };
	out->root = SR_MOVE(root);
	return SR_OK;
}

/* A frame that grows without leaving an unwiped copy in the heap, as realloc would. */
struct draft {
	struct sr_frame *frame;
	enum sr_status status;
	struct sr_err *err;
};

static enum sr_status grow(struct sr_frame *frame, size_t need, struct sr_err *err)
{
	size_t capacity = frame->capacity < FIRST_BYTES ? FIRST_BYTES : frame->capacity;
	uint8_t *memory;

	while (capacity < need)
		capacity *= 2;
	SR_TRY(sr_wire_memory_new(capacity, &memory, err));
	if (frame->size > 0)
		memcpy(memory, frame->memory, frame->size);
	sr_wire_memory_free(frame->memory, frame->capacity);
	frame->memory = memory;
	frame->text = memory;
	frame->capacity = capacity;
	return SR_OK;
}

static enum sr_status append(struct sr_frame *frame, const char *text, size_t size, struct sr_err *err)
{
	if (size > SR_LIMIT_FRAME_BYTES - frame->size)
		return sr_fail(err, SR_LIMIT, "a frame of over %u bytes", SR_LIMIT_FRAME_BYTES);
	/* One more for the NUL. */
	if (!frame->memory || frame->size + size + 1 > frame->capacity)
		SR_TRY(grow(frame, frame->size + size + 1, err));
	memcpy(frame->memory + frame->size, text, size);
	frame->size += size;
	return SR_OK;
}

static int add_piece(const char *text, size_t size, void *context)
{
	struct draft *draft = context;

	draft->status = append(draft->frame, text, size, draft->err);
	return draft->status == SR_OK ? 0 : -1;
}

static enum sr_status append_json(struct sr_frame *frame, const json_t *json, struct sr_err *err)
{
	struct draft draft = { .frame = frame, .status = SR_OK, .err = err };

	if (json_dump_callback(json, add_piece, &draft, JSON_COMPACT) == 0)
		return SR_OK;
	return draft.status == SR_OK ? sr_fail(err, SR_NO_MEMORY, "cannot write a frame") : draft.status;
}

/* "@head@parameters@tail" and a NUL. */
static enum sr_status write_frame(const char *head, const json_t *parameters, const char *tail,
                                  struct sr_frame *out, struct sr_err *err)
{
	SR_CLEANUP(sr_frame_dispose) struct sr_frame frame = { 0 };

	if (parameters && !json_is_object(parameters))
		return sr_fail(err, SR_INVALID, "parameters must be a JSON object");
	SR_TRY(append(&frame, head, strlen(head), err));
	SR_TRY(parameters ? append_json(&frame, parameters, err) : append(&frame, "{}", 2, err));
	SR_TRY(append(&frame, tail, strlen(tail), err));
	frame.memory[frame.size] = 0;
	sr_frame_move(out, &frame);
	return SR_OK;
}

enum sr_status sr_message_write_call(const char *method, const json_t *parameters, bool more,
                                     struct sr_frame *out, struct sr_err *err)
{
	char head[SR_MESSAGE_NAME_BYTES + 64];

	SR_TRY(check_name(method, err));
	snprintf(head, sizeof(head), "{\"method\":\"%s\",\"parameters\":", method);
	return write_frame(head, parameters, more ? ",\"more\":true}" : "}", out, err);
}

enum sr_status sr_message_write_answer(const json_t *parameters, bool continues, struct sr_frame *out,
                                       struct sr_err *err)
{
	return write_frame("{\"parameters\":", parameters, continues ? ",\"continues\":true}" : "}", out,
	                   err);
}

enum sr_status sr_message_write_error(const char *name, const json_t *parameters, struct sr_frame *out,
                                      struct sr_err *err)
{
	char head[SR_MESSAGE_NAME_BYTES + 64];

	SR_TRY(check_name(name, err));
	snprintf(head, sizeof(head), "{\"error\":\"%s\",\"parameters\":", name);
	return write_frame(head, parameters, "}", out, err);
}
