/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/message.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/keeper/wire_memory.h"

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

/* "@head@parameters@tail" and a NUL.  Measured first, so that no half-written copy is left in the heap. */
static enum sr_status write_frame(const char *head, const json_t *parameters, const char *tail,
                                  struct sr_frame *out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *empty = parameters ? NULL : json_object();
	const json_t *content = parameters ? parameters : empty;
	size_t head_size = strlen(head);
	size_t tail_size = strlen(tail);

	if (!json_is_object(content))
		return sr_fail(err, SR_INVALID, "parameters must be a JSON object");
	size_t size = json_dumpb(content, NULL, 0, JSON_COMPACT);
	if (size == 0)
		return sr_fail(err, SR_NO_MEMORY, "cannot write a frame");
	size_t whole = head_size + size + tail_size;
	if (whole > SR_LIMIT_FRAME_BYTES)
		return sr_fail(err, SR_LIMIT, "a frame of %zu bytes, at most %u are allowed", whole,
		               SR_LIMIT_FRAME_BYTES);
	uint8_t *text;
	SR_TRY(sr_wire_memory_new(whole + 1, &text, err));
	memcpy(text, head, head_size);
	*out = (struct sr_frame){ .memory = text, .capacity = whole + 1, .text = text, .size = whole };
	if (json_dumpb(content, (char *)text + head_size, size, JSON_COMPACT) != size) {
		sr_frame_dispose(out);
		return sr_fail(err, SR_NO_MEMORY, "cannot write a frame");
	}
	memcpy(text + head_size + size, tail, tail_size + 1);
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
