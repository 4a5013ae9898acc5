/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/scan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "appliance/archive/tar_header.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/crypto/suite.h"

/* Tiny files are read through one window with their neighbours; behind others a small window is enough. */
#define WINDOW_BYTES 65536u
#define SMALL_WINDOW_BYTES 4096u
#define TINY_FILE_BYTES 4096u
/* Headers that lie close together are fetched from the disk with what is between them, in large pieces. */
#define CLOSE_BYTES 32768u
#define AHEAD_BYTES ((uint64_t)4 << 20)
#define END_BYTES ((size_t)2 * SR_TAR_BLOCK)
#define MEMBER_NAME_BYTES 16u /* "data/000001.age" and NUL */

/* An age file has some room for its head and tags over the plaintext: 1/4096 and 64 KiB are more. */
#define AGE_BYTES_MAX(plain) ((plain) + (plain) / 4096 + SR_LIMIT_AGE_HEADER_BYTES)

static const struct {
	const char *name;
	uint64_t max; /* bytes */
} head[SR_SCAN_HEAD_FILES] = {
	{ SR_NAME_BAGIT, SR_LIMIT_TAG_FILE_BYTES },
	{ SR_NAME_COVER, SR_LIMIT_TAG_FILE_BYTES },
	{ SR_NAME_IDENTITY_CMS, SR_LIMIT_SIGNATURE_BYTES },
	{ SR_NAME_IDENTITY_AGE, SR_LIMIT_SIGNATURE_BYTES },
	{ SR_NAME_CHAIN, SR_LIMIT_TAG_FILE_BYTES },
}, tail[SR_SCAN_TAIL_FILES] = {
	{ SR_NAME_CATALOGUE, AGE_BYTES_MAX(SR_LIMIT_CATALOGUE_BYTES) },
	{ SR_NAME_BAG_INFO, SR_LIMIT_TAG_FILE_BYTES },
	{ SR_NAME_MANIFEST, SR_LIMIT_TAG_FILE_BYTES },
	{ SR_NAME_TAGMANIFEST, SR_LIMIT_TAG_FILE_BYTES },
	{ SR_NAME_SIGNATURE, SR_LIMIT_SIGNATURE_BYTES },
	{ SR_NAME_STAMP, SR_LIMIT_SIGNATURE_BYTES },
	{ SR_NAME_SEAL_DIGESTS, SR_LIMIT_TAG_FILE_BYTES },
};

/* What a scan is busy with. */
struct scanner {
	int fd;
	struct sr_scan *scan;
	struct sr_buf entries;          /* of struct sr_archive_entry */
	uint64_t at;                    /* next header */
	uint64_t padding;               /* zero bytes that must lie right before it */
	size_t tail_count;              /* tail files seen */
	uint8_t *window;                /* WINDOW_BYTES */
	uint64_t window_at;             /* its offset in the file */
	size_t window_size;             /* bytes in it */
	size_t window_want;             /* how much to read at once */
	uint64_t advised;               /* up to where the kernel was asked to fetch */
	char expected[SR_TAR_NAME_MAX]; /* for messages: what should come now */
};

static void scanner_dispose(struct scanner *s)
{
	sr_buf_dispose(&s->entries);
	free(s->window);
}

/* Up to @size bytes at @offset in place, fewer at the end of the file only.  @size <= SMALL_WINDOW_BYTES. */
static enum sr_status view(struct scanner *s, uint64_t offset, size_t size, const uint8_t **out, size_t *got,
                           struct sr_err *err)
{
	if (offset < s->window_at || offset + size > s->window_at + s->window_size) {
		enum sr_status status =
			sr_fd_pread(s->fd, s->window, s->window_want, offset, &s->window_size, err);

		s->window_at = offset;
		if (status != SR_OK) {
			s->window_size = 0;
			return sr_fail_in(err, status, "offset %llu: ", (unsigned long long)offset);
		}
	}
	size_t skip = (size_t)(offset - s->window_at);
	size_t left = s->window_size - skip;

	*out = s->window + skip;
	*got = left < size ? left : size;
	return SR_OK;
}

static bool all_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static const char *last_name(const struct scanner *s)
{
	const struct sr_archive_entry *entries =
		(const struct sr_archive_entry *)(const void *)s->entries.data;

	return entries[s->scan->count - 1].name;
}

/* Padding of the file before, then up to SR_TAR_HEADER_MAX bytes of what follows. */
static enum sr_status view_next(struct scanner *s, const uint8_t **out, size_t *got, struct sr_err *err)
{
	size_t padding = (size_t)s->padding;
	uint64_t from = s->at - s->padding;
	const uint8_t *bytes = NULL;
	size_t size = 0;

