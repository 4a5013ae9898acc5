/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/unlock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/archive/layout.h"
#include "appliance/archive/plaintext.h"
#include "appliance/archive/safe_path.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"
#include "appliance/crypto/age.h"
#include "appliance/crypto/cms.h"
#include "appliance/crypto/digest.h"

#define COPY_BYTES ((size_t)SR_SUITE_CHUNK_MAX)

/* Never NULL: a cover with an unknown suite was refused. */
static const struct sr_suite *suite_of(const struct sr_archive *archive)
{
	return sr_suite_find(sr_archive_cover(archive)->suite);
}

enum sr_status sr_archive_identity(const struct sr_archive *archive, const struct sr_opener *opener,
                                   struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf wrap = { 0 };
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;
	const char *name = opener->key ? SR_NAME_IDENTITY_CMS : SR_NAME_IDENTITY_AGE;
	enum sr_status status;

	if (!opener->key && !opener->age_identity)
		return sr_fail(err, SR_INVALID, "neither a key nor an age identity to open the archive with");
	SR_TRY(sr_archive_read_entry(archive, name, SR_LIMIT_SIGNATURE_BYTES, &wrap, err));
	if (opener->key)
		status = sr_cms_unwrap(sr_buf_bytes(&wrap), opener->key, opener->cert, &text, err);
	else
		status = sr_age_decrypt(opener->age_identity, sr_buf_bytes(&wrap), SR_LIMIT_KEY_FILE_BYTES,
		                        &text, err);
	if (status == SR_OK)
		status =
			suite_of(archive)->identity_from_text((const char *)text->data, text->size, out, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s: ", name);
	return SR_OK;
}

enum sr_status sr_archive_catalogue(const struct sr_archive *archive, const struct sr_secret *identity,
                                    struct sr_catalogue **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;

	return sr_plaintext_catalogue(archive, identity, &text, out, err);
}

/* The head fixes the file key, and with it every chunk: their digest says which member this is. */
static enum sr_status check_head(const struct sr_archive *archive, const struct sr_archive_entry *entry,
                                 const struct sr_catalogue_member *member, struct sr_err *err)
{
	size_t size = suite_of(archive)->head_bytes;
	uint8_t bytes[SR_SUITE_HEAD_MAX];
	struct sr_digest digest;

	if (entry->size < size)
		return sr_fail(err, SR_CORRUPT, "it is shorter than its head must be");
	SR_TRY(sr_fd_pread_all(sr_archive_fd(archive), bytes, size, entry->offset, err));
	SR_TRY(sr_digest_of(bytes, size, &digest, err));
	if (memcmp(digest.bytes, member->head_sha256, SR_DIGEST_BYTES) != 0)
		return sr_fail(err, SR_TAMPERED, "its header is not the one in the catalogue");
	return SR_OK;
}

static enum sr_status open_member(const struct sr_archive *archive, const struct sr_archive_entry *entry,
                                  const struct sr_catalogue_member *member, const struct sr_secret *identity,
                                  struct sr_member_reader *out, struct sr_err *err)
{
	SR_CLEANUP(sr_member_close) struct sr_member_reader reader = { .suite = suite_of(archive) };

	SR_TRY(check_head(archive, entry, member, err));
	SR_TRY(reader.suite->reader_open(sr_archive_fd(archive), entry->offset, entry->size, identity,
	                                 &reader.inner, err));
	if (sr_member_size(&reader) != member->bytes)
		return sr_fail(err, SR_TAMPERED,
		               "it has %" PRIu64 " bytes of plaintext, the catalogue says %" PRIu64,
		               sr_member_size(&reader), member->bytes);
	*out = reader;
	reader.inner = NULL;
	return SR_OK;
}

enum sr_status sr_archive_open_member(const struct sr_archive *archive, const struct sr_catalogue *catalogue,
                                      const struct sr_secret *identity, size_t index,
                                      struct sr_member_reader *out, struct sr_err *err)
{
	const struct sr_archive_entry *entry = sr_archive_member(archive, index);

	if (!entry || index >= catalogue->member_count)
		return sr_fail(err, SR_NOT_FOUND, "the archive has no member %zu, only %zu", index + 1,
		               sr_archive_member_count(archive));
	enum sr_status status = open_member(archive, entry, &catalogue->members[index], identity, out, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s: ", entry->name);
	return SR_OK;
}

/* One stretch of plaintext: read, hashed, written. */
static enum sr_status copy(struct sr_member_reader *reader, uint64_t at, struct sr_secret *buffer,
                           struct sr_hasher *hasher, int out_fd, size_t *got, struct sr_err *err)
{
	SR_TRY(sr_member_read(reader, at, buffer->data, buffer->size, got, err));
	SR_TRY(sr_hasher_add(hasher, buffer->data, *got, err));
	return sr_fd_write_all(out_fd, buffer->data, *got, err);
}

enum sr_status sr_archive_extract_member(const struct sr_archive *archive,
                                         const struct sr_catalogue *catalogue,
                                         const struct sr_secret *identity, size_t index, int out_fd,
                                         const struct sr_progress *progress, struct sr_err *err)
{
	SR_CLEANUP(sr_member_close) struct sr_member_reader reader = { 0 };
	SR_CLEANUP(sr_hasher_freep) struct sr_hasher *hasher = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *buffer = NULL;
	struct sr_digest digest;
	size_t got = 0;

	SR_TRY(sr_archive_open_member(archive, catalogue, identity, index, &reader, err));
	SR_TRY(sr_hasher_new(&hasher, err));
	const struct sr_catalogue_member *member = &catalogue->members[index];
	SR_TRY(sr_secret_new(member->bytes < COPY_BYTES ? (size_t)member->bytes + 1 : COPY_BYTES, &buffer,
	                     err));
	for (uint64_t at = 0; at < member->bytes; at += got) {
		enum sr_status status = copy(&reader, at, buffer, hasher, out_fd, &got, err);

		if (status == SR_OK && got == 0)
			status = sr_fail(err, SR_CORRUPT, "it ends at byte %" PRIu64, at);
		if (status != SR_OK)
			return sr_fail_in(err, status, "%s: ", sr_archive_member(archive, index)->name);
		sr_progress_report(progress, member->path, at + got, member->bytes);
	}
	SR_TRY(sr_hasher_finish(hasher, &digest, err));
	if (memcmp(digest.bytes, member->sha256, SR_DIGEST_BYTES) != 0)
		return sr_fail(err, SR_TAMPERED, "%s: the SHA-256 of its plaintext is not the catalogue's",
		               sr_archive_member(archive, index)->name);
	return SR_OK;
}

/* --- recovery ------------------------------------------------------------------------------------------- */

struct recovery {
	const struct sr_archive *archive;
	const struct sr_catalogue *catalogue;
	const struct sr_secret *identity;
	int dir_fd;
	const struct sr_progress *progress;
	struct sr_buf names; /* of names.txt */
};

/* Open the folder @name of @parent, made where it is missing. */
static enum sr_status enter(int parent, const char *name, int *out, struct sr_err *err)
{
	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return sr_fail_errno(err, "make the folder %s", name);
	return sr_fd_open_beneath(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, out, err);
}

/*
 * The folder of @path's last component, one step at a time: each is one component, no link is followed, so
 * nothing leads out of the folder.  *name is the last component inside @path, which is cut up; the caller
 * closes *folder in every case.
 */
static enum sr_status enter_folders(int dir_fd, char *path, int *folder, const char **name,
                                    struct sr_err *err)
{
	char *slash;

	*folder = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
	if (*folder < 0)
		return sr_fail_errno(err, "duplicate the folder's descriptor");
	for (; (slash = strchr(path, '/')); path = slash + 1) {
		int next = -1;

		*slash = 0;
		SR_TRY(enter(*folder, path, &next, err));
		sr_fd_close(*folder);
		*folder = next;
	}
	*name = path;
	return SR_OK;
}

static enum sr_status create(int folder, const char *name, int *out, struct sr_err *err)
{
	return sr_fd_open_beneath(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600, out, err);
}

/* A name had to be shortened: say so in names.txt. */
static enum sr_status note_name(struct recovery *r, const char *written, const char *path, struct sr_err *err)
{
	if (strcmp(written, path) == 0)
		return SR_OK;
	SR_TRY(sr_safe_path_quote(written, &r->names, err));
	SR_TRY(sr_buf_add(&r->names, "\t", 1, err));
	SR_TRY(sr_safe_path_quote(path, &r->names, err));
	return sr_buf_add(&r->names, "\n", 1, err);
}

/* One member; a file that is not whole and right does not stay. */
static enum sr_status recover_member(struct recovery *r, size_t index, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf safe = { 0 };
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	SR_CLEANUP(sr_fd_closep) int file = -1;
	const char *path = r->catalogue->members[index].path;
	const char *name = "";

	SR_TRY(sr_safe_path_make(path, &safe, err));
	SR_TRY(note_name(r, (const char *)safe.data, path, err));
	SR_TRY(enter_folders(r->dir_fd, (char *)safe.data, &folder, &name, err));
	SR_TRY(create(folder, name, &file, err));
	enum sr_status status = sr_archive_extract_member(r->archive, r->catalogue, r->identity, index, file,
	                                                  r->progress, err);
	if (status != SR_OK)
		unlinkat(folder, name, 0);
	return status;
}

/* Write a file of our own; where a member has its name already, "catalogue-2.json" and so on. */
static enum sr_status write_own(int dir_fd, const char *stem, const char *ending, const void *data,
                                size_t size, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int file = -1;
	enum sr_status status = SR_EXISTS;
	char name[64];

	for (unsigned i = 1; i < 100 && status == SR_EXISTS; i++) {
		if (i == 1)
			snprintf(name, sizeof(name), "%s%s", stem, ending);
		else
			snprintf(name, sizeof(name), "%s-%u%s", stem, i, ending);
		status = create(dir_fd, name, &file, err);
	}
	if (status == SR_OK)
		status = sr_fd_write_all(file, data, size, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s%s: ", stem, ending);
	return SR_OK;
}

/* The place to write to is at fault, not the member: going on would only repeat it. */
static bool is_hopeless(const struct sr_err *err)
{
	return err->sys_errno == ENOSPC || err->sys_errno == EDQUOT || err->sys_errno == EROFS;
}

static enum sr_status recover_members(struct recovery *r,
                                      void (*report)(void *context, const char *path, const char *what),
                                      void *context, size_t *failed, struct sr_err *err)
{
	for (size_t i = 0; i < r->catalogue->member_count; i++) {
		enum sr_status status = recover_member(r, i, err);

		if (status == SR_OK)
			continue;
		if (status == SR_NO_MEMORY || is_hopeless(err))
			return sr_fail_in(err, status, "%s: ", r->catalogue->members[i].path);
		(*failed)++;
		if (report)
			report(context, r->catalogue->members[i].path, err->text);
	}
	return SR_OK;
}

enum sr_status sr_archive_recover(const struct sr_archive *archive, const struct sr_secret *identity,
                                  int dir_fd, const struct sr_progress *progress,
                                  void (*report)(void *context, const char *path, const char *what),
                                  void *context, size_t *failed, struct sr_err *err)
{
	SR_CLEANUP(sr_catalogue_freep) struct sr_catalogue *catalogue = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;
	struct recovery r = {
		.archive = archive, .identity = identity, .dir_fd = dir_fd, .progress = progress
	};
	size_t count = 0;

	SR_TRY(sr_plaintext_catalogue(archive, identity, &text, &catalogue, err));
	r.catalogue = catalogue;
	enum sr_status status = recover_members(&r, report, context, &count, err);
	if (status == SR_OK)
		status = write_own(dir_fd, "catalogue", ".json", text->data, text->size, err);
	if (status == SR_OK && r.names.size > 0)
		status = write_own(dir_fd, "names", ".txt", r.names.data, r.names.size, err);
	sr_buf_dispose(&r.names);
	if (status != SR_OK)
		return status;
	/* One call for all files and folders: syncing ten thousand of them singly takes minutes on a disk. */
	if (syncfs(dir_fd) < 0)
		return sr_fail_errno(err, "sync the recovered files");
	*failed = count;
	return SR_OK;
}
