/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/offline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/archive/unlock.h"
#include "appliance/archive/verify.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/casefile/arrange.h"
#include "appliance/crypto/age.h"
#include "appliance/keeper/cases/intake.h"
#include "appliance/keeper/cases/verdict.h"
#include "appliance/keeper/keys/keyring.h"
#include "appliance/keeper/keys/roots.h"

enum sr_status sr_offline_check(const char *folder, const char *rulebook, const struct sr_progress *progress,
                                json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_intake_dispose) struct sr_intake intake = { 0 };
	const struct sr_intake_options options = {
		.folder = folder, .rulebook = rulebook, .digests = true, .progress = progress
	};

	SR_TRY(sr_intake_read(&options, &intake, err));
	return sr_intake_check_json(&intake, reply, err);
}

enum sr_status sr_offline_arrange(const char *folder, const char *rulebook,
                                  const struct sr_progress *progress, json_t **arrangement,
                                  json_t **description, struct sr_err *err)
{
	SR_CLEANUP(sr_intake_dispose) struct sr_intake intake = { 0 };
	const struct sr_intake_options options = { .folder = folder,
		                                   .rulebook = rulebook,
		                                   .progress = progress };

	SR_TRY(sr_intake_read(&options, &intake, err));
	SR_TRY(sr_arrange(intake.description, intake.rulebook, intake.pages, arrangement, err));
	return sr_arrange_apply(intake.description, *arrangement, description, err);
}

static enum sr_status open_archive(const char *path, int *out, struct sr_err *err)
{
	struct stat st;

	*out = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*out < 0)
		return sr_fail_errno(err, "open %s", path);
	if (fstat(*out, &st) < 0)
		return sr_fail_errno(err, "stat %s", path);
	if (!S_ISREG(st.st_mode))
		return sr_fail(err, SR_INVALID, "%s is not a regular file", path);
	return SR_OK;
}

enum sr_status sr_offline_verify(const struct sr_offline_verify *request, json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	SR_CLEANUP(sr_roots_dispose) struct sr_roots roots = { 0 };
	SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };

	SR_TRY(sr_roots_read(request->root, request->stamp_root, &roots, err));
	SR_TRY(open_archive(request->archive, &fd, err));
	const struct sr_verify_options options = {
		.roots = roots.seal,
		.stamp_roots = roots.stamp,
		.quick = request->quick,
		.progress = request->progress,
	};

	SR_TRY(sr_archive_verify(fd, &options, &report, err));
	return sr_verdict_to_json(request->archive, &report, reply, err);
}

/* --- recover --------------------------------------------------------------------------------------- */

struct recovering {
	const struct sr_offline_recover *request;
	int fd;
	int out_fd;
	struct sr_archive *archive;
	struct sr_key *key;
	struct sr_secret *age_identity;
	struct sr_secret *identity; /* the case's */
	json_t *damage;
	bool trusted;
	struct sr_err list_err;
	enum sr_status list_status;
};

static void recovering_dispose(struct recovering *r)
{
	json_decref(r->damage);
	sr_secret_free(r->identity);
	sr_secret_free(r->age_identity);
	sr_key_free(r->key);
	sr_archive_close(r->archive);
	sr_fd_close(r->out_fd);
	sr_fd_close(r->fd);
}

/* An escrow key that its custodian put under a passphrase (openssl pkcs8 -topk8). */
static enum sr_status read_pem(struct recovering *r, const struct sr_secret *text, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *passphrase = NULL;
	const struct sr_passphrase_source *source = r->request->passphrase;

	if (sr_passphrase_protects(text) && source)
		SR_TRY(source->ask(source->context, SR_PASSPHRASE_OPEN, &passphrase, err));
	return sr_key_parse(text, passphrase, &r->key, err);
}

/* A PEM key is told from an age identity by its first line. */
static enum sr_status read_identity(struct recovering *r, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;
	const char *path = r->request->identity;
	enum sr_status status;

	SR_TRY(sr_key_file_read(AT_FDCWD, path, &text, err));
	if (memmem(text->data, text->size, "-----BEGIN", 10))
		status = read_pem(r, text, err);
	else
		status = sr_age_identity_from_text((const char *)text->data, text->size, &r->age_identity,
		                                   err);
	if (status == SR_CORRUPT)
		status = SR_INVALID;
	if (status == SR_DENIED)
		return sr_fail_in(err, status, "%s: ", path);
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s is neither a PEM key nor an age identity: ", path);
	return SR_OK;
}