	SR_TRY(view(s, from, padding + SR_TAR_HEADER_MAX, &bytes, &size, err));
	unsigned long long at = from;
	if (size < padding)
		return sr_fail(err, SR_CORRUPT,
		               "offset %llu: the file ends inside the padding: it was cut off", at + size);
	for (size_t i = 0; i < padding; i++)
		if (bytes[i] != 0)
			return sr_fail(err, SR_CORRUPT, "offset %llu: padding behind %s is not zero", at + i,
			               last_name(s));
	*out = bytes + padding;
	*got = size - padding;
	return SR_OK;
}

/* "<case id>-<part>/bagit.txt" names the folder that everything else must lie in. */
static enum sr_status take_folder(struct scanner *s, const struct sr_tar_header *header, struct sr_err *err)
{
	char *name = s->scan->name;
	char id[SR_UUID_TEXT] = { 0 };
	uint64_t part = 0;
	bool fits = strlen(header->name) == SR_ARCHIVE_NAME + strlen(SR_NAME_BAGIT) &&
	            header->name[SR_ARCHIVE_NAME - 1] == '/';

	if (fits)
		memcpy(name, header->name, SR_ARCHIVE_NAME - 1);
	memcpy(id, name, sizeof(id) - 1);
	for (size_t i = 0; fits && i < 3; i++) {
		char digit = name[SR_UUID_TEXT + i];

		fits = digit >= '0' && digit <= '9';
		part = part * 10 + (uint64_t)(digit - '0');
	}
	if (!fits || !sr_uuid_is_valid(id) || name[SR_UUID_TEXT - 1] != '-' || part == 0)
		return sr_fail(err, SR_CORRUPT,
		               "offset 0: the first file is %s, not <case id>-<part>/" SR_NAME_BAGIT
		               ": this is no sealed archive",
		               header->name);
	s->scan->mtime_s = header->mtime_s;
	return SR_OK;
}

/* Which file should come now; behind at least one member it may be the next member or the first tail file. */
static const char *expect(struct scanner *s, const char *actual, uint64_t *max)
{
	struct sr_scan *scan = s->scan;

	if (scan->count < SR_SCAN_HEAD_FILES) {
		*max = head[scan->count].max;
		return head[scan->count].name;
	}
	bool at_members = s->tail_count == 0 && scan->member_count < SR_LIMIT_MEMBERS;
	if (at_members && (scan->member_count == 0 || strcmp(actual, tail[0].name) != 0)) {
		snprintf(s->expected, sizeof(s->expected), SR_NAME_MEMBER, (unsigned)scan->member_count + 1);
		*max = AGE_BYTES_MAX(SR_LIMIT_MEMBER_BYTES);
		return s->expected;
	}
	*max = tail[s->tail_count].max;
	return tail[s->tail_count].name;
}

/* So that a disk reads on while we look at what it gave. */
static void ask_ahead(struct scanner *s)
{
	if (s->advised < s->at)
		s->advised = s->at;
	if (s->advised - s->at >= AHEAD_BYTES / 2)
		return;
	(void)posix_fadvise(s->fd, (off_t)s->advised, (off_t)AHEAD_BYTES, POSIX_FADV_WILLNEED);
	s->advised += AHEAD_BYTES;
}

static enum sr_status add_entry(struct scanner *s, const char *name, const struct sr_tar_header *header,
                                struct sr_err *err)
{
	struct sr_scan *scan = s->scan;
	struct sr_archive_entry entry = {
		.name = name,
		.header = s->at,
		.offset = s->at + header->bytes,
		.size = header->size,
	};
	uint64_t padding = (SR_TAR_BLOCK - header->size % SR_TAR_BLOCK) % SR_TAR_BLOCK;

	SR_TRY(sr_buf_add(&s->entries, &entry, sizeof(entry), err));
	if (s->tail_count > 0 || (scan->count >= SR_SCAN_HEAD_FILES && name == tail[0].name))
		s->tail_count++;
	else if (scan->count >= SR_SCAN_HEAD_FILES)
		scan->member_count++;
	scan->count++;
	s->padding = padding;
	s->at = entry.offset + header->size + padding;
	s->window_want = header->size < TINY_FILE_BYTES ? WINDOW_BYTES : SMALL_WINDOW_BYTES;
	if (header->size < CLOSE_BYTES)
		ask_ahead(s);
	return SR_OK;
}

