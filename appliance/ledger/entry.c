/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/ledger/entry.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/random.h"
#include "appliance/base/text.h"
#include "appliance/ledger/entry_type.h"

#define FIXED_FIELDS "v:count seq:count time:moment type:text salt:salt actor:actor"

void sr_entry_dispose(struct sr_entry *entry)
{
	json_decref(entry->root);
	*entry = (struct sr_entry){ 0 };
}

/* --- reading ------------------------------------------------------------------------------------ */

/* No text of ours has a NUL in it, for no parser of ours takes one. */
static bool has_nul(const char *text, size_t size)
{
	return memchr(text, 0, size) != NULL;
}

/*
 * Why a value cannot stand in an entry, or NULL.  A fraction has many spellings, so numbers are whole; what
 * is nested deeper than our parser goes could not be read.
 */
static const char *flaw_of(json_t *value, unsigned depth)
{
	const char *flaw = NULL;

	if (json_is_real(value))
		return "a number that is not whole";
	if (json_is_string(value) && has_nul(json_string_value(value), json_string_length(value)))
		return "a text with a NUL in it";
	if (!json_is_array(value) && !json_is_object(value))
		return NULL;
	if (depth > SR_LIMIT_JSON_DEPTH)
		return "values that are nested too deep";
	for (size_t i = 0; !flaw && i < json_array_size(value); i++)
		flaw = flaw_of(json_array_get(value, i), depth + 1);
	for (void *iter = json_object_iter(value); !flaw && iter; iter = json_object_iter_next(value, iter)) {
		if (has_nul(json_object_iter_key(iter), json_object_iter_key_len(iter)))
			return "a name with a NUL in it";
		flaw = flaw_of(json_object_iter_value(iter), depth + 1);
	}
	return flaw;
}

static enum sr_status check_values(json_t *root, struct sr_err *err)
{
	const char *flaw = flaw_of(root, 1);

	return flaw ? sr_fail(err, SR_CORRUPT, "the entry has %s", flaw) : SR_OK;
}

/* One object has one spelling: the one that we write. */
static enum sr_status check_spelling(json_t *root, struct sr_bytes bytes, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf again = { 0 };

	if (!json_is_object(root))
		return sr_fail(err, SR_CORRUPT, "the entry is no JSON object");
	SR_TRY(check_values(root, err));
	SR_TRY(sr_json_write(root, &again, err));
	if (again.size != bytes.size || memcmp(again.data, bytes.data, bytes.size) != 0)
		return sr_fail(err, SR_CORRUPT, "the entry is JSON, but not spelled as entries are");
	return SR_OK;
}

static enum sr_status check_members(json_t *root, struct sr_err *err)
{
	void *iter = json_object_iter(root);

	SR_TRY(sr_entry_fields_check(FIXED_FIELDS, root, &iter, err));
	if (json_integer_value(json_object_get(root, "v")) != SR_ENTRY_VERSION)
		return sr_fail(err, SR_CORRUPT, "the entry is of a version that this program does not know");
	const char *name = sr_json_text(root, "type");
	const struct sr_entry_type *type = sr_entry_type_find(name);
	if (!type)
		return sr_fail(err, SR_CORRUPT, "there is no type of entry \"%.64s\"", name);
	SR_TRY(sr_entry_fields_check(type->fields, root, &iter, err));
	if (iter)
		return sr_fail(err, SR_CORRUPT, "a %s has no field \"%.64s\" in that place", type->name,
		               json_object_iter_key(iter));
	return SR_OK;
}