static void note_damage(void *context, const char *path, const char *what)
{
	struct recovering *r = context;
	json_t *one = NULL;

	if (r->list_status != SR_OK)
		return;
	r->list_status = SR_JSON_PACK(&one, &r->list_err, "{s:s,s:s}", "member", path, "what", what);
	if (r->list_status == SR_OK)
		r->list_status = sr_json_append(r->damage, one, &r->list_err);
}

/* Everything but the members' digests, which recovering checks itself on the plaintext. */
static enum sr_status verify_first(struct recovering *r, struct sr_err *err)
{
	SR_CLEANUP(sr_roots_dispose) struct sr_roots roots = { 0 };
	SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };

	SR_TRY(sr_roots_read(r->request->root, r->request->stamp_root, &roots, err));
	const struct sr_verify_options options = { .roots = roots.seal,
		                                   .stamp_roots = roots.stamp,
		                                   .quick = true };

	SR_TRY(sr_archive_verify(r->fd, &options, &report, err));
	r->trusted = roots.seal && report.ok;
	for (size_t i = 0; i < report.damage_count; i++)
		note_damage(r, report.damage[i].member, report.damage[i].what);
	return SR_OK;
}

static enum sr_status make_out_folder(struct recovering *r, struct sr_err *err)
{
	const char *path = r->request->out;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return sr_fail_errno(err, "make %s", path);
	if (rmdir(path) < 0 || mkdir(path, 0700) < 0) {
		if (errno == ENOTEMPTY || errno == EEXIST)
			return sr_fail(err, SR_EXISTS, "%s is not empty; choose another --out", path);
		return sr_fail_errno(err, "make %s", path);
	}
	r->out_fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return r->out_fd < 0 ? sr_fail_errno(err, "open %s", path) : SR_OK;
}

static enum sr_status reply_recovered(struct recovering *r, size_t failed, json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_catalogue_freep) struct sr_catalogue *catalogue = NULL;
	const struct sr_cover *cover = sr_archive_cover(r->archive);

	SR_TRY(sr_archive_catalogue(r->archive, r->identity, &catalogue, err));
	return SR_JSON_PACK(
		reply, err, "{s:s,s:s,s:i,s:s?,s:s,s:I,s:I,s:b,s:O}", "archive", r->request->archive, "case",
		cover->case_id, "part", (int)cover->part, "number", catalogue->number, "out", r->request->out,
		"members", (json_int_t)catalogue->member_count, "recovered",
		(json_int_t)(catalogue->member_count - failed), "trusted", r->trusted, "damage", r->damage);
}

enum sr_status sr_offline_recover(const struct sr_offline_recover *request, json_t **reply,
                                  struct sr_err *err)
{
	SR_CLEANUP(recovering_dispose)
	struct recovering r = { .request = request, .fd = -1, .out_fd = -1, .damage = json_array() };
	size_t failed = 0;

	*reply = NULL;
	if (!r.damage)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a list");
	SR_TRY(open_archive(request->archive, &r.fd, err));
	SR_TRY(read_identity(&r, err));
	SR_TRY(sr_archive_open(r.fd, &r.archive, err));
	SR_TRY(verify_first(&r, err));
	const struct sr_opener opener = { .key = r.key, .age_identity = r.age_identity };

	enum sr_status status = sr_archive_identity(r.archive, &opener, &r.identity, err);
	if (status == SR_DENIED)
		return sr_fail_in(err, status,
		                  "%s does not open this archive, its appliance's escrow.key or "
		                  "escrow.age-identity does: ",
		                  request->identity);
	SR_TRY(status);
	SR_TRY(make_out_folder(&r, err));
	SR_TRY(sr_archive_recover(r.archive, r.identity, r.out_fd, request->progress, note_damage, &r,
	                          &failed, err));
	if (r.list_status != SR_OK)
		return sr_fail(err, r.list_status, "%s", r.list_err.text);
	SR_TRY(reply_recovered(&r, failed, reply, err));
	if (json_array_size(r.damage) > 0)
		return sr_fail(err, SR_TAMPERED, "%zu damages found; %s holds what could be recovered",
		               json_array_size(r.damage), request->out);
	return SR_OK;
}