static enum sr_status check_place(const struct scanner *s, const struct sr_tar_header *header,
                                  const char *expected, uint64_t max, struct sr_err *err)
{
	const struct sr_scan *scan = s->scan;
	unsigned long long at = s->at;
	size_t folder = strlen(scan->name);

	if (strncmp(header->name, scan->name, folder) != 0 || header->name[folder] != '/' ||
	    strcmp(header->name + folder + 1, expected) != 0)
		return sr_fail(err, SR_CORRUPT, "offset %llu: %s lies where %s/%s must", at, header->name,
		               scan->name, expected);
	if (header->mtime_s != scan->mtime_s)
		return sr_fail(err, SR_CORRUPT,
		               "offset %llu: header of %s: time is not that of the other files", at,
		               expected);
	if (header->size > max)
		return sr_fail(err, SR_CORRUPT,
		               "offset %llu: header of %s: %llu bytes, at most %llu are allowed", at,
		               expected, (unsigned long long)header->size, (unsigned long long)max);
	if (header->size > scan->file_bytes || s->at + header->bytes > scan->file_bytes - header->size)
		return sr_fail(
			err, SR_CORRUPT,
			"offset %llu: %s has %llu bytes, but the file ends at %llu: it was cut off, or "
			"the size is wrong",
			at, expected, (unsigned long long)header->size, (unsigned long long)scan->file_bytes);
	return SR_OK;
}

/* One header, and what it says. */
static enum sr_status read_header(struct scanner *s, struct sr_err *err)
{
	struct sr_scan *scan = s->scan;
	struct sr_tar_header header = { 0 };
	const char *below = "";
	const uint8_t *bytes = NULL;
	uint64_t max;
	size_t got = 0;

	SR_TRY(view_next(s, &bytes, &got, err));
	unsigned long long at = s->at;
	if (got == 0)
		return sr_fail(err, SR_CORRUPT,
		               "offset %llu: the file ends where %s must lie: it was cut off", at,
		               expect(s, below, &max));
	if (got >= SR_TAR_BLOCK && all_zero(bytes, SR_TAR_BLOCK))
		return sr_fail(err, SR_CORRUPT, "offset %llu: a zero block lies where the header of %s must",
		               at, expect(s, below, &max));
	enum sr_status status = sr_tar_header_read(bytes, got, &header, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "offset %llu: header of %s: ", at, expect(s, below, &max));
	if (scan->count == 0)
		SR_TRY(take_folder(s, &header, err));
	if (strlen(header.name) > SR_ARCHIVE_NAME)
		below = header.name + SR_ARCHIVE_NAME;
	const char *expected = expect(s, below, &max);
	SR_TRY(check_place(s, &header, expected, max, err));
	return add_entry(s, expected, &header, err);
}

/* Two zero blocks, then the end of the file. */
static enum sr_status read_end(struct scanner *s, struct sr_err *err)
{
	uint64_t size = s->scan->file_bytes;
	const uint8_t *bytes = NULL;
	size_t got = 0;

	SR_TRY(view_next(s, &bytes, &got, err));
	unsigned long long at = s->at;
	if (got >= END_BYTES)
		got = END_BYTES;
	if (!all_zero(bytes, got))
		return sr_fail(err, SR_CORRUPT,
		               "offset %llu: something follows %s where the archive must end", at,
		               SR_NAME_SEAL_DIGESTS);
	if (got < END_BYTES)
		return sr_fail(
			err, SR_CORRUPT,
			"offset %llu: the two zero blocks at the end are missing: the file was cut off",
			at + got);
	if (size > s->at + got)
		return sr_fail(err, SR_CORRUPT, "offset %llu: %llu bytes follow the end of the archive",
		               at + got, (unsigned long long)(size - s->at - got));
	return SR_OK;
}

/* The members' names live in one block, made when their number is known. */
static enum sr_status name_members(struct sr_scan *scan, struct sr_err *err)
{
	scan->names = calloc(scan->member_count, MEMBER_NAME_BYTES);
	if (!scan->names)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the names of %zu members",
		               scan->member_count);
	for (size_t i = 0; i < scan->member_count; i++) {
		char *name = scan->names + i * MEMBER_NAME_BYTES;

		snprintf(name, MEMBER_NAME_BYTES, SR_NAME_MEMBER, (unsigned)(i + 1) % 1000000u);
		scan->entries[SR_SCAN_HEAD_FILES + i].name = name;
	}
	return SR_OK;
}

static enum sr_status read_structure(struct scanner *s, struct sr_err *err)
{
	struct stat st;

