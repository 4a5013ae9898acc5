/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/ledger/entry.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
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

/* A fraction has many spellings, so numbers are whole.  The parser has bounded the depth. */
static bool has_fraction(json_t *value)
{
	if (json_is_real(value))
		return true;
	for (size_t i = 0; i < json_array_size(value); i++)
		if (has_fraction(json_array_get(value, i)))
			return true;
	for (void *iter = json_object_iter(value); iter; iter = json_object_iter_next(value, iter))
		if (has_fraction(json_object_iter_value(iter)))
			return true;
	return false;
}

/* One object has one spelling: the one that we write. */
static enum sr_status check_spelling(json_t *root, struct sr_bytes bytes, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf again = { 0 };

	if (!json_is_object(root))
		return sr_fail(err, SR_CORRUPT, "the entry is no JSON object");
	if (has_fraction(root))
		return sr_fail(err, SR_CORRUPT, "the entry has a number that is not whole");
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

static enum sr_status set_fixed(const struct sr_entry_draft *draft, uint64_t seq, int64_t time_ns,
                                json_t *root, struct sr_err *err)
{
	char time[SR_TIME_TEXT];

	if (seq > INT64_MAX)
		return sr_fail(err, SR_INVALID, "an entry's number is at most 2^63 - 1");
	if (time_ns < 0)
		return sr_fail(err, SR_INVALID,
		               "an entry's time is not before 1970; set the machine's clock");
	sr_time_format_utc_us(time_ns, time);
	SR_TRY(sr_json_set(root, "v", json_integer(SR_ENTRY_VERSION), err));
	SR_TRY(sr_json_set(root, "seq", json_integer((json_int_t)seq), err));
	SR_TRY(sr_json_set(root, "time", json_string(time), err));
	SR_TRY(sr_json_set(root, "type", json_string(draft->type), err));
	SR_TRY(set_salt(root, err));
	return sr_json_set(root, "actor", draft->actor ? json_deep_copy(draft->actor) : json_null(), err);
}

enum sr_status sr_entry_make(const struct sr_entry_draft *draft, uint64_t seq, int64_t time_ns,
                             struct sr_buf *out, struct sr_entry *entry, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *root = json_object();
	SR_CLEANUP(sr_entry_dispose) struct sr_entry again = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	const struct sr_entry_type *type = sr_entry_type_find(draft->type);

	if (!type)
		return sr_fail(err, SR_INVALID, "there is no type of entry \"%.64s\"", draft->type);
	SR_TRY(set_fixed(draft, seq, time_ns, root, err));
	SR_TRY(sr_entry_fields_copy(type->fields, draft->fields, root, err));
	SR_TRY(sr_json_write(root, &bytes, err));
	if (bytes.size > SR_ENTRY_BYTES)
		return sr_fail(err, SR_LIMIT, "a %s of %zu bytes does not fit into an entry of %u",
		               type->name, bytes.size, SR_ENTRY_BYTES);
	/* An entry is written once and read for decades: one that could not be read is not written. */
	enum sr_status status = sr_entry_decode(sr_buf_bytes(&bytes), &again, err);
	if (status == SR_CORRUPT)
		return sr_fail_in(err, SR_INVALID, "%s: ", type->name);
	if (status != SR_OK)
		return status;
	SR_TRY(sr_buf_add(out, bytes.data, bytes.size, err));
	*entry = again;
	again = (struct sr_entry){ 0 };
	return SR_OK;
}

enum sr_status sr_entry_encode(const struct sr_entry_draft *draft, uint64_t seq, int64_t time_ns,
                               struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };

	return sr_entry_make(draft, seq, time_ns, out, &entry, err);
}
