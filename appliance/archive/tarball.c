/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/tarball.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct sr_tarball {
	struct archive *archive;
	struct archive_entry *entry;
	struct sr_sink *sink; /* borrowed */
	const char *folder;   /* borrowed */
	int64_t time_s;
	uint8_t *lent; /* what the sink may write in place, while libarchive hands it through */
	bool forgotten;
	enum sr_status status; /* the sink's first failure */
	struct sr_err err;
};

/*
 * libarchive's output, without blocking: headers and padding from its own memory, content from ours.  It is
 * never told of a failure (every call below looks at the status instead): an archive that failed is freed
 * without its filters, which leaks.  Only when it is to be forgotten does it hear one, so that it stops
 * padding and frees everything.
 */
static la_ssize_t take(struct archive *archive, void *context, const void *data, size_t size)
{
	struct sr_tarball *tar = context;

	if (tar->forgotten) {
		archive_set_error(archive, ECANCELED, "given up");
		return -1;
	}
	if (tar->status == SR_OK && data == tar->lent)
		tar->status = sr_sink_write_lent(tar->sink, tar->lent, size, &tar->err);
	else if (tar->status == SR_OK)
		tar->status = sr_sink_write(tar->sink, data, size, &tar->err);
	return (la_ssize_t)size;
}

/* What a call came to: the sink's own words where it was the sink. */
static enum sr_status outcome(const struct sr_tarball *tar, bool good, const char *what, struct sr_err *err)
{
	if (tar->status != SR_OK) {
		*err = tar->err;
		return tar->status;
	}
	if (good)
		return SR_OK;
	const char *reason = archive_error_string(tar->archive);
	return sr_fail(err, SR_IO, "%s: %s", what, reason ? reason : "libarchive gives no reason");
}

static enum sr_status start(struct sr_tarball *tar, struct sr_err *err)
{
	tar->archive = archive_write_new();
	tar->entry = archive_entry_new();
	if (!tar->archive || !tar->entry)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the archive");
	bool good = archive_write_set_format_pax_restricted(tar->archive) == ARCHIVE_OK &&
	            archive_write_add_filter_none(tar->archive) == ARCHIVE_OK &&
	            archive_write_set_bytes_per_block(tar->archive, 0) == ARCHIVE_OK &&
	            archive_write_open(tar->archive, tar, NULL, take, NULL) == ARCHIVE_OK;
	return outcome(tar, good, "start the archive", err);
}

enum sr_status sr_tarball_open(struct sr_sink *sink, const char *folder, int64_t time_s,
                               struct sr_tarball **out, struct sr_err *err)
{
	struct sr_tarball *tar = calloc(1, sizeof(*tar));

	if (!tar)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the archive");
	tar->sink = sink;
	tar->folder = folder;
	tar->time_s = time_s;
	enum sr_status status = start(tar, err);
	if (status != SR_OK) {
		sr_tarball_free(tar);
		return status;
	}
	*out = tar;
	return SR_OK;
}

void sr_tarball_free(struct sr_tarball *tar)
{
	if (!tar)
		return;
	tar->forgotten = true;
	archive_write_free(tar->archive);
	archive_entry_free(tar->entry);
	free(tar);
}

enum sr_status sr_tarball_begin(struct sr_tarball *tar, const char *name, uint64_t size, struct sr_err *err)
{
	struct archive_entry *entry = archive_entry_clear(tar->entry);
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", tar->folder, name);
	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0400);
	archive_entry_set_size(entry, (la_int64_t)size);
	archive_entry_set_mtime(entry, tar->time_s, 0);
	return outcome(tar, archive_write_header(tar->archive, entry) == ARCHIVE_OK, name, err);
}

enum sr_status sr_tarball_add(struct sr_tarball *tar, const void *data, size_t size, struct sr_err *err)
{
	bool good = archive_write_data(tar->archive, data, size) == (la_ssize_t)size;

	return outcome(tar, good, "write the archive", err);
}

enum sr_status sr_tarball_add_lent(struct sr_tarball *tar, uint8_t *data, size_t size, struct sr_err *err)
{
	tar->lent = data;
	enum sr_status status = sr_tarball_add(tar, data, size, err);
	tar->lent = NULL;
	return status;
}

enum sr_status sr_tarball_put(struct sr_tarball *tar, const char *name, const void *data, size_t size,
                              struct sr_err *err)
{
	SR_TRY(sr_tarball_begin(tar, name, size, err));
	return sr_tarball_add(tar, data, size, err);
}

enum sr_status sr_tarball_offset(struct sr_tarball *tar, uint64_t *out, struct sr_err *err)
{
	bool good = archive_write_finish_entry(tar->archive) == ARCHIVE_OK;

	SR_TRY(outcome(tar, good, "write the archive", err));
	*out = (uint64_t)archive_filter_bytes(tar->archive, 0);
	return SR_OK;
}

enum sr_status sr_tarball_end(struct sr_tarball *tar, struct sr_err *err)
{
	return outcome(tar, archive_write_close(tar->archive) == ARCHIVE_OK, "end the archive", err);
}
