/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/bag_tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>

#include "appliance/archive/bag_hash.h"
#include "appliance/archive/bag_manifest.h"
#include "appliance/base/cleanup.h"

#define READ_BYTES (1u << 20)

struct tar {
	struct archive *archive;
	struct sr_bag_tree *tree;
	struct sr_bag_verdict *verdict;
	struct sr_bag_hasher hasher;
	const struct sr_progress *progress;
	uint64_t total;                         /* bytes of the tar file */
	char base[SR_LIMIT_BAG_PATH_BYTES + 2]; /* the one top-level folder with '/', once known */
	char path[2 * SR_LIMIT_BAG_PATH_BYTES]; /* of the entry at hand, with "./" cut off */
	bool damaged;
};

static void dispose_tar(struct tar *tar)
{
	sr_bag_hasher_dispose(&tar->hasher);
	if (tar->archive)
		archive_read_free(tar->archive);
}

/*
 * libarchive composes the names of pax headers (NFD becomes NFC) when the locale is UTF-8, and hands
 * them out byte for byte, with a warning, when it is "C".  This thread alone gets that locale.
 */
struct plain_locale {
	locale_t plain, before;
};

static enum sr_status enter_plain_locale(struct plain_locale *scope, struct sr_err *err)
{
	scope->plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!scope->plain)
		return sr_fail_errno(err, "set the locale");
	scope->before = uselocale(scope->plain);
	return SR_OK;
}

static void leave_plain_locale(struct plain_locale *scope)
{
	if (!scope->plain)
		return;
	uselocale(scope->before);
	freelocale(scope->plain);
}

static const char *reason(const struct tar *tar)
{
	const char *text = archive_error_string(tar->archive);

	return text ? text : "unknown reason";
}

static enum sr_status problem(struct tar *tar, const char *what, struct sr_err *err)
{
	return sr_bag_add_problem(tar->verdict, err, tar->path, "%s", what);
}

static enum sr_status damage(struct tar *tar, struct sr_err *err)
{
	tar->damaged = true;
	return sr_bag_add_problem(tar->verdict, err, "",
	                          "the tar is damaged (%s); get it again from where it came from",
	                          reason(tar));
}

/*
 * Only what is built into libarchive (other filters would start foreign programs), and not xz, lzma and lzip:
 * their files say how much memory they take to unpack, up to 4 GiB, and libarchive gives it to them.  The
 * others take 128 MiB at most, so one of them is allowed, and no stack of them.
 */
static enum sr_status open_tar(struct tar *tar, int fd, struct sr_err *err)
{
	static int (*const filters[])(struct archive *) = {
		archive_read_support_filter_gzip,
		archive_read_support_filter_bzip2,
		archive_read_support_filter_zstd,
		archive_read_support_filter_lz4,
	};
	static const char forms[] =
		"neither a folder nor a tar, plain or compressed once with gzip, bzip2, zstd "
		"or lz4; unpack it first";

	tar->archive = archive_read_new();
	if (!tar->archive)
		return sr_fail(err, SR_NO_MEMORY, "no memory to read a tar");
	for (size_t i = 0; i < SR_COUNT(filters); i++) {
		if (filters[i](tar->archive) != ARCHIVE_OK)
			return sr_fail(err, SR_IO, "libarchive: %s", reason(tar));
	}
	if (archive_read_support_format_tar(tar->archive) != ARCHIVE_OK)
		return sr_fail(err, SR_IO, "libarchive: %s", reason(tar));
	int result = archive_read_open_fd(tar->archive, fd, READ_BYTES);
	/* One filter is the file itself.  EILSEQ: no filter and format that fits. */
	if (result == ARCHIVE_OK ? archive_filter_count(tar->archive) > 2
	                         : archive_errno(tar->archive) == EILSEQ)
		return sr_fail(err, SR_INVALID, "the bag is %s", forms);
	if (result == ARCHIVE_OK)
		return SR_OK;
	return sr_fail(err, SR_IO, "open the tar: %s", reason(tar));
}

/* Data of the entry at hand: hashed, and kept where @text is not NULL. */
static enum sr_status read_data(struct tar *tar, struct sr_bag_text *text, uint64_t *size, struct sr_err *err)
{
	*size = 0;
	for (;;) {
		const void *data;
		size_t got;
		int64_t offset;
		int result = archive_read_data_block(tar->archive, &data, &got, &offset);

		if (result == ARCHIVE_EOF)
			return SR_OK;
		if (result != ARCHIVE_OK)
			return damage(tar, err);
		if (offset < 0 || (uint64_t)offset != *size) {
			tar->damaged = true;
			return problem(tar, "is a sparse file; make the tar without holes", err);
		}
		SR_TRY(sr_bag_hasher_add(&tar->hasher, data, got, err));
		if (text)
			SR_TRY(sr_bag_tree_keep_bytes(tar->tree, text, data, got, err));
		*size += got;
		sr_progress_report(tar->progress, "verify", (uint64_t)archive_filter_bytes(tar->archive, -1),
		                   tar->total);
	}
}

static enum sr_status read_file(struct tar *tar, struct archive_entry *entry, const char *path,
                                struct sr_err *err)
{
	struct sr_bag_file file = { 0 };
	struct sr_bag_text *text;

