/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/inspect.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/casefile/inspect_content.h"
#include "appliance/casefile/inspect_crew.h"
#include "appliance/casefile/inspect_note.h"
#include "appliance/casefile/inspect_similar.h"
#include "appliance/casefile/member_path.h"

#define SHA256_BYTES 32
#define WORDS 1024

/* What all threads look at. */
struct inspection {
	const struct sr_case *description;
	const struct sr_folder *folder;
	sr_inspect_digest *digest;            /* may be NULL */
	const struct sr_folder_file **places; /* one a member: its file; NULL: missing */
	bool *again;                          /* one a member: an earlier one names the same path */
	bool *named;                          /* one a file of the folder: a member names it */
	struct sr_member_pages *pages;        /* may be NULL */
	pthread_mutex_t lock;                 /* what follows */
	const char **similar; /* one a member (inspect_similar.h); NULL until a member is missing */
};

/* One member while it is looked at. */
struct looking {
	struct inspection *in;
	size_t index;
	struct sr_probe *probe;
	struct sr_findings *findings;
};

static void inspection_dispose(struct inspection *inspection)
{
	free(inspection->places);
	free(inspection->again);
	free(inspection->named);
	free(inspection->similar);
	pthread_mutex_destroy(&inspection->lock);
}

static const struct sr_member *member_of(const struct looking *l)
{
	return &l->in->description->members[l->index];
}

/* --- X2, X6, X10: members ------------------------------------------------------------------------------- */

/* Which file's name differs in form alone; NULL: none does. */
static enum sr_status find_similar(struct looking *l, const char **out, struct sr_err *err)
{
	struct inspection *in = l->in;
	enum sr_status status = SR_OK;

	pthread_mutex_lock(&in->lock);
	if (!in->similar)
		status = sr_inspect_similar(in->description, in->folder, &in->similar, err);
	if (status == SR_OK)
		*out = in->similar[l->index];
	pthread_mutex_unlock(&in->lock);
	return status;
}

static enum sr_status add_missing(struct looking *l, struct sr_err *err)
{
	struct sr_inspect_note note = {
		.code = "X2",
		.severity = SR_SEVERITY_BLOCKER,
		.path = member_of(l)->path,
		.member = l->index,
		.fix_zh = "把文件放入案卷文件夹的这个路径；不归档的，从目录中删去这一项",
		.fix_en = "put the file there, or take its entry out of the catalogue",
	};
	SR_CLEANUP(sr_buf_dispose) struct sr_buf zh = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf en = { 0 };

	const char *similar = NULL;
	SR_TRY(find_similar(l, &similar, err));
	SR_TRY(sr_buf_add_text(&zh, "目录列有此文件，但案卷文件夹中没有", err));
	SR_TRY(sr_buf_add_text(&en, "the catalogue lists this file, but it is not in the case folder", err));
	if (similar) {
		SR_TRY(sr_buf_printf(&zh, err, "；有一份“%s”，名称只有字母大小写或字符编码形式不同",
		                     similar));
		SR_TRY(sr_buf_printf(&en, err,
		                     "; there is %s, whose name differs only in letter case or Unicode form",
		                     similar));
		note.fix_zh = "如是同一份文件，将文件名改成与目录完全一致，或在目录中重新登记该文件名";
		note.fix_en = "if it is the same file, give both exactly the same name";
	}
	SR_TRY(sr_buf_add(&zh, "", 1, err));
	SR_TRY(sr_buf_add(&en, "", 1, err));
	return sr_inspect_note_add(l->findings, &note, (char *)zh.data, (char *)en.data, err);
}

static enum sr_status add_odd_member(const struct looking *l, const struct sr_folder_file *file,
                                     struct sr_err *err)
{
	const struct sr_inspect_note note = {
		.code = "X2",
		.severity = SR_SEVERITY_BLOCKER,
		.path = file->path,
		.member = l->index,
		.fix_zh = "换成文件本身",
		.fix_en = "put the file itself in its place",
	};
	char zh[WORDS], en[WORDS];

	snprintf(zh, sizeof(zh), "目录列有此文件，但它是%s，不能归档", file->odd_zh);
	snprintf(en, sizeof(en), "this member is no regular file but a %s", file->odd);
	return sr_inspect_note_add(l->findings, &note, zh, en, err);
}

static enum sr_status add_empty(const struct looking *l, struct sr_err *err)
{
	const struct sr_member *member = member_of(l);
	struct sr_inspect_note note = {
		.code = "X6",
		.severity = SR_SEVERITY_BLOCKER,
		.path = member->path,
		.member = l->index,
		.fix_zh = "换成有内容的原件",
		.fix_en = "put the original, with its content, in its place",
	};
	char zh[] = "文件为空（0字节）";
	char en[] = "the file is empty (0 bytes)";