enum sr_status sr_entry_decode(struct sr_bytes bytes, struct sr_entry *out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *root = NULL;
	struct sr_entry entry = { 0 };

	enum sr_status status = sr_json_parse(bytes.data, bytes.size, SR_ENTRY_BYTES, &root, err);
	if (status == SR_LIMIT)
		return sr_fail_in(err, SR_CORRUPT, "the entry: ");
	if (status != SR_OK)
		return status;
	SR_TRY(check_spelling(root, bytes, err));
	SR_TRY(check_members(root, err));
	entry.seq = (uint64_t)json_integer_value(json_object_get(root, "seq"));
	entry.type = sr_json_text(root, "type");
	entry.actor = json_object_get(root, "actor");
	if (!sr_time_parse(sr_json_text(root, "time"), &entry.time_ns))
		return sr_fail(err, SR_CORRUPT, "the entry's time is none");
	entry.root = SR_MOVE(root);
	*out = entry;
	return SR_OK;
}

/* --- writing ------------------------------------------------------------------------------------ */

static enum sr_status set_salt(json_t *root, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	uint8_t salt[SR_ENTRY_SALT_BYTES];
	const char *base64;

	SR_TRY(sr_random_fill(salt, sizeof(salt), err));
	SR_TRY(sr_base64_encode(SR_BASE64_URL, salt, sizeof(salt), &text, err));
	SR_TRY(sr_buf_text(&text, &base64, err));
	return sr_json_set(root, "salt", json_string(base64), err);
}

/* Which number and time stand in a plan; every time has as many characters. */
#define NO_TIME "1970-01-01T00:00:00.000000Z"
#define HEAD_START "{\"v\":1,\"seq\":"
#define HEAD_TIME ",\"time\":\""
#define PLAN_HEAD HEAD_START "0" HEAD_TIME NO_TIME "\""

_Static_assert(SR_ENTRY_VERSION == 1, "the head of an entry names its version");

/* @text stands there; step over it. */
static bool take_text(struct sr_bytes *bytes, const char *text)
{
	size_t size = strlen(text);

	if (bytes->size < size || memcmp(bytes->data, text, size) != 0)
		return false;
	bytes->data += size;
	bytes->size -= size;
	return true;
}

enum sr_status sr_entry_time(struct sr_bytes bytes, int64_t *out_ns, struct sr_err *err)
{
	const size_t size = strlen(NO_TIME);
	char time[sizeof(NO_TIME)] = "";
	bool fits = take_text(&bytes, HEAD_START);

	while (fits && bytes.size > 0 && bytes.data[0] >= '0' && bytes.data[0] <= '9') {
		bytes.data++;
		bytes.size--;
	}
	fits = fits && take_text(&bytes, HEAD_TIME) && bytes.size > size && bytes.data[size] == '"';
	if (fits)
		memcpy(time, bytes.data, size);
	if (!fits || !sr_time_parse(time, out_ns))
		return sr_fail(err, SR_CORRUPT, "the entry does not begin as entries do");
	return SR_OK;
}

static enum sr_status set_fixed(const struct sr_entry_draft *draft, json_t *root, struct sr_err *err)
{
	SR_TRY(sr_json_set(root, "v", json_integer(SR_ENTRY_VERSION), err));
	SR_TRY(sr_json_set(root, "seq", json_integer(0), err));
	SR_TRY(sr_json_set(root, "time", json_string(NO_TIME), err));
	SR_TRY(sr_json_set(root, "type", json_string(draft->type), err));
	SR_TRY(set_salt(root, err));
	return sr_json_set(root, "actor", draft->actor ? json_deep_copy(draft->actor) : json_null(), err);
}

void sr_entry_plan_dispose(struct sr_entry_plan *plan)
{
	json_decref(plan->root);
	sr_buf_dispose(&plan->tail);
	*plan = (struct sr_entry_plan){ 0 };
}

/*
 * An entry is written once and read for decades: one that could not be read is not written.  What is checked
 * here of the values is what reading checks; writing them has one spelling.
 */
static enum sr_status check_plan(const struct sr_entry_type *type, json_t *root, struct sr_err *err)
{
	enum sr_status status = check_values(root, err);

