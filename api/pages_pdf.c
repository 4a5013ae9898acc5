/* SPDX-License-Identifier: Apache-2.0 */
#include "api/pages_pdf.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/log.h"

#define FILES_MAX 512
#define FILE_BYTES_MAX ((size_t)8 << 20)
#define PATH_BYTES 160

/* Of the process, for its whole life. */
static struct {
	char path[PATH_BYTES];
	char etag[40];
	struct sr_buf bytes;
	struct sr_page page;
} files[FILES_MAX];
static size_t count;

/* FNV-1a: tells versions of a file apart; nobody trusts it. */
static uint64_t mark_of(const struct sr_buf *bytes)
{
	uint64_t mark = 0xcbf29ce484222325u;

	for (size_t i = 0; i < bytes->size; i++)
		mark = (mark ^ bytes->data[i]) * 0x100000001b3u;
	return mark;
}

static enum sr_status read_one(int dir_fd, const char *name, const char *folder, struct sr_err *err)
{
	if (count == FILES_MAX ||
	    snprintf(files[count].path, PATH_BYTES, "pdfjs/%s%.100s", folder, name) >= PATH_BYTES)
		return SR_OK;
	SR_TRY(sr_fd_read_file(dir_fd, name, FILE_BYTES_MAX, &files[count].bytes, err));
	snprintf(files[count].etag, sizeof(files[count].etag), "\"%016llx\"",
	         (unsigned long long)mark_of(&files[count].bytes));
	files[count].page = (struct sr_page){ .path = files[count].path,
		                              .data = files[count].bytes.data,
		                              .size = files[count].bytes.size,
		                              .etag = files[count].etag };
	count++;
	return SR_OK;
}

static int open_folder(const char *name)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), SR_PDFJS_DIR "/%s", name);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Every file of a folder; one that cannot be read is left out. */
static void read_folder(const char *name, const char *folder)
{
	int fd = open_folder(name);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct sr_err ignored;

	if (!dir) {
		sr_fd_close(fd);
		return;
	}
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		if (entry->d_name[0] != '.')
			(void)!read_one(fd, entry->d_name, folder, &ignored);
	closedir(dir);
}

enum sr_status sr_pages_pdf_read(struct sr_err *err)
{
	static const char *const programs[] = { "pdf.js", "pdf.worker.js" };
	SR_CLEANUP(sr_fd_closep) int fd = open_folder("build");

	if (fd < 0) {
		sr_log(SR_LOG_WARNING,
		       "the viewing room cannot show PDF: install the package libjs-pdf and start again");
		return SR_OK;
	}
	for (size_t i = 0; i < SR_COUNT(programs); i++)
		SR_TRY(read_one(fd, programs[i], "", err));
	read_folder("web/cmaps", "cmaps/");
	read_folder("web/standard_fonts", "fonts/");
	return SR_OK;
}

const struct sr_page *sr_pages_pdf_find(const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(files[i].path, path) == 0)
			return &files[i].page;
	return NULL;
}