	SR_TRY(sr_inspect_note_add(l->findings, &note, zh, en, err));
	if (member->class != SR_MEMBER_EXPLANATION)
		return SR_OK;
	char blank_zh[] = "文字说明中没有文字";
	char blank_en[] = "the explanation holds no words";
	note.code = "X8";
	note.fix_zh = "写明取证人员、取证时间、取证地点和证明对象";
	note.fix_en = "write who collected it, when and where, and what it proves";
	return sr_inspect_note_add(l->findings, &note, blank_zh, blank_en, err);
}

static enum sr_status check_digest(const struct looking *l, int fd, struct sr_err *err)
{
	const struct sr_member *member = member_of(l);
	const struct sr_inspect_note note = {
		.code = "X10",
		.severity = SR_SEVERITY_BLOCKER,
		.path = member->path,
		.member = l->index,
		.key = "sha256",
		.fix_zh = "核对是否放错文件或文件已被改动，换成原件；摘要登记有误的，更正摘要",
		.fix_en =
			"see whether it is the wrong file or was changed, and put the original in its place; "
			"or correct the digest",
	};
	uint8_t given[SHA256_BYTES], actual[SHA256_BYTES];
	char hex[2 * SHA256_BYTES + 1];
	char zh[WORDS], en[WORDS];

	if (!l->in->digest || !member->sha256 ||
	    !sr_hex_decode(member->sha256, strlen(member->sha256), false, given, sizeof(given)))
		return SR_OK;
	enum sr_status status = l->in->digest(fd, actual, err);
	if (status != SR_OK)
		return sr_inspect_note_unreadable(l->findings, member->path, l->index, status, err);
	if (memcmp(given, actual, sizeof(given)) == 0)
		return SR_OK;
	sr_hex_encode(actual, sizeof(actual), hex);
	snprintf(zh, sizeof(zh), "文件的SHA-256摘要与登记的不一致，实际为%s", hex);
	snprintf(en, sizeof(en), "the file's SHA-256 is %s, not what the description gives", hex);
	return sr_inspect_note_add(l->findings, &note, zh, en, err);
}

static enum sr_status check_open_member(const struct looking *l, int fd, struct sr_err *err)
{
	const struct sr_member *member = member_of(l);
	struct sr_inspect_file file = { .member = member, .index = l->index, .fd = fd };
	struct sr_member_pages *pages = l->in->pages;
	enum sr_status status = SR_OK;
	struct stat st;

	if (fstat(fd, &st) < 0)
		status = sr_fail_errno(err, "stat %s", member->path);
	else if ((uint64_t)st.st_size > SR_LIMIT_MEMBER_BYTES)
		status = sr_fail(err, SR_LIMIT, "the file is larger than 1 TiB");
	if (status != SR_OK)
		return sr_inspect_note_unreadable(l->findings, member->path, l->index, status, err);
	if (st.st_size == 0)
		return add_empty(l, err);
	file.bytes = (uint64_t)st.st_size;
	SR_TRY(sr_inspect_content(l->probe, &file, l->findings, pages ? &pages[l->index] : NULL, err));
	return check_digest(l, fd, err);
}

static enum sr_status check_member(void *context, size_t index, struct sr_probe *probe,
                                   struct sr_findings *findings, struct sr_err *err)
{
	struct inspection *in = context;
	struct looking l = { .in = in, .index = index, .probe = probe, .findings = findings };
	const struct sr_folder_file *file = in->places[index];
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	if (!file)
		return add_missing(&l, err);
	if (in->again[index]) /* one path twice is X3 */
		return SR_OK;
	if (file->odd)
		return add_odd_member(&l, file, err);
	enum sr_status status = sr_folder_open_file(in->folder, file->path, &fd, err);
	if (status != SR_OK)
		return sr_inspect_note_unreadable(findings, file->path, index, status, err);
	return check_open_member(&l, fd, err);
}

/* --- X1: files that no member names --------------------------------------------------------------------- */

/* A name that is no text, readable: bytes that are not printable ASCII or UTF-8 become \xHH. */
static enum sr_status escape(const char *path, struct sr_buf *out, struct sr_err *err)
{
	const uint8_t *at = (const uint8_t *)path;
	size_t left = strlen(path);

	while (left > 0) {
		uint32_t c = 0;
		size_t bytes = sr_utf8_decode(at, left, &c);
		bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);

