/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/operations/restore_keys.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/dir.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/crypto/age.h"
#include "appliance/crypto/key_file.h"
#include "appliance/crypto/pki.h"
#include "appliance/keeper/keys/config.h"
#include "appliance/keeper/keys/durable_copy.h"
#include "appliance/keeper/keys/keyring.h"

static bool is_ledgers(const char *name)
{
	return strcmp(name, SR_KEY_LEDGER) == 0 || strcmp(name, SR_KEY_LEDGER_VERIFIER) == 0;
}

static enum sr_status copy_folder(const char *path, int to_fd, bool look, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SR_CLEANUP(sr_secret_freep) struct sr_secret *key = NULL;
	struct sr_durable_count count = { 0 };

	if (fd < 0)
		return sr_fail_errno(err, "open the keys in %s", path);
	SR_TRY(sr_key_file_read(fd, SR_KEY_WRAP ".key", &key, err));
	return look ? SR_OK : sr_durable_copy_changed(fd, to_fd, is_ledgers, &count, err);
}

/* --- from the backup ------------------------------------------------------------------------------- */

static enum sr_status read_identity(const char *path, struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;

	SR_TRY(sr_key_file_read(AT_FDCWD, path, &text, err));
	enum sr_status status = sr_age_identity_from_text((const char *)text->data, text->size, out, err);
	if (status != SR_OK)
		return sr_fail_in(err, SR_DENIED,
		                  "%s is no age identity (escrow.age-identity is one): ", path);
	return SR_OK;
}

/* In the backup they lie without a passphrase, for the escrow opens everything anyway. */
static enum sr_status write_key(const struct sr_secret *plain, const struct sr_secret *passphrase, int to_fd,
                                const char *to, struct sr_err *err)
{
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;

	if (!passphrase || !sr_text_ends_with(to, ".key"))
		return sr_fd_write_file(to_fd, to, 0600, plain->data, plain->size, err);
	SR_TRY(sr_key_parse(plain, NULL, &key, err));
	SR_TRY(sr_key_compose(key, passphrase, &text, err));
	return sr_fd_write_file(to_fd, to, 0600, text->data, text->size, err);
}

static enum sr_status open_key(const struct sr_restore_keys *from, const struct sr_secret *identity,
                               int from_fd, const char *name, int to_fd, bool look, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf sealed = { 0 };
	SR_CLEANUP(sr_secret_freep) struct sr_secret *plain = NULL;
	char to[SR_LIMIT_NAME_BYTES + 1];

	SR_TRY(sr_fd_read_file(from_fd, name, (size_t)2 * SR_LIMIT_KEY_FILE_BYTES, &sealed, err));
	enum sr_status status =
		sr_age_decrypt(identity, sr_buf_bytes(&sealed), SR_LIMIT_KEY_FILE_BYTES, &plain, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "the backup's keys/%s: ", name);
	snprintf(to, sizeof(to), "%.*s", (int)(strlen(name) - strlen(".age")), name);
	return look ? SR_OK : write_key(plain, from->passphrase, to_fd, to, err);
}

static enum sr_status from_backup(const struct sr_restore_keys *from, int to_fd, bool look,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;
	struct sr_durable_count count = { 0 };

	SR_TRY(read_identity(from->identity, &identity, err));
	SR_TRY(sr_fd_open_beneath(from->backup_fd, "keys", O_RDONLY | O_DIRECTORY, 0, &fd, err));
	SR_TRY(sr_dir_open(fd, &dir, err));
	assert(dir != NULL);
	for (;;) {
		const char *name;

		SR_TRY(sr_dir_next(dir, &name, err));
		if (!name)
			return SR_OK;
		if (name[0] == '.' || is_ledgers(name))
			continue;
		if (sr_text_ends_with(name, ".age"))
			SR_TRY(open_key(from, identity, fd, name, to_fd, look, err));
		else if (!look)
			SR_TRY(sr_durable_copy(fd, name, to_fd, name, &count, err));
	}
}

/* --- from where the backup was taken --------------------------------------------------------------- */

static enum sr_status find_source(const struct sr_restore_keys *from, char path[PATH_MAX], struct sr_err *err)
{
	SR_CLEANUP(sr_config_freep) struct sr_config *config = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = open(from->source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	bool same = fd >= 0 && sr_config_load(fd, &config, err) == SR_OK &&
	            strcmp(sr_config_text(config, "appliance.id"), from->appliance) == 0 &&
	            snprintf(path, PATH_MAX, "%s/keys", from->source) < PATH_MAX;
	if (!same)
		return sr_fail(
			err, SR_DENIED,
			"the backup's private keys are encrypted for escrow: open them with --identity "
			"escrow.age-identity, or give a folder with the keys as --keys");
	return SR_OK;
}

static enum sr_status from_source(const struct sr_restore_keys *from, int to_fd, bool look,
                                  struct sr_err *err)
{
	char path[PATH_MAX];

	SR_TRY(find_source(from, path, err));
	return copy_folder(path, to_fd, look, err);
}

enum sr_status sr_restore_keys_passphrase(const struct sr_restore_keys *from,
                                          const struct sr_passphrase_source *source, struct sr_secret **out,
                                          struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	char path[PATH_MAX];

	*out = NULL;
	if (!from->folder && from->identity)
		return from->was_protected ? sr_passphrase_choose(source, out, err) : SR_OK;
	if (!from->folder)
		SR_TRY(find_source(from, path, err));
	fd = open(from->folder ? from->folder : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return sr_fail_errno(err, "open the keys in %s", from->folder ? from->folder : path);
	return sr_passphrase_open(fd, source, true, out, err);
}

enum sr_status sr_restore_keys(const struct sr_restore_keys *from, int to_fd, bool look, struct sr_err *err)
{
	if (from->folder)
		return copy_folder(from->folder, to_fd, look, err);
	if (from->identity)
		return from_backup(from, to_fd, look, err);
	return from_source(from, to_fd, look, err);
}
