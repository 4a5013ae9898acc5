/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/init.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/base/uuid.h"
#include "appliance/crypto/age.h"
#include "appliance/crypto/note.h"
#include "appliance/crypto/pki.h"
#include "appliance/keeper/founding.h"
#include "appliance/keeper/keys/config.h"
#include "appliance/keeper/keys/data.h"
#include "appliance/keeper/keys/keyring.h"
#include "appliance/keeper/state/person.h"

/* What the steps share while a data directory is being made. */
struct making {
	const struct sr_init_request *request;
	int64_t now_ns;
	char appliance[SR_UUID_TEXT];
	int dir_fd, keys_fd, escrow_fd;
	struct sr_key *root_key;
	struct sr_cert *root_cert;
	struct sr_certs *chain;
	json_t *users;        /* of the founding, with their first passwords */
	struct sr_buf config; /* its text, composed before anything is made: it refuses what the request may
	                         not hold */
};

static void making_dispose(struct making *making)
{
	sr_fd_close(making->dir_fd);
	sr_fd_close(making->keys_fd);
	sr_fd_close(making->escrow_fd);
	sr_key_free(making->root_key);
	sr_cert_free(making->root_cert);
	sr_certs_free(making->chain);
	json_decref(making->users);
	sr_buf_dispose(&making->config);
}

/* For certificates; NULL where the request names none. */
static const char *organization(const struct making *making)
{
	return making->request->organ[0] ? making->request->organ : NULL;
}

static enum sr_status write_cert(int dir_fd, const char *base, const struct sr_cert *cert, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	char name[32];

	snprintf(name, sizeof(name), "%s.pem", base);
	SR_TRY(sr_cert_to_pem(cert, &pem, err));
	return sr_fd_write_file(dir_fd, name, 0644, pem.data, pem.size, err);
}

static enum sr_status make_root(struct making *making, struct sr_err *err)
{
	struct sr_cert_request request = {
		.role = SR_CERT_ROOT,
		.common_name = "Strongroom root",
		.organization = organization(making),
		.not_before_ns = making->now_ns,
	};

	SR_TRY(sr_key_generate(SR_KEY_P256, &making->root_key, err));
	request.subject_key = making->root_key;
	SR_TRY(sr_cert_issue(&request, &making->root_cert, err));
	SR_TRY(sr_certs_new(&making->chain, err));
	SR_TRY(sr_key_write(making->root_key, making->escrow_fd, "root.key", NULL, err));
	return write_cert(making->keys_fd, "root", making->root_cert, err);
}

/* A key of its own under the root; the key goes to @key_fd, the certificate to keys/ and, if @in_chain, into
 * the chain. */
static enum sr_status make_pair(struct making *making, enum sr_cert_role role, const char *base,
                                const char *common_name, int key_fd, bool in_chain, struct sr_err *err)
{
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
	SR_CLEANUP(sr_cert_freep) struct sr_cert *cert = NULL;
	char name[32];
	struct sr_cert_request request = {
		.role = role,
		.common_name = common_name,
		.organization = organization(making),
		.not_before_ns = making->now_ns,
		.issuer_key = making->root_key,
		.issuer_cert = making->root_cert,
	};

	SR_TRY(sr_key_generate(SR_KEY_P256, &key, err));
	request.subject_key = key;
	SR_TRY(sr_cert_issue(&request, &cert, err));
	snprintf(name, sizeof(name), "%s.key", base);
	SR_TRY(sr_key_write(key, key_fd, name, key_fd == making->keys_fd ? making->request->passphrase : NULL,
	                    err));
	SR_TRY(write_cert(making->keys_fd, base, cert, err));
	return in_chain ? sr_certs_add(making->chain, cert, err) : SR_OK;
}

static enum sr_status make_chain(struct making *making, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };

	SR_TRY(sr_certs_add(making->chain, making->root_cert, err));
	SR_TRY(sr_certs_add_empty_crl(making->chain, making->root_key, making->root_cert, making->now_ns,
	                              err));
	SR_TRY(sr_certs_to_pem(making->chain, &pem, err));
	return sr_fd_write_file(making->keys_fd, SR_KEY_CHAIN, 0644, pem.data, pem.size, err);
}