		if (bytes == 0 || control || c == '\\') {
			bytes = bytes ? bytes : 1;
			for (size_t i = 0; i < bytes; i++)
				SR_TRY(sr_buf_printf(out, err, "\\x%02x", at[i]));
		} else {
			SR_TRY(sr_buf_add(out, at, bytes, err));
		}
		at += bytes;
		left -= bytes;
	}
	return SR_OK;
}

static enum sr_status add_unnameable(struct sr_findings *findings, const char *path, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf shown = { 0 };
	struct sr_inspect_note note = {
		.code = "X1",
		.severity = SR_SEVERITY_BLOCKER,
		.member = SR_NO_MEMBER,
		.fix_zh = "给文件改一个正常的名称，再列入目录；与本案无关的，移出案卷文件夹",
		.fix_en = "give the file a proper name and list it, or take it out of the case folder",
	};
	char zh[] = "文件名不是有效的UTF-8文字，或含有控制字符，或过长，无法列入目录（此处以\\x代码显示）";
	char en[] =
		"the file's name is not UTF-8 text, holds control characters or is too long, so no catalogue "
		"can list it (shown here with \\x codes)";

	SR_TRY(escape(path, &shown, err));
	SR_TRY(sr_buf_text(&shown, &note.path, err));
	return sr_inspect_note_add(findings, &note, zh, en, err);
}

static enum sr_status add_unnamed(struct sr_findings *findings, const struct sr_folder_file *file,
                                  struct sr_err *err)
{
	struct sr_inspect_note note = {
		.code = "X1",
		.severity = SR_SEVERITY_BLOCKER,
		.path = file->path,
		.member = SR_NO_MEMBER,
		.fix_zh = "属于本案的，列入卷内文件目录；不属于本案的，移出案卷文件夹",
		.fix_en =
			"list it in the catalogue if it belongs to the case, else take it out of the folder",
	};
	char zh[WORDS] = "案卷文件夹中有此文件，但卷内文件目录没有列入";
	char en[WORDS] = "the file is in the case folder, but the catalogue does not list it";
	struct sr_err ignored;

	if (!sr_utf8_is_valid(file->path, strlen(file->path)) ||
	    sr_member_path_check(file->path, &ignored) != SR_OK)
		return add_unnameable(findings, file->path, err);
	if (file->odd) {
		snprintf(zh, sizeof(zh), "案卷文件夹中有一个%s，不能归档", file->odd_zh);
		snprintf(en, sizeof(en), "there is a %s in the case folder, which cannot be sealed",
		         file->odd);
		note.fix_zh = "移出案卷文件夹；属于本案的，换成文件本身并列入目录";
		note.fix_en = "take it out of the folder; if it belongs to the case, put the file itself "
			      "there and list it";
	}
	return sr_inspect_note_add(findings, &note, zh, en, err);
}

/* Where each member's file is, and what nobody names. */
static enum sr_status find_places(struct inspection *in, struct sr_err *err)
{
	const size_t members = in->description->member_count, files = sr_folder_count(in->folder);

	in->places = calloc(members + 1, sizeof(const struct sr_folder_file *));
	in->again = calloc(members + 1, sizeof(*in->again));
	in->named = calloc(files + 1, sizeof(*in->named));
	if (!in->places || !in->again || !in->named)
		return sr_fail(err, SR_NO_MEMORY, "no memory for %zu files", files);
	for (size_t i = 0; i < members; i++) {
		in->places[i] = sr_folder_find(in->folder, in->description->members[i].path);
		if (!in->places[i])
			continue;
		bool *named = &in->named[in->places[i] - sr_folder_at(in->folder, 0)];
		in->again[i] = *named;
		*named = true;
	}
	return SR_OK;
}

enum sr_status sr_inspect_folder(const struct sr_case *description, const struct sr_folder *folder,
                                 sr_inspect_digest *digest, const struct sr_progress *progress,
                                 struct sr_findings *findings, struct sr_member_pages *pages,
                                 struct sr_err *err)
{
	SR_CLEANUP(inspection_dispose)
	struct inspection in = {
		.description = description,
		.folder = folder,
		.digest = digest,
		.pages = pages,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};

	SR_TRY(find_places(&in, err));
	SR_TRY(sr_inspect_crew(description->member_count, check_member, &in, progress, findings, err));
	for (size_t i = 0; i < sr_folder_count(folder); i++)
		if (!in.named[i])
			SR_TRY(add_unnamed(findings, sr_folder_at(folder, i), err));
	sr_progress_report(progress, "inspect", description->member_count, description->member_count);
	return SR_OK;
}
