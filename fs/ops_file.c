/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/ops.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"

/* --- CloseMember ----------------------------------------------------------------------------------- */

void sr_fs_close_member(struct sr_fs *fs, struct sr_fs_handle *handle, const char *why)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	struct sr_err err;

	if (atomic_exchange(&handle->closed, true))
		return;
	enum sr_status status = sr_member_reader_closing(handle->reader, why, &parameters, &err);
	if (status == SR_OK)
		status = sr_json_set(parameters, "uid", json_integer(handle->uid), &err);
	const struct sr_client_request request = { .method = "CloseMember", .parameters = parameters };
	if (status == SR_OK)
		status = sr_front_ask(fs->front, &request, NULL, NULL, NULL, &err);
	if (status != SR_OK)
		sr_log(SR_LOG_WARNING, "grant %s: the end of a reading could not be told: %s",
		       handle->grant->id, err.text);
}

/* --- open ------------------------------------------------------------------------------------------ */

/* What OpenMember is asked, taken from the tree. */
struct wanted {
	char case_id[SR_UUID_TEXT];
	uint32_t member;
	enum sr_fs_kind kind;
};

static int find_wanted(struct sr_fs_grant *grant, uint32_t number, struct wanted *out)
{
	const struct sr_fs_tree *tree = sr_fs_grant_enter(grant);
	int refused = tree && number < tree->node_count ? 0 : EACCES;

	if (!tree)
		return EACCES;
	if (!refused) {
		const struct sr_fs_node *node = &tree->nodes[number];

		out->kind = node->kind;
		out->member = node->member;
		if (node->of_case < tree->case_count)
			memcpy(out->case_id, tree->cases[node->of_case], SR_UUID_TEXT);
		if (node->kind == SR_FS_FOLDER)
			refused = EISDIR;
	}
	sr_fs_grant_leave(grant);
	return refused;
}

/* The opening is durable in the ledger when this returns SR_OK. */
static enum sr_status ask_to_open(struct sr_fs *fs, struct sr_fs_handle *handle, const struct wanted *wanted,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_descriptors_dispose) struct sr_descriptors got = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *answer = NULL;

	SR_TRY(SR_JSON_PACK(&parameters, err, "{s:s,s:s,s:I,s:s,s:I,s:I}", "grant", handle->grant->id, "case",
	                    wanted->case_id, "member", (json_int_t)wanted->member, "channel", "fs", "uid",
	                    (json_int_t)handle->uid, "pid", (json_int_t)handle->pid));
	const struct sr_client_request request = { .method = "OpenMember", .parameters = parameters };
	SR_TRY(sr_front_ask(fs->front, &request, &answer, &got, NULL, err));
	int fd = sr_descriptors_take(&got, 0);
	if (fd < 0)
		return sr_fail(err, SR_CORRUPT, "an opening came without its descriptor");
	return sr_member_reader_open(answer, fd, &handle->reader, err);
}

static enum sr_status open_member(struct sr_fs *fs, struct sr_fs_handle *handle, const struct wanted *wanted,
                                  struct sr_err *err)
{
	SR_TRY(ask_to_open(fs, handle, wanted, err));
	/* A revocation may have overtaken the answer. */
	if (sr_fs_grant_add_handle(handle->grant, handle))
		return SR_OK;
	sr_fs_close_member(fs, handle, "ended");
	return sr_fail(err, SR_DENIED, "grant %s has ended", handle->grant->id);
}

static void reply_text(fuse_req_t req, struct fuse_file_info *info)
{
	info->fh = 0;
	info->keep_cache = 1;
	fuse_reply_open(req, info);
}

static void reply_member(fuse_req_t req, struct sr_fs_handle *handle, struct fuse_file_info *info)
{
	struct sr_fs *fs = sr_fs_of(req);
	bool no_cache = sr_member_reader_info(handle->reader)->no_cache;

	info->fh = (uint64_t)(uintptr_t)handle;
	info->direct_io = no_cache;
	info->keep_cache = fs->keep_cache && !no_cache;
	if (fuse_reply_open(req, info) == 0)
		return;
	/* Interrupted: the kernel does not know of it, so nobody will release it. */
	sr_fs_close_member(fs, handle, NULL);
	sr_fs_grant_drop_handle(handle);
}