static enum sr_status make_age_escrow(struct making *making, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;
	struct sr_age_recipient recipient;
	char line[SR_AGE_RECIPIENT_TEXT + 1];

	SR_TRY(sr_age_identity_new(&identity, err));
	SR_TRY(sr_age_identity_recipient(identity, &recipient, err));
	SR_TRY(sr_age_identity_to_text(identity, &text, err));
	size_t length = strlen((const char *)text->data);
	text->data[length] = '\n'; /* in place of the NUL: the file ends with a line */
	SR_TRY(sr_fd_write_file(making->escrow_fd, "escrow.age-identity", 0600, text->data, length + 1, err));
	SR_TRY(sr_age_recipient_to_text(&recipient, line, err));
	line[SR_AGE_RECIPIENT_TEXT - 1] = '\n';
	return sr_fd_write_file(making->keys_fd, SR_KEY_ESCROW_AGE, 0644, line, SR_AGE_RECIPIENT_TEXT, err);
}

static enum sr_status make_ledger_key(struct making *making, struct sr_err *err)
{
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf verifier = { 0 };
	char origin[SR_UUID_TEXT + 8];

	snprintf(origin, sizeof(origin), "%s/1", making->appliance);
	SR_TRY(sr_key_generate(SR_KEY_ED25519, &key, err));
	SR_TRY(sr_key_write(key, making->keys_fd, SR_KEY_LEDGER, making->request->passphrase, err));
	SR_TRY(sr_note_verifier_key(origin, key, &verifier, err));
	SR_TRY(sr_buf_add(&verifier, "\n", 1, err));
	return sr_fd_write_file(making->keys_fd, SR_KEY_LEDGER_VERIFIER, 0644, verifier.data, verifier.size,
	                        err);
}

static enum sr_status make_keys(struct making *making, struct sr_err *err)
{
	SR_TRY(make_root(making, err));
	SR_TRY(make_pair(making, SR_CERT_SEAL, SR_KEY_SEAL, "Strongroom seal", making->keys_fd, true, err));
	SR_TRY(make_pair(making, SR_CERT_STAMP, SR_KEY_STAMP, "Strongroom time stamp", making->keys_fd, true,
	                 err));
	SR_TRY(make_pair(making, SR_CERT_WRAP, SR_KEY_WRAP, "Strongroom key wrapping", making->keys_fd, false,
	                 err));
	SR_TRY(make_pair(making, SR_CERT_ESCROW, SR_KEY_ESCROW, "Strongroom escrow", making->escrow_fd, false,
	                 err));
	SR_TRY(make_chain(making, err));
	SR_TRY(make_age_escrow(making, err));
	return make_ledger_key(making, err);
}

static enum sr_status compose_config(struct making *making, struct sr_err *err)
{
	const struct sr_config_value values[] = {
		{ "appliance.id", making->appliance },
		{ "organ.name", making->request->organ },
		{ "organ.code", making->request->organ_code },
	};

	return sr_config_write(values, SR_COUNT(values), &making->config, err);
}

static enum sr_status open_folder(const char *path, int *out, struct sr_err *err)
{
	*out = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *out < 0 ? sr_fail_errno(err, "open %s", path) : SR_OK;
}

static enum sr_status make_escrow_folder(const char *path, int *out, struct sr_err *err)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return sr_fail_errno(err, "make the escrow folder %s", path);
	SR_TRY(open_folder(path, out, err));
	if (faccessat(*out, "root.key", F_OK, 0) == 0 || faccessat(*out, "escrow.key", F_OK, 0) == 0) {
		sr_fd_close(*out);
		*out = -1; /* what is in there is not ours to undo */
		return sr_fail(err, SR_EXISTS,
		               "%s holds another appliance's escrow keys; choose another --escrow-out", path);
	}
	return SR_OK;
}

/* What refuses the request before the data directory is there, so that init can be typed again. */
static enum sr_status check_request(struct making *making, struct sr_err *err)
{
	const struct sr_init_request *request = making->request;

	if (!sr_utf8_is_valid(request->organ, strlen(request->organ)) || sr_utf8_length(request->organ) > 64)
		return sr_fail(err, SR_INVALID, "the organ's name must be UTF-8 of at most 64 characters");
	if (!sr_utf8_is_valid(request->organ_code, strlen(request->organ_code)))
		return sr_fail(err, SR_INVALID, "the organ's code must be UTF-8");
	if (request->admin_name && request->admin_name[0])
		SR_TRY(sr_person_check_full_name(request->admin_name, err));
	SR_TRY(sr_uuid_make(making->now_ns, making->appliance, err));
	SR_TRY(compose_config(making, err));
	return request->escrow_out ? make_escrow_folder(request->escrow_out, &making->escrow_fd, err) : SR_OK;
}

