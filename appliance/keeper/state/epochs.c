/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/epochs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"

static enum sr_status copy_text(const json_t *object, const char *key, char *out, size_t size,
                                struct sr_err *err)
{
	const char *text;

	SR_TRY(sr_json_need_text(object, key, &text, err));
	if (strlen(text) >= size)
		return sr_fail(err, SR_CORRUPT, "the first entry's \"%s\" is too long", key);
	memcpy(out, text, strlen(text) + 1);
	return SR_OK;
}

enum sr_status sr_epoch_read(const struct sr_entry *entry, struct sr_epoch *out, struct sr_err *err)
{
	struct sr_epoch epoch = { 0 };
	json_t *keys;
	const char *root;

	if (entry->seq != 0 || strcmp(entry->type, "ledger.opened") != 0)
		return sr_fail(err, SR_CORRUPT, "the first entry of the log does not open it");
	SR_TRY(sr_json_need_u64(entry->root, "epoch", SR_EPOCHS, &epoch.number, err));
	SR_TRY(sr_json_need_object(entry->root, "keys", &keys, err));
	SR_TRY(copy_text(entry->root, "appliance", epoch.appliance, sizeof(epoch.appliance), err));
	SR_TRY(copy_text(keys, "ledger", epoch.verifier, sizeof(epoch.verifier), err));
	epoch.continues = json_object_get(entry->root, "previous_size") != NULL;
	if (epoch.continues) {
		SR_TRY(sr_json_need_u64(entry->root, "previous_size", INT64_MAX, &epoch.previous_size, err));
		SR_TRY(sr_json_need_text(entry->root, "previous_root", &root, err));
		if (!sr_hex_decode(root, strlen(root), true, epoch.previous_root.bytes, SR_DIGEST_BYTES))
			return sr_fail(err, SR_CORRUPT, "the first entry's previous root is none");
	}
	*out = epoch;
	return SR_OK;
}

enum sr_status sr_epoch_folder(int ledger_fd, uint64_t number, int *out, struct sr_err *err)
{
	char name[24];

	snprintf(name, sizeof(name), "%" PRIu64, number);
	return sr_fd_open_beneath(ledger_fd, name, O_RDONLY | O_DIRECTORY, 0, out, err);
}

/* The first entry alone: any failure of its own ends the walk behind it. */
struct first {
	struct sr_epoch *epoch;
	bool read;
};

static enum sr_status take_first(void *context, uint64_t seq, struct sr_bytes bytes, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	struct first *first = context;

	if (seq > 0)
		return SR_BUSY; /* enough */
	SR_TRY(sr_entry_decode(bytes, &entry, err));
	SR_TRY(sr_epoch_read(&entry, first->epoch, err));
	first->read = true;
	return SR_OK;
}

static enum sr_status read_first(struct sr_published *log, struct sr_epoch *out, struct sr_err *err)
{
	struct first first = { .epoch = out };
	enum sr_status status = sr_published_entries(log, 0, take_first, &first, err);

	return first.read ? SR_OK : status;
}

enum sr_status sr_epoch_previous(int ledger_fd, const struct sr_epoch *epoch, int *fd,
                                 struct sr_published **log, struct sr_epoch *before, struct sr_err *err)
{
	struct sr_epoch ignored;
	char why[200] = "there is no folder of an earlier one";

	for (uint64_t number = epoch->number; number-- > 1;) {
		SR_CLEANUP(sr_published_freep) struct sr_published *published = NULL;
		SR_CLEANUP(sr_fd_closep) int folder = -1;
		enum sr_status status = sr_epoch_folder(ledger_fd, number, &folder, err);

		if (status == SR_OK)
			status = sr_published_open(folder, epoch->previous_size, &epoch->previous_root,
			                           &published, err);
		if (status == SR_OK)
			status = read_first(published, before ? before : &ignored, err);
		if (status == SR_OK) {
			*fd = folder;
			folder = -1;
			*log = SR_MOVE(published);
			return SR_OK;
		}
		if (status == SR_NO_MEMORY || status == SR_IO)
			return status;
		if (status != SR_NOT_FOUND)
			snprintf(why, sizeof(why), "ledger/%" PRIu64 ": %.150s", number, err->text);
	}
	return sr_fail(err, SR_TAMPERED,
	               "no frozen log has the %" PRIu64 " entries that epoch %" PRIu64 " goes on from: %s",
	               epoch->previous_size, epoch->number, why);
}

enum sr_status sr_epochs_each(int ledger_fd, const struct sr_epoch *epoch,
                              enum sr_status (*each)(void *context, uint64_t seq, struct sr_bytes entry,
                                                     struct sr_err *err),
                              void *context, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	SR_CLEANUP(sr_published_freep) struct sr_published *log = NULL;
	struct sr_epoch before;

	if (!epoch->continues)
		return SR_OK;
	SR_TRY(sr_epoch_previous(ledger_fd, epoch, &folder, &log, &before, err));
	/* The numbers fall, so this ends; an appliance has few epochs. */
	if (before.number >= epoch->number)
		return sr_fail(err, SR_TAMPERED, "epoch %" PRIu64 " goes on from itself", epoch->number);
	SR_TRY(sr_epochs_each(ledger_fd, &before, each, context, err));
	return sr_published_entries(log, 0, each, context, err);
}