static void open_file(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	struct sr_fs *fs = sr_fs_of(req);
	struct sr_fs_grant *grant = sr_fs_grant_of(fs, ino);
	struct wanted wanted = { 0 };
	struct sr_err err;

	int refused = (info->flags & O_ACCMODE) != O_RDONLY || (info->flags & O_TRUNC)
	                      ? EROFS
	                      : sr_fs_may(req, grant);
	if (!refused)
		refused = find_wanted(grant, (uint32_t)ino, &wanted);
	if (!refused && wanted.kind == SR_FS_TEXT) {
		reply_text(req, info);
		return;
	}
	struct sr_fs_handle *handle = refused ? NULL : calloc(1, sizeof(*handle));
	if (!handle) {
		fuse_reply_err(req, refused ? refused : ENOMEM);
		return;
	}
	handle->grant = grant;
	handle->node = (uint32_t)ino;
	handle->uid = fuse_req_ctx(req)->uid;
	handle->pid = fuse_req_ctx(req)->pid;
	atomic_init(&handle->holders, 1);
	enum sr_status status = open_member(fs, handle, &wanted, &err);
	if (status == SR_OK) {
		reply_member(req, handle, info);
		return;
	}
	if (status != SR_DENIED && status != SR_NOT_FOUND)
		sr_log(SR_LOG_ERROR, "grant %s: %s", grant->id, err.text);
	sr_fs_handle_release(handle);
	fuse_reply_err(req, sr_fs_errno(status));
}

static void release_file(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	struct sr_fs_handle *handle = (struct sr_fs_handle *)(uintptr_t)info->fh;

	(void)ino;
	/* Whoever closes need not wait for the ledger. */
	struct sr_fs *fs = sr_fs_of(req);
	fuse_reply_err(req, 0);
	if (!handle)
		return;
	sr_fs_close_member(fs, handle, NULL);
	sr_fs_grant_drop_handle(handle);
}

/* --- read ------------------------------------------------------------------------------------------ */

static void read_text(fuse_req_t req, fuse_ino_t ino, size_t size, off_t at)
{
	struct sr_fs_grant *grant = sr_fs_grant_of(sr_fs_of(req), ino);
	const struct sr_fs_tree *tree = grant ? sr_fs_grant_enter(grant) : NULL;

	if (!tree) {
		fuse_reply_err(req, EACCES);
		return;
	}
	const struct sr_buf *text = &tree->nodes[(uint32_t)ino].text;
	size_t from = (uint64_t)at < text->size ? (size_t)at : text->size;
	size_t left = text->size - from;
	fuse_reply_buf(req, (const char *)text->data + from, left < size ? left : size);
	sr_fs_grant_leave(grant);
}

/* The keeper looks itself before it believes it. */
static void report_damage(struct sr_fs *fs, struct sr_fs_handle *handle, const char *what)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	const struct sr_member_info *info = sr_member_reader_info(handle->reader);
	struct sr_err err;
	uint64_t chunk;

	sr_log(SR_LOG_ERROR, "case %s, member %u: %s", info->case_id, info->member, what);
	if (!sr_member_reader_take_damage(handle->reader, &chunk))
		return;
	enum sr_status status =
		SR_JSON_PACK(&parameters, &err, "{s:s,s:I,s:I,s:I,s:s,s:I}", "case", info->case_id, "part",
	                     (json_int_t)info->part, "member", (json_int_t)info->member, "chunk",
	                     (json_int_t)chunk, "what", what, "uid", (json_int_t)handle->uid);
	const struct sr_client_request request = { .method = "ReportFixity", .parameters = parameters };
	if (status == SR_OK)
		status = sr_front_ask(fs->front, &request, NULL, NULL, NULL, &err);
	if (status != SR_OK)
		sr_log(SR_LOG_WARNING, "the damage could not be reported: %s", err.text);
}

/* A part of a chunk, that is: what is read of a file as a whole is opened only once anyway. */
static bool is_piece(const struct sr_member_info *info, uint64_t at, size_t size)
{
	return !info->no_cache && at % SR_FS_PIECE_BYTES == 0 && size <= SR_FS_RECENT_READ &&
	       info->bytes >= info->chunk_bytes;
}

static enum sr_status read_piece(struct sr_fs *fs, struct sr_fs_handle *handle, uint8_t *out, size_t size,
                                 uint64_t at, size_t *got, struct sr_err *err)
{
	if (sr_fs_recent_get(fs->recent, handle->grant, handle->node, at, out, size)) {
		SR_TRY(sr_member_reader_hand_out(handle->reader, at, size, err));
		*got = size;
		return SR_OK;
	}
	SR_TRY(sr_member_reader_read(handle->reader, at, out, size, got, err));
	sr_fs_recent_put(fs->recent, handle->grant, handle->node, at, out, *got);
	return SR_OK;
}