/* Absolute path of a folder that exists. */
static enum sr_status absolute(const char *path, char out[PATH_MAX], struct sr_err *err)
{
	if (!realpath(path, out))
		return sr_fail_errno(err, "find %s", path);
	return SR_OK;
}

static enum sr_status compose_reply(const struct making *making, const char *escrow, json_t **reply,
                                    struct sr_err *err)
{
	char data[PATH_MAX];
	char outside[PATH_MAX];
	char root[PATH_MAX + 32];
	char verifier[PATH_MAX + 32];

	SR_TRY(absolute(making->request->data, data, err));
	SR_TRY(absolute(escrow, outside, err));
	snprintf(root, sizeof(root), "%s/keys/" SR_KEY_ROOT, data);
	snprintf(verifier, sizeof(verifier), "%s/keys/" SR_KEY_LEDGER_VERIFIER, data);
	return SR_JSON_PACK(reply, err, "{s:s,s:s,s:s,s:s,s:s,s:O}", "data", data, "appliance",
	                    making->appliance, "root_certificate", root, "verifier_key", verifier, "escrow",
	                    outside, "users", making->users);
}

/* Empty a folder that this run made; it holds files alone. */
static void empty_folder(int dir_fd)
{
	int fd = dir_fd < 0 ? -1 : openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		sr_fd_close(fd);
		return;
	}
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		(void)unlinkat(fd, entry->d_name, 0);
	closedir(dir);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	if (place->level > 0)
		(void)remove(path);
	return 0;
}

/* Empty a folder with folders in it. */
static void empty_tree(const char *data, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", data, name) < (int)sizeof(path))
		(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* After a failure nothing stays that would stop the next init: keys of an unfinished appliance are worthless.
 */
static void undo(const struct making *making)
{
	static const char *const escrowed[] = { "root.key", "escrow.key", "escrow.age-identity" };

	empty_tree(making->request->data, "db");
	empty_tree(making->request->data, "ledger");
	for (size_t i = 0; making->escrow_fd >= 0 && i < SR_COUNT(escrowed); i++)
		(void)unlinkat(making->escrow_fd, escrowed[i], 0);
	empty_folder(making->keys_fd);
	sr_data_remove_empty(making->request->data);
}

static enum sr_status make_all(struct making *making, const char *escrow, struct sr_err *err)
{
	char keys[PATH_MAX];

	if (snprintf(keys, sizeof(keys), "%s/keys", making->request->data) >= (int)sizeof(keys))
		return sr_fail(err, SR_INVALID, "the path of the data directory is too long");
	SR_TRY(open_folder(making->request->data, &making->dir_fd, err));
	SR_TRY(open_folder(keys, &making->keys_fd, err));
	if (making->escrow_fd < 0) /* one that was asked for is open already */
		SR_TRY(make_escrow_folder(escrow, &making->escrow_fd, err));
	SR_TRY(make_keys(making, err));
	const struct sr_founding founding = {
		.data = making->request->data,
		.dir_fd = making->dir_fd,
		.keys_fd = making->keys_fd,
		.appliance = making->appliance,
		.organ = making->request->organ,
		.organ_code = making->request->organ_code,
		.admin_name = making->request->admin_name,
		.passphrase = making->request->passphrase,
	};
	SR_TRY(sr_found(&founding, &making->users, err));
	/* The configuration comes last: a data directory without it was not finished. */
	return sr_fd_write_file(making->dir_fd, SR_CONFIG_FILE, 0600, making->config.data,
	                        making->config.size, err);
}

enum sr_status sr_init(const struct sr_init_request *request, json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(making_dispose)
	struct making making = {
		.request = request, .now_ns = sr_clock_now_ns(), .dir_fd = -1, .keys_fd = -1, .escrow_fd = -1
	};
	char inside[PATH_MAX];
	const char *escrow = request->escrow_out;

	if (snprintf(inside, sizeof(inside), "%s/escrow", request->data) >= (int)sizeof(inside))
		return sr_fail(err, SR_INVALID, "the path of the data directory is too long");
	SR_TRY(check_request(&making, err));
	SR_TRY(sr_data_create(request->data, err));
	enum sr_status status = make_all(&making, escrow ? escrow : inside, err);
	if (status != SR_OK) {
		undo(&making);
		return status;
	}
	return compose_reply(&making, escrow ? escrow : inside, reply, err);
}
