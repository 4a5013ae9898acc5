/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/case_show.h"

#include <stdio.h>
#include <string.h>

#include "appliance/archive/layout.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/vault.h"
#include "appliance/keeper/state/classes.h"

#define PIECE 200u /* members of one answer */

struct showing {
	const char *reference;
	uint8_t clearances;
	char case_id[SR_UUID_TEXT];
	unsigned parts; /* number of the last */
};

static enum sr_status look_up(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct showing *showing = act->work;
	struct sr_case_record record;

	SR_TRY(sr_case_view_find(act, txn, showing->reference, &record, err));
	sr_case_id_format(&record.id, showing->case_id);
	showing->parts = record.part_count;
	return SR_OK;
}

/* --- what the reader is not cleared for ------------------------------------------------------------- */

/* Texts that are one of the hidden paths become null, wherever they stand. */
static enum sr_status blank(json_t *value, const json_t *hidden, struct sr_err *err)
{
	const char *key;
	json_t *child;
	size_t index;
	void *next;

	json_object_foreach_safe(value, next, key, child)
	{
		if (json_is_string(child) && json_object_get(hidden, json_string_value(child)))
			SR_TRY(sr_json_set(value, key, json_null(), err));
		else
			SR_TRY(blank(child, hidden, err));
	}
	json_array_foreach(value, index, child) {
		if (json_is_string(child) && json_object_get(hidden, json_string_value(child))) {
			if (json_array_set_new(value, index, json_null()) < 0)
				return sr_fail(err, SR_NO_MEMORY, "no memory for a catalogue");
		} else {
			SR_TRY(blank(child, hidden, err));
		}
	}
	return SR_OK;
}

/* Take the rows out; their paths become the keys of @hidden. */
static enum sr_status take_rows(json_t *members, uint8_t clearances, json_t *hidden, struct sr_err *err)
{
	for (size_t i = json_array_size(members); i > 0; i--) {
		const json_t *member = json_array_get(members, i - 1);
		const char *path = sr_json_text(member, "path");

		if (!(sr_classes_of(json_object_get(member, "classification")) & ~clearances))
			continue;
		if (path)
			SR_TRY(sr_json_set(hidden, path, json_true(), err));
		json_array_remove(members, i - 1);
	}
	return SR_OK;
}

static void take_findings(json_t *findings, const json_t *hidden)
{
	for (size_t i = json_array_size(findings); i > 0; i--) {
		const char *member = sr_json_text(json_array_get(findings, i - 1), "member");

		if (member && json_object_get(hidden, member))
			json_array_remove(findings, i - 1);
	}
}

static enum sr_status hide(json_t *catalogue, uint8_t clearances, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *hidden = json_object();

	if (!hidden)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a list");
	SR_TRY(take_rows(json_object_get(catalogue, "members"), clearances, hidden, err));
	if (json_object_size(hidden) == 0)
		return SR_OK;
	take_findings(json_object_get(catalogue, "findings"), hidden);
	SR_TRY(blank(json_object_get(catalogue, "description"), hidden, err));
	return blank(json_object_get(catalogue, "members"), hidden, err);
}

/* --- parts ------------------------------------------------------------------------------------------ */

static enum sr_status cover_json(const struct sr_archive *archive, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_archive_read_entry(archive, SR_NAME_COVER, SR_LIMIT_TAG_FILE_BYTES, &text, err));
	return sr_json_parse(text.data, text.size, SR_LIMIT_TAG_FILE_BYTES, out, err);
}

static enum sr_status part_json(const struct sr_data *data, const char *name,
                                const struct sr_vault_archive *opened, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *cover = NULL;
	const struct sr_cover *read = sr_archive_cover(opened->archive);
	struct sr_digest seal;
	char path[PATH_MAX];
	char seal_hex[SR_DIGEST_HEX];
	char sealed_at[SR_TIME_TEXT];

	SR_TRY(cover_json(opened->archive, &cover, err));
	SR_TRY(sr_vault_seal_digest(opened->archive, &seal, err));
	sr_digest_to_hex(&seal, seal_hex);
	sr_vault_path(data, name, path);
	sr_time_format_utc(read->sealed_at_ns, sealed_at);
	return SR_JSON_PACK(out, err, "{s:i,s:s,s:s,s:s,s:O,s:O}", "part", (int)read->part, "archive", path,
	                    "seal", seal_hex, "sealed_at", sealed_at, "cover", cover, "catalogue",
	                    opened->catalogue->root);
}

/* A part and then its members, piece by piece. */
static enum sr_status send_part(struct sr_act *act, json_t *part, struct sr_err *err)
{
	json_t *catalogue = json_object_get(part, "catalogue");
	SR_CLEANUP(sr_json_decrefp) json_t *members = json_incref(json_object_get(catalogue, "members"));
	json_t *message = NULL;

	SR_TRY(sr_json_set(catalogue, "members", json_array(), err));
	SR_TRY(SR_JSON_PACK(&message, err, "{s:[O]}", "parts", part));
	SR_TRY(sr_act_continue(act, message, err));
	for (size_t i = 0; i < json_array_size(members);) {
		SR_CLEANUP(sr_json_decrefp) json_t *piece = json_array();

		for (size_t end = i + PIECE; i < json_array_size(members) && i < end; i++)
			SR_TRY(sr_json_append(piece, json_incref(json_array_get(members, i)), err));
		SR_TRY(SR_JSON_PACK(&message, err, "{s:O}", "members", piece));
		SR_TRY(sr_act_continue(act, message, err));
	}
	return SR_OK;
}

static enum sr_status show_part(struct sr_act *act, const struct showing *showing, unsigned part,
                                json_t *reply, struct sr_err *err)
{
	SR_CLEANUP(sr_vault_archive_dispose) struct sr_vault_archive opened = { .fd = -1 };
	SR_CLEANUP(sr_json_decrefp) json_t *object = NULL;
	struct sr_keeper *keeper = act->keeper;
	char name[SR_STORE_NAME];

	SR_TRY(sr_store_name(showing->case_id, part, name, err));
	SR_TRY(sr_vault_open(keeper->data, sr_keyring_opener(keeper->keyring), name, &opened, err));
	const json_t *description = json_object_get(opened.catalogue->root, "description");
	if (part == 1) {
		SR_TRY(sr_json_set(reply, "number", json_string(opened.catalogue->number), err));
		SR_TRY(sr_json_set(reply, "title", json_string(opened.catalogue->title), err));
		SR_TRY(sr_json_set(reply, "parts", json_array(), err));
	} else if (sr_classes_of(json_object_get(description, "classification")) & ~showing->clearances) {
		return SR_OK;
	}
	SR_TRY(hide(opened.catalogue->root, showing->clearances, err));
	SR_TRY(part_json(keeper->data, name, &opened, &object, err));
	if (sr_act_wants_more(act))
		return send_part(act, object, err);
	return sr_json_append(json_object_get(reply, "parts"), SR_MOVE(object), err);
}

enum sr_status sr_case_show(struct sr_act *act, const char *reference, json_t **reply, struct sr_err *err)
{
	struct showing showing = { .reference = reference, .clearances = act->caller.clearances };
	SR_CLEANUP(sr_json_decrefp) json_t *object = json_object();

	sr_act_set_work(act, &showing);
	SR_TRY(sr_act_read(act, look_up, err));
	SR_TRY(sr_json_set(object, "case", json_string(showing.case_id), err));
	for (unsigned part = 1; part <= showing.parts; part++)
		SR_TRY(show_part(act, &showing, part, object, err));
	*reply = SR_MOVE(object);
	return SR_OK;
}
