/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/keys/protect.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/dir.h"
#include "appliance/base/fd.h"
#include "appliance/base/text.h"
#include "appliance/crypto/key_file.h"
#include "appliance/crypto/pki.h"
#include "appliance/keeper/keys/durable_copy.h"

#define NEW "keys.new"

/* Root may work in a data directory that belongs to the keeper's own user. */
static enum sr_status give(int folder_fd, const char *name, const struct stat *like, struct sr_err *err)
{
	if (geteuid() == 0 &&
	    fchownat(folder_fd, name, like->st_uid, like->st_gid, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) < 0)
		return sr_fail_errno(err, "give " NEW "/%s to uid %u", name, (unsigned)like->st_uid);
	return SR_OK;
}

static enum sr_status put_key(const struct sr_data *data, const struct sr_secret *passphrase,
                              const char *name, int to_fd, struct sr_err *err)
{
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;

	SR_TRY(sr_key_read(data->keys_fd, name, data->passphrase, &key, err));
	return sr_key_write(key, to_fd, name, passphrase, err);
}

static enum sr_status put_all(const struct sr_data *data, const struct sr_secret *passphrase, int to_fd,
                              struct sr_err *err)
{
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;
	struct sr_durable_count count = { 0 };
	struct stat like;

	if (fstat(data->keys_fd, &like) < 0)
		return sr_fail_errno(err, "look at %s/keys", data->path);
	SR_TRY(sr_dir_open(data->keys_fd, &dir, err));
	assert(dir != NULL);
	for (;;) {
		const char *name;

		SR_TRY(sr_dir_next(dir, &name, err));
		if (!name)
			break;
		if (name[0] == '.')
			continue;
		if (sr_text_ends_with(name, ".key"))
			SR_TRY(put_key(data, passphrase, name, to_fd, err));
		else
			SR_TRY(sr_durable_copy(data->keys_fd, name, to_fd, name, &count, err));
		SR_TRY(give(to_fd, name, &like, err));
	}
	SR_TRY(give(to_fd, "", &like, err));
	return sr_fd_sync(to_fd, NEW, err);
}

enum sr_status sr_protect_clear(const struct sr_data *data, struct sr_err *err)
{
	return sr_durable_remove(data->dir_fd, NEW, err);
}

enum sr_status sr_protect_prepare(const struct sr_data *data, const struct sr_secret *passphrase,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int to_fd = -1;
	struct sr_err ignored;

	SR_TRY(sr_protect_clear(data, err));
	SR_TRY(sr_durable_folder(data->dir_fd, NEW, &to_fd, err));
	enum sr_status status = put_all(data, passphrase, to_fd, err);
	if (status != SR_OK)
		(void)!sr_protect_clear(data, &ignored);
	return status;
}

enum sr_status sr_protect_finish(const struct sr_data *data, struct sr_err *err)
{
	if (renameat2(data->dir_fd, NEW, data->dir_fd, "keys", RENAME_EXCHANGE) < 0)
		return sr_fail_errno(err, "put the new keys in the place of %s/keys", data->path);
	SR_TRY(sr_fd_sync(data->dir_fd, data->path, err));
	return sr_protect_clear(data, err);
}