	SR_TRY(sr_bag_tree_keep(tar->tree, path, &text, err));
	SR_TRY(read_data(tar, text, &file.size, err));
	SR_TRY(sr_bag_hasher_finish(&tar->hasher, &file, err));
	if (!tar->damaged && archive_entry_size(entry) != (int64_t)file.size)
		SR_TRY(problem(tar, "is a sparse file; make the tar without holes", err));
	return sr_bag_tree_add(tar->tree, path, &file, err);
}

/* What makes an entry no regular file and no folder, or NULL. */
static const char *kind_refusal(struct archive_entry *entry)
{
	if (archive_entry_hardlink(entry))
		return "is a hard link; a bag holds regular files only";
	if (archive_entry_symlink(entry) || archive_entry_filetype(entry) == AE_IFLNK)
		return "is a symbolic link; a bag holds regular files only";
	if (archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != AE_IFDIR)
		return "is a device or pipe; a bag holds regular files only";
	if (archive_entry_sparse_count(entry) > 0)
		return "is a sparse file; make the tar without holes";
	return NULL;
}

/* The entry's path into tar->path, without "./" before and "/" behind; false where it is too long. */
static bool take_path(struct tar *tar, struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);

	while (path && path[0] == '.' && path[1] == '/')
		path += 2 + strspn(path + 2, "/");
	if (path && strcmp(path, ".") == 0)
		path = "";
	size_t size = path ? strlen(path) : 0;
	if (size + 2 > sizeof(tar->path))
		return false;
	memcpy(tar->path, path ? path : "", size + 1);
	if (size > 0 && archive_entry_filetype(entry) == AE_IFDIR && tar->path[size - 1] == '/')
		tar->path[size - 1] = 0;
	return true;
}

/* The path below the bag's folder, or NULL where the entry lies outside of it. */
static const char *below_base(struct tar *tar)
{
	size_t size = strcspn(tar->path, "/");

	if (tar->base[0] == 0 && size < sizeof(tar->base) - 1) {
		memcpy(tar->base, tar->path, size);
		memcpy(tar->base + size, "/", 2);
	}
	if (strncmp(tar->path, tar->base, size) != 0 || tar->base[size] != '/')
		return NULL;
	return tar->path + size + (tar->path[size] == '/');
}

static enum sr_status read_entry(struct tar *tar, struct archive_entry *entry, struct sr_err *err)
{
	static const struct sr_bag_file folder = { 0 };
	bool is_folder = archive_entry_filetype(entry) == AE_IFDIR;

	if (!take_path(tar, entry))
		return sr_fail(err, SR_LIMIT, "a path of the tar has more than %zu bytes", sizeof(tar->path));
	if (tar->path[0] == 0 && is_folder)
		return SR_OK; /* "./" */
	const char *refusal = sr_bag_path_refusal(tar->path);
	if (refusal)
		return problem(tar, refusal, err);
	refusal = kind_refusal(entry);
	if (refusal)
		return problem(tar, refusal, err);
	const char *path = below_base(tar);
	if (!path || (!is_folder && *path == 0))
		return problem(tar, "lies outside of the one folder that is the bag", err);
	if (!is_folder)
		return read_file(tar, entry, path, err);
	if (*path == 0)
		return SR_OK;
	size_t size = strlen(tar->path);
	memcpy(tar->path + size, "/", 2);
	return sr_bag_tree_add(tar->tree, path, &folder, err);
}

/* Names that are not ASCII "cannot be converted" to the plain locale: meant so. */
static enum sr_status tell_warning(struct tar *tar, struct sr_err *err)
{
	const char *text = reason(tar);

	if (strstr(text, "can't be converted"))
		return SR_OK;
	return sr_bag_add_note(tar->verdict, err, "", "libarchive says of the tar: %s", text);
}

static enum sr_status read_entries(struct tar *tar, struct sr_err *err)
{
	while (!tar->damaged) {
		struct archive_entry *entry;
		int result = archive_read_next_header(tar->archive, &entry);

		if (result == ARCHIVE_EOF)
			return SR_OK;
		if (result < ARCHIVE_WARN)
			return damage(tar, err);
		if (result == ARCHIVE_WARN)
			SR_TRY(tell_warning(tar, err));
		SR_TRY(read_entry(tar, entry, err));
	}
	return SR_OK;
}

enum sr_status sr_bag_tar_read(int fd, struct sr_bag_tree *tree, struct sr_bag_verdict *verdict,
                               const struct sr_progress *progress, bool *whole, struct sr_err *err)
{
	SR_CLEANUP(leave_plain_locale) struct plain_locale scope = { 0 };
	SR_CLEANUP(dispose_tar)
	struct tar tar = { .tree = tree, .verdict = verdict, .progress = progress };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return sr_fail_errno(err, "look at the tar");
	tar.total = (uint64_t)st.st_size;
	SR_TRY(enter_plain_locale(&scope, err));
	SR_TRY(sr_bag_hasher_init(&tar.hasher, true, true, err));
	SR_TRY(open_tar(&tar, fd, err));
	SR_TRY(read_entries(&tar, err));
	sr_bag_tree_sort(tree);
	*whole = !tar.damaged;
	return sr_bag_tree_check(tree, verdict, err);
}
