/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/record.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/index/walk.h"

static struct sr_bytes bytes_of(const char *text)
{
	return (struct sr_bytes){ .data = (const uint8_t *)text, .size = strlen(text) };
}

enum sr_status sr_record_parse(struct sr_bytes value, const char *key, json_t **out, struct sr_err *err)
{
	enum sr_status status = sr_json_parse(value.data, value.size, SR_RECORD_BYTES, out, err);

	if (status != SR_OK)
		return sr_fail_in(err, status, "record %s: ", key);
	return SR_OK;
}

enum sr_status sr_record_bytes(struct sr_txn *txn, enum sr_db db, const char *key, bool *found,
                               struct sr_bytes *value, struct sr_err *err)
{
	return sr_txn_look(txn, db, bytes_of(key), found, value, err);
}

enum sr_status sr_record_look(struct sr_txn *txn, enum sr_db db, const char *key, json_t **out,
                              struct sr_err *err)
{
	struct sr_bytes value;
	bool found;

	*out = NULL;
	SR_TRY(sr_record_bytes(txn, db, key, &found, &value, err));
	return found ? sr_record_parse(value, key, out, err) : SR_OK;
}

enum sr_status sr_record_get(struct sr_txn *txn, enum sr_db db, const char *key, const char *what,
                             json_t **out, struct sr_err *err)
{
	SR_TRY(sr_record_look(txn, db, key, out, err));
	if (!*out)
		return sr_fail(err, SR_NOT_FOUND, "no %s %s", what, key);
	return SR_OK;
}

enum sr_status sr_record_put(struct sr_txn *txn, enum sr_db db, const char *key, const json_t *record,
                             struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	if (strlen(key) >= SR_RECORD_KEY)
		return sr_fail(err, SR_INVALID, "the name %.40s… is too long", key);
	SR_TRY(sr_json_write(record, &text, err));
	if (text.size > SR_RECORD_BYTES)
		return sr_fail(err, SR_LIMIT, "record %s has %zu bytes", key, text.size);
	return sr_txn_put(txn, db, bytes_of(key), sr_buf_bytes(&text), err);
}

enum sr_status sr_record_drop(struct sr_txn *txn, enum sr_db db, const char *key, struct sr_err *err)
{
	enum sr_status status = sr_txn_del(txn, db, bytes_of(key), err);

	return status == SR_NOT_FOUND ? SR_OK : status;
}

enum sr_status sr_record_each(struct sr_txn *txn, enum sr_db db, const char *prefix,
                              enum sr_status (*each)(void *context, const char *key, json_t *record,
                                                     struct sr_err *err),
                              void *context, struct sr_err *err)
{
	SR_CLEANUP(sr_walk_closep) struct sr_walk *walk = NULL;
	struct sr_bytes name, value;
	bool more;

	SR_TRY(sr_walk_open_prefix(txn, db, bytes_of(prefix), SR_UP, &walk, err));
	for (;;) {
		SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
		char key[SR_RECORD_KEY];

		SR_TRY(sr_walk_next(walk, &more, &name, &value, err));
		if (!more)
			return SR_OK;
		if (name.size >= sizeof(key))
			return sr_fail(err, SR_CORRUPT, "a record's key has %zu bytes", name.size);
		memcpy(key, name.data, name.size);
		key[name.size] = 0;
		SR_TRY(sr_record_parse(value, key, &record, err));
		SR_TRY(each(context, key, record, err));
	}
}

static enum sr_status gather_key(void *context, const char *key, json_t *record, struct sr_err *err)
{
	(void)record;
	return sr_json_append(context, json_string(key), err);
}

enum sr_status sr_record_keys(struct sr_txn *txn, enum sr_db db, const char *prefix, json_t **out,
                              struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *keys = json_array();

	SR_TRY(sr_record_each(txn, db, prefix, gather_key, keys, err));
	*out = SR_MOVE(keys);
	return SR_OK;
}

enum sr_status sr_record_drop_below(struct sr_txn *txn, enum sr_db db, const char *prefix, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *keys = NULL;
	size_t index;
	json_t *key;

	SR_TRY(sr_record_keys(txn, db, prefix, &keys, err));
	json_array_foreach(keys, index, key)
		SR_TRY(sr_record_drop(txn, db, json_string_value(key), err));
	return SR_OK;
}

static enum sr_status append(void *context, const char *key, json_t *record, struct sr_err *err)
{
	(void)key;
	return sr_json_append(context, json_incref(record), err);
}

enum sr_status sr_record_list(struct sr_txn *txn, enum sr_db db, const char *prefix, json_t *into,
                              struct sr_err *err)
{
	return sr_record_each(txn, db, prefix, append, into, err);
}