	if (status == SR_OK)
		status = check_members(root, err);
	return status == SR_CORRUPT ? sr_fail_in(err, SR_INVALID, "%s: ", type->name) : status;
}

static enum sr_status check_size(const char *type, size_t size, struct sr_err *err)
{
	if (size > SR_ENTRY_BYTES)
		return sr_fail(err, SR_LIMIT, "a %s of %zu bytes does not fit into an entry of %u", type,
		               size, SR_ENTRY_BYTES);
	return SR_OK;
}

enum sr_status sr_entry_plan(const struct sr_entry_draft *draft, struct sr_entry_plan *out,
                             struct sr_err *err)
{
	SR_CLEANUP(sr_entry_plan_dispose) struct sr_entry_plan plan = { .root = json_object() };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	const struct sr_entry_type *type = sr_entry_type_find(draft->type);
	const size_t head = strlen(PLAN_HEAD);

	if (!type)
		return sr_fail(err, SR_INVALID, "there is no type of entry \"%.64s\"", draft->type);
	SR_TRY(set_fixed(draft, plan.root, err));
	SR_TRY(sr_entry_fields_copy(type->fields, draft->fields, plan.root, err));
	SR_TRY(check_plan(type, plan.root, err));
	SR_TRY(sr_json_write(plan.root, &bytes, err));
	SR_TRY(check_size(type->name, bytes.size, err));
	assert(bytes.size > head && memcmp(bytes.data, PLAN_HEAD, head) == 0);
	SR_TRY(sr_buf_add(&plan.tail, bytes.data + head, bytes.size - head, err));
	*out = SR_MOVE(plan);
	return SR_OK;
}

static enum sr_status format_time(int64_t time_ns, char out[SR_TIME_TEXT], int64_t *again_ns,
                                  struct sr_err *err)
{
	if (time_ns < 0)
		return sr_fail(err, SR_INVALID,
		               "an entry's time is not before 1970; set the machine's clock");
	sr_time_format_utc_us(time_ns, out);
	if (!sr_time_parse(out, again_ns))
		return sr_fail(err, SR_INVALID, "an entry's time is not after 2200; set the machine's clock");
	return SR_OK;
}

enum sr_status sr_entry_complete(struct sr_entry_plan *plan, uint64_t seq, int64_t time_ns,
                                 struct sr_buf *out, struct sr_entry *entry, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_dispose) struct sr_entry made = { .seq = seq };
	char head[sizeof(PLAN_HEAD) + 24], time[SR_TIME_TEXT];

	if (seq > INT64_MAX)
		return sr_fail(err, SR_INVALID, "an entry's number is at most 2^63 - 1");
	SR_TRY(format_time(time_ns, time, &made.time_ns, err));
	SR_TRY(sr_json_set(plan->root, "seq", json_integer((json_int_t)seq), err));
	SR_TRY(sr_json_set(plan->root, "time", json_string(time), err));
	made.root = json_incref(plan->root);
	made.type = sr_json_text(made.root, "type");
	made.actor = json_object_get(made.root, "actor");
	size_t size = (size_t)snprintf(head, sizeof(head), HEAD_START "%" PRIu64 HEAD_TIME "%s\"", seq, time);
	SR_TRY(check_size(made.type, size + plan->tail.size, err));
	SR_TRY(sr_buf_reserve(out, size + plan->tail.size, err));
	SR_TRY(sr_buf_add(out, head, size, err));
	SR_TRY(sr_buf_add(out, plan->tail.data, plan->tail.size, err));
	*entry = SR_MOVE(made);
	return SR_OK;
}

enum sr_status sr_entry_encode(const struct sr_entry_draft *draft, uint64_t seq, int64_t time_ns,
                               struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_plan_dispose) struct sr_entry_plan plan = { 0 };
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };

	SR_TRY(sr_entry_plan(draft, &plan, err));
	return sr_entry_complete(&plan, seq, time_ns, out, &entry, err);
}