	if (fstat(s->fd, &st) < 0)
		return sr_fail_errno(err, "stat the archive");
	if (!S_ISREG(st.st_mode) || st.st_size < 0)
		return sr_fail(err, SR_INVALID, "the archive is not a regular file");
	s->scan->file_bytes = (uint64_t)st.st_size;
	s->window = malloc(WINDOW_BYTES);
	if (!s->window)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a buffer of %u bytes", WINDOW_BYTES);
	s->window_want = WINDOW_BYTES;
	while (s->tail_count < SR_SCAN_TAIL_FILES)
		SR_TRY(read_header(s, err));
	SR_TRY(read_end(s, err));
	s->scan->entries = (struct sr_archive_entry *)(void *)s->entries.data;
	s->entries = (struct sr_buf){ 0 };
	return name_members(s->scan, err);
}

enum sr_status sr_scan_read(int fd, struct sr_scan *out, struct sr_err *err)
{
	struct sr_scan scan = { 0 };
	SR_CLEANUP(scanner_dispose) struct scanner s = { .fd = fd, .scan = &scan };
	enum sr_status status = read_structure(&s, err);

	if (status != SR_OK) {
		sr_scan_dispose(&scan);
		return status;
	}
	*out = scan;
	return SR_OK;
}

void sr_scan_dispose(struct sr_scan *scan)
{
	free(scan->entries);
	free(scan->names);
	*scan = (struct sr_scan){ 0 };
}

const struct sr_archive_entry *sr_scan_find(const struct sr_scan *scan, const char *name)
{
	uint64_t number = 0;

	if (strlen(name) == MEMBER_NAME_BYTES - 1 && sr_text_starts_with(name, "data/")) {
		for (size_t i = 5; i < 11 && name[i] >= '0' && name[i] <= '9'; i++)
			number = number * 10 + (uint64_t)(name[i] - '0');
		if (number < 1 || number > scan->member_count)
			return NULL;
		const struct sr_archive_entry *entry = sr_scan_member(scan, (size_t)number - 1);
		return strcmp(entry->name, name) == 0 ? entry : NULL;
	}
	for (size_t i = 0; i < scan->count; i++) {
		if (i == SR_SCAN_HEAD_FILES)
			i += scan->member_count;
		if (strcmp(scan->entries[i].name, name) == 0)
			return &scan->entries[i];
	}
	return NULL;
}

enum sr_status sr_scan_read_entry(int fd, const struct sr_archive_entry *entry, size_t max,
                                  struct sr_buf *out, struct sr_err *err)
{
	if (entry->size > max)
		return sr_fail(err, SR_LIMIT, "%s has %llu bytes, at most %zu are read", entry->name,
		               (unsigned long long)entry->size, max);
	SR_TRY(sr_buf_reserve(out, (size_t)entry->size, err));
	enum sr_status status =
		sr_fd_pread_all(fd, out->data + out->size, (size_t)entry->size, entry->offset, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s: ", entry->name);
	out->size += (size_t)entry->size;
	return SR_OK;
}

/* The members' plaintext bytes together, from their sizes. */
static enum sr_status sum_members(const struct sr_scan *scan, const struct sr_suite *suite, uint64_t *out,
                                  struct sr_err *err)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < scan->member_count; i++) {
		const struct sr_archive_entry *member = sr_scan_member(scan, i);
		uint64_t plain;

		enum sr_status status = sr_suite_plain_bytes(suite, member->size, &plain, err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "%s: ", member->name);
		sum += plain; /* at most SR_LIMIT_MEMBERS times some 2^40 */
	}
	*out = sum;
	return SR_OK;
}

enum sr_status sr_scan_check_cover(const struct sr_scan *scan, struct sr_bytes text, struct sr_cover *out,
                                   struct sr_err *err)
{
	struct sr_cover cover;
	char name[SR_ARCHIVE_NAME];
	uint64_t bytes = 0;

	SR_TRY(sr_cover_decode(text, &cover, err));
	SR_TRY(sum_members(scan, sr_suite_find(cover.suite), &bytes, err));
	snprintf(name, sizeof(name), "%s-%03u", cover.case_id, cover.part % 1000);
	if (strcmp(name, scan->name) != 0)
		return sr_fail(err, SR_CORRUPT, "cover.json is of %s, the archive's folder is %s", name,
		               scan->name);
	if (cover.sealed_at_ns != scan->mtime_s * SR_SECOND_NS)
		return sr_fail(err, SR_CORRUPT, "cover.json: sealing time is not the time of the files");
	if (cover.members != scan->member_count)
		return sr_fail(err, SR_CORRUPT, "cover.json: %llu members are stated, the archive has %zu",
		               (unsigned long long)cover.members, scan->member_count);
	if (cover.bytes != bytes)
		return sr_fail(err, SR_CORRUPT, "cover.json: %llu bytes are stated, the members have %llu",
		               (unsigned long long)cover.bytes, (unsigned long long)bytes);
	*out = cover;
	return SR_OK;
}
