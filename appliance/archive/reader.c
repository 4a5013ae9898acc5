/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/reader.h"

#include <stdlib.h>

#include "appliance/archive/layout.h"
#include "appliance/archive/scan.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/limits.h"

struct sr_archive {
	int fd; /* borrowed */
	struct sr_scan scan;
	struct sr_cover cover;
};

static enum sr_status read_cover(struct sr_archive *archive, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_archive_read_entry(archive, SR_NAME_COVER, SR_LIMIT_TAG_FILE_BYTES, &text, err));
	return sr_scan_check_cover(&archive->scan, sr_buf_bytes(&text), &archive->cover, err);
}

enum sr_status sr_archive_open(int fd, struct sr_archive **out, struct sr_err *err)
{
	SR_CLEANUP(sr_archive_closep) struct sr_archive *archive = calloc(1, sizeof(*archive));

	if (!archive)
		return sr_fail(err, SR_NO_MEMORY, "no memory to open an archive");
	archive->fd = fd;
	SR_TRY(sr_scan_read(fd, &archive->scan, err));
	SR_TRY(read_cover(archive, err));
	*out = SR_MOVE(archive);
	return SR_OK;
}

void sr_archive_close(struct sr_archive *archive)
{
	if (!archive)
		return;
	sr_scan_dispose(&archive->scan);
	free(archive);
}

int sr_archive_fd(const struct sr_archive *archive)
{
	return archive->fd;
}

const char *sr_archive_name(const struct sr_archive *archive)
{
	return archive->scan.name;
}

const struct sr_cover *sr_archive_cover(const struct sr_archive *archive)
{
	return &archive->cover;
}

size_t sr_archive_entry_count(const struct sr_archive *archive)
{
	return archive->scan.count;
}

const struct sr_archive_entry *sr_archive_entry_at(const struct sr_archive *archive, size_t index)
{
	return index < archive->scan.count ? &archive->scan.entries[index] : NULL;
}

const struct sr_archive_entry *sr_archive_find(const struct sr_archive *archive, const char *name)
{
	return sr_scan_find(&archive->scan, name);
}

size_t sr_archive_member_count(const struct sr_archive *archive)
{
	return archive->scan.member_count;
}

const struct sr_archive_entry *sr_archive_member(const struct sr_archive *archive, size_t index)
{
	return index < archive->scan.member_count ? sr_scan_member(&archive->scan, index) : NULL;
}

enum sr_status sr_archive_read_entry(const struct sr_archive *archive, const char *name, size_t max,
                                     struct sr_buf *out, struct sr_err *err)
{
	const struct sr_archive_entry *entry = sr_archive_find(archive, name);

	if (!entry)
		return sr_fail(err, SR_NOT_FOUND, "the archive has no %s", name);
	return sr_scan_read_entry(archive->fd, entry, max, out, err);
}
