/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/unlocked.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/vault.h"

#define UNKNOWN_TYPE "application/octet-stream"
#define SMALL_BYTES ((uint64_t)128 << 10)
#define AHEAD_BYTES ((uint64_t)1 << 20)
#define STEP_MEMBERS 16u

/* Each media type stands once in the texts. */
static enum sr_status take_media_type(struct sr_unlocked *unlocked, const char *type, uint32_t *out,
                                      struct sr_err *err)
{
	const char *text = type && type[0] ? type : UNKNOWN_TYPE;
	size_t at = 0;

	while (at < unlocked->texts.size) {
		const char *known = (const char *)unlocked->texts.data + at;

		if (strcmp(known, text) == 0)
			break;
		at += strlen(known) + 1;
	}
	*out = (uint32_t)at;
	if (at < unlocked->texts.size)
		return SR_OK;
	return sr_buf_add(&unlocked->texts, text, strlen(text) + 1, err);
}

static enum sr_status take_member(struct sr_unlocked *unlocked, const struct sr_archive *archive,
                                  size_t index, const struct sr_catalogue_member *member, struct sr_err *err)
{
	const struct sr_archive_entry *entry = sr_archive_member(archive, index);
	struct sr_unlocked_member *row = &unlocked->members[index];
	uint64_t bytes;

	SR_TRY(sr_suite_plain_bytes(unlocked->suite, entry->size, &bytes, err));
	if (bytes != member->bytes || member->number != unlocked->first_number + index)
		return sr_fail(err, SR_TAMPERED,
		               "%s: it has %" PRIu64 " bytes of plaintext, the catalogue says member %u with "
		               "%" PRIu64,
		               entry->name, bytes, member->number, member->bytes);
	*row = (struct sr_unlocked_member){ .offset = entry->offset, .sealed = entry->size, .bytes = bytes };
	memcpy(row->sha256.bytes, member->sha256, sizeof(row->sha256.bytes));
	memcpy(row->head.bytes, member->head_sha256, sizeof(row->head.bytes));
	return take_media_type(unlocked, sr_json_text(member->json, "media_type"), &row->media_type, err);
}

static enum sr_status take_archive(struct sr_unlocked *unlocked, struct sr_vault_archive *opened,
                                   struct sr_err *err)
{
	const struct sr_catalogue *catalogue = opened->catalogue;
	struct stat st;

	if (fstat(opened->fd, &st) < 0)
		return sr_fail_errno(err, "look at the archive");
	unlocked->mark = sr_file_mark_of(&st);
	unlocked->suite = sr_suite_find(sr_archive_cover(opened->archive)->suite);
	SR_TRY(sr_vault_seal_digest(opened->archive, &unlocked->seal, err));
	if (catalogue->member_count == 0)
		return sr_fail(err, SR_CORRUPT, "the catalogue has no members");
	unlocked->first_number = catalogue->members[0].number;
	unlocked->members = calloc(catalogue->member_count, sizeof(*unlocked->members));
	if (!unlocked->members)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an archive's members");
	unlocked->count = catalogue->member_count;
	for (size_t i = 0; i < unlocked->count; i++)
		SR_TRY(take_member(unlocked, opened->archive, i, &catalogue->members[i], err));
	return unlocked->suite->unlocker_new(opened->identity, &unlocked->unlocker, err);
}

enum sr_status sr_unlocked_load(const struct sr_data *data, const struct sr_opener *opener, const char *name,
                                struct sr_unlocked **out, struct sr_err *err)
{
	SR_CLEANUP(sr_vault_archive_dispose) struct sr_vault_archive opened = { .fd = -1 };
	SR_CLEANUP(sr_unlocked_freep) struct sr_unlocked *unlocked = calloc(1, sizeof(*unlocked));

	if (unlocked)
		unlocked->opened_last = calloc(1, sizeof(*unlocked->opened_last));
	if (!unlocked || !unlocked->opened_last)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an archive");
	atomic_init(unlocked->opened_last, 0);
	if (!sr_store_name_is_valid(name))
		return sr_fail(err, SR_CORRUPT, "no archive can be named %s", name);
	memcpy(unlocked->name, name, sizeof(unlocked->name));
	SR_TRY(sr_vault_open(data, opener, name, &opened, err));
	enum sr_status status = take_archive(unlocked, &opened, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "archive %s: ", name);
	*out = SR_MOVE(unlocked);
	return SR_OK;
}

void sr_unlocked_free(struct sr_unlocked *unlocked)
{
	if (!unlocked)
		return;
	if (unlocked->suite)
		unlocked->suite->unlocker_free(unlocked->unlocker);
	free(unlocked->members);
	free(unlocked->opened_last);
	sr_buf_dispose(&unlocked->texts);
	free(unlocked);
}

const struct sr_unlocked_member *sr_unlocked_find(const struct sr_unlocked *unlocked, uint32_t number)
{
	if (number < unlocked->first_number || number - unlocked->first_number >= unlocked->count)
		return NULL;
	return &unlocked->members[number - unlocked->first_number];
}

const char *sr_unlocked_media_type(const struct sr_unlocked *unlocked,
                                   const struct sr_unlocked_member *member)
{
	return (const char *)unlocked->texts.data + member->media_type;
}

void sr_unlocked_foresee(const struct sr_unlocked *unlocked, int fd, const struct sr_unlocked_member *member)
{
	const size_t index = (size_t)(member - unlocked->members);
	const size_t last = atomic_exchange(unlocked->opened_last, index);
	uint64_t bytes = member->sealed;

	if (bytes > SMALL_BYTES)
		return;
	/* In steps, so that the disk is asked for much at once; readers side by side keep no strict order. */
	if (index / STEP_MEMBERS == last / STEP_MEMBERS + 1)
		bytes = AHEAD_BYTES;
	(void)posix_fadvise(fd, (off_t)member->offset, (off_t)bytes, POSIX_FADV_WILLNEED);
}

enum sr_status sr_unlocked_key(const struct sr_unlocked *unlocked, int fd,
                               const struct sr_unlocked_member *member, const uint8_t *indexed,
                               uint8_t key[SR_SUITE_KEY_MAX], struct sr_err *err)
{
	size_t size = unlocked->suite->head_bytes;
	uint8_t head[SR_SUITE_HEAD_MAX];
	struct sr_digest digest;

	if (member->sealed < size)
		return sr_fail(err, SR_CORRUPT, "archive %s: a member is shorter than its head",
		               unlocked->name);
	SR_TRY(sr_fd_pread_all(fd, head, size, member->offset, err));
	SR_TRY(sr_digest_of(head, size, &digest, err));
	if (memcmp(digest.bytes, member->head.bytes, SR_DIGEST_BYTES) != 0 ||
	    (indexed && memcmp(digest.bytes, indexed, SR_DIGEST_BYTES) != 0))
		return sr_fail(err, SR_TAMPERED,
		               "archive %s: the member at %" PRIu64 " is not the one that was sealed",
		               unlocked->name, member->offset);
	return unlocked->suite->head_open(unlocked->unlocker, head, key, err);
}