static enum sr_status read_member(struct sr_fs *fs, struct sr_fs_handle *handle, struct sr_secret *buffer,
                                  size_t size, uint64_t at, size_t *got, struct sr_err *err)
{
	const struct sr_member_info *info = sr_member_reader_info(handle->reader);

	if (atomic_load(&handle->grant->state) != SR_FS_LIVE)
		return sr_fail(err, SR_DENIED, "the grant has ended, or its escort is not there");
	*got = 0;
	if (at >= info->bytes)
		return SR_OK;
	if (size > buffer->size)
		size = buffer->size;
	if (size > info->bytes - at)
		size = (size_t)(info->bytes - at);
	if (is_piece(info, at, size))
		return read_piece(fs, handle, buffer->data, size, at, got, err);
	return sr_member_reader_read(handle->reader, at, buffer->data, size, got, err);
}

static void read_file(fuse_req_t req, fuse_ino_t ino, size_t size, off_t at, struct fuse_file_info *info)
{
	struct sr_fs_handle *handle = (struct sr_fs_handle *)(uintptr_t)info->fh;
	struct sr_fs *fs = sr_fs_of(req);
	struct sr_secret *buffer;
	struct sr_err err;
	size_t got = 0;

	if (!handle) {
		read_text(req, ino, size, at);
		return;
	}
	if (sr_fs_buffers_take(fs->buffers, &buffer, &err) != SR_OK) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	enum sr_status status = read_member(fs, handle, buffer, size, (uint64_t)at, &got, &err);
	if (status == SR_TAMPERED || status == SR_CORRUPT || status == SR_IO)
		report_damage(fs, handle, err.text);
	/* What was decrypted while it ended is not given out. */
	if (status == SR_OK && atomic_load(&handle->grant->state) != SR_FS_LIVE)
		status = SR_DENIED;
	if (status == SR_OK)
		fuse_reply_buf(req, (const char *)buffer->data, got);
	else
		fuse_reply_err(req, sr_fs_errno(status));
	sr_fs_buffers_give(fs->buffers, buffer);
}

/* --- extended attributes --------------------------------------------------------------------------- */

#define PREFIX "user.strongroom."
#define SHA256 PREFIX "sha256"
#define SEAL PREFIX "seal"
#define GRANT PREFIX "grant"

/* The value, or NULL where the node has none. */
static const char *attribute(const struct sr_fs_grant *grant, const struct sr_fs_node *node, const char *name)
{
	const char *value = NULL;

	if (strcmp(name, GRANT) == 0)
		value = grant->id;
	else if (strcmp(name, SHA256) == 0)
		value = node->sha256;
	else if (strcmp(name, SEAL) == 0)
		value = node->seal;
	return value && value[0] ? value : NULL;
}

static void reply_bytes(fuse_req_t req, const char *data, size_t have, size_t size)
{
	if (size == 0)
		fuse_reply_xattr(req, have);
	else if (have > size)
		fuse_reply_err(req, ERANGE);
	else
		fuse_reply_buf(req, data, have);
}

/* What programs ask of every file (access lists, labels) is answered without a look at who asks. */
static void get_xattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
	struct sr_fs_grant *grant = sr_fs_grant_of(sr_fs_of(req), ino);
	const char *value = NULL;

	if (!grant || strncmp(name, PREFIX, strlen(PREFIX)) != 0) {
		fuse_reply_err(req, ENODATA);
		return;
	}
	const struct sr_fs_tree *tree = sr_fs_may(req, grant) == 0 ? sr_fs_grant_enter(grant) : NULL;
	if (!tree) {
		fuse_reply_err(req, EACCES);
		return;
	}
	if ((uint32_t)ino < tree->node_count)
		value = attribute(grant, &tree->nodes[(uint32_t)ino], name);
	if (value)
		reply_bytes(req, value, strlen(value), size);
	else
		fuse_reply_err(req, ENODATA);
	sr_fs_grant_leave(grant);
}

/* Empty for whom it is none of their business. */
static void list_xattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	static const char *const names[] = { SHA256, SEAL, GRANT };
	struct sr_fs_grant *grant = sr_fs_grant_of(sr_fs_of(req), ino);
	const struct sr_fs_tree *tree = sr_fs_may(req, grant) == 0 ? sr_fs_grant_enter(grant) : NULL;
	char list[128] = "";
	size_t used = 0;

	for (size_t i = 0; tree && (uint32_t)ino < tree->node_count && i < SR_COUNT(names); i++) {
		if (!attribute(grant, &tree->nodes[(uint32_t)ino], names[i]))
			continue;
		memcpy(list + used, names[i], strlen(names[i]) + 1);
		used += strlen(names[i]) + 1;
	}
	if (tree)
		sr_fs_grant_leave(grant);
	reply_bytes(req, list, used, size);
}

void sr_fs_file_ops(struct fuse_lowlevel_ops *ops)
{
	ops->open = open_file;
	ops->read = read_file;
	ops->release = release_file;
	ops->getxattr = get_xattr;
	ops->listxattr = list_xattr;
}
