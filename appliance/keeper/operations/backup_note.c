/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/operations/backup_note.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/keeper/state/epochs.h"

void sr_backup_note_dispose(struct sr_backup_note *note)
{
	sr_buf_dispose(&note->checkpoint);
}

static enum sr_status take_text(const json_t *from, const char *key, char *out, size_t size,
                                struct sr_err *err)
{
	const char *text;

	SR_TRY(sr_json_need_text(from, key, &text, err));
	if (snprintf(out, size, "%s", text) >= (int)size)
		return sr_fail(err, SR_CORRUPT, "\"%s\" is too long", key);
	return SR_OK;
}

static enum sr_status take_all(const json_t *json, struct sr_backup_note *note, struct sr_err *err)
{
	const char *root, *checkpoint;
	uint64_t format;

	SR_TRY(sr_json_need_u64(json, "format", INT64_MAX, &format, err));
	if (format != SR_BACKUP_FORMAT)
		return sr_fail(err, SR_INVALID, "format %llu is of another version of Strongroom",
		               (unsigned long long)format);
	SR_TRY(take_text(json, "appliance", note->appliance, sizeof(note->appliance), err));
	SR_TRY(take_text(json, "db", note->db, sizeof(note->db), err));
	SR_TRY(take_text(json, "data", note->data, sizeof(note->data), err));
	SR_TRY(sr_json_need_u64(json, "epoch", SR_EPOCHS, &note->epoch, err));
	SR_TRY(sr_json_need_u64(json, "size", INT64_MAX, &note->size, err));
	SR_TRY(sr_json_need_text(json, "root", &root, err));
	SR_TRY(sr_json_need_text(json, "checkpoint", &checkpoint, err));
	note->is_protected = json_is_true(json_object_get(json, "passphrase"));
	if (!sr_digest_from_hex(root, &note->root) || strchr(note->db, '/') ||
	    !sr_text_starts_with(note->db, "db-"))
		return sr_fail(err, SR_CORRUPT, "its root or its folder is none");
	return sr_buf_add_text(&note->checkpoint, checkpoint, err);
}

enum sr_status sr_backup_note_read(int dir_fd, struct sr_backup_note *out, struct sr_err *err)
{
	SR_CLEANUP(sr_backup_note_dispose) struct sr_backup_note note = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *json = NULL;

	SR_TRY(sr_fd_read_file(dir_fd, SR_BACKUP_FILE, SR_BACKUP_JSON_BYTES, &text, err));
	enum sr_status status = sr_json_parse(text.data, text.size, SR_BACKUP_JSON_BYTES, &json, err);
	if (status == SR_OK)
		status = take_all(json, &note, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, SR_BACKUP_FILE ": ");
	*out = note;
	note.checkpoint = (struct sr_buf){ 0 };
	return SR_OK;
}
