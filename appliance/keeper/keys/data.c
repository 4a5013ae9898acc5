/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/keys/data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/dir.h"
#include "appliance/base/fd.h"
#include "appliance/base/log.h"

/* Others may pass through DATA and run to reach the socket, nothing else is open to them. */
static const struct {
	const char *name;
	mode_t mode;
} folders[] = {
	{ "keys", 0700 }, { "vault", 0700 },  { "staging", 0700 },
	{ "db", 0700 },   { "ledger", 0700 }, { "run", 0711 },
};

/* An empty folder may be there: a package's, or a volume that is mounted there with its lost+found. */
static enum sr_status check_empty(int dir_fd, const char *path, struct sr_err *err)
{
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;
	const char *name;

	SR_TRY(sr_dir_open(dir_fd, &dir, err));
	do {
		SR_TRY(sr_dir_next(dir, &name, err));
	} while (name && strcmp(name, "lost+found") == 0);
	if (!name)
		return SR_OK;
	return sr_fail(err, SR_EXISTS,
	               "%s is not empty; choose another --data (or remove what an init that failed left "
	               "there)",
	               path);
}

enum sr_status sr_data_create(const char *path, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	if (mkdir(path, 0711) < 0 && errno != EEXIST)
		return sr_fail_errno(err, "make the data directory %s", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return sr_fail_errno(err, "open the data directory %s", path);
	SR_TRY(check_empty(fd, path, err));
	if (fchmod(fd, 0711) < 0)
		return sr_fail_errno(err, "set the mode of %s", path);
	for (size_t i = 0; i < SR_COUNT(folders); i++) {
		if (mkdirat(fd, folders[i].name, 0700) < 0 ||
		    fchmodat(fd, folders[i].name, folders[i].mode, 0) < 0)
			return sr_fail_errno(err, "make the folder %s/%s", path, folders[i].name);
	}
	return sr_fd_sync(fd, path, err);
}

void sr_data_remove_empty(const char *path)
{
	SR_CLEANUP(sr_fd_closep) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	for (size_t i = 0; i < SR_COUNT(folders); i++)
		(void)unlinkat(fd, folders[i].name, AT_REMOVEDIR);
	(void)unlinkat(fd, "escrow", AT_REMOVEDIR);
	(void)rmdir(path);
}

static enum sr_status open_folder(const struct sr_data *data, const char *name, int *out, struct sr_err *err)
{
	*out = openat(data->dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (*out < 0)
		return sr_fail_errno(err, "open the folder %s/%s", data->path, name);
	return SR_OK;
}

static enum sr_status open_all(struct sr_data *data, struct sr_err *err)
{
	data->dir_fd = open(data->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (data->dir_fd < 0 && errno == ENOENT)
		return sr_fail(err, SR_NOT_FOUND,
		               "%s does not exist; make it with: strongroom --data %s init", data->path,
		               data->path);
	if (data->dir_fd < 0 && errno == EACCES)
		return sr_fail(
			err, SR_DENIED,
			"the data directory %s is closed to this user; run strongroom as the user that "
			"owns it",
			data->path);
	if (data->dir_fd < 0)
		return sr_fail_errno(err, "open the data directory %s", data->path);
	enum sr_status status = sr_config_load(data->dir_fd, &data->config, err);
	if (status == SR_NOT_FOUND)
		return sr_fail(err, SR_NOT_FOUND,
		               "%s is no data directory (it has no " SR_CONFIG_FILE
		               "); make one with: strongroom --data DIR init",
		               data->path);
	SR_TRY(status);
	SR_TRY(sr_clock_set_zone(sr_config_text(data->config, "case.zone"), err));
	SR_TRY(open_folder(data, "keys", &data->keys_fd, err));
	SR_TRY(open_folder(data, "vault", &data->vault_fd, err));
	return sr_store_open(data->vault_fd, &data->store, err);
}

enum sr_status sr_data_open(const char *path, struct sr_data **out, struct sr_err *err)
{
	SR_CLEANUP(sr_data_closep) struct sr_data *data = calloc(1, sizeof(*data));

	if (!data)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the data directory");
	data->dir_fd = data->keys_fd = data->vault_fd = data->lock_fd = -1;
	/* Absolute, so that the archives' paths in replies hold wherever they are used. */
	data->path = realpath(path, NULL);
	if (!data->path)
		data->path = strdup(path); /* not there or closed to the caller: open_all says which */
	if (!data->path)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the data directory");
	SR_TRY(open_all(data, err));
	*out = SR_MOVE(data);
	return SR_OK;
}

void sr_data_close(struct sr_data *data)
{
	if (!data)
		return;
	sr_secret_free(data->passphrase);
	sr_store_close(data->store);
	sr_config_free(data->config);
	sr_fd_close(data->lock_fd);
	sr_fd_close(data->vault_fd);
	sr_fd_close(data->keys_fd);
	sr_fd_close(data->dir_fd);
	free(data->path);
	free(data);
}

enum sr_status sr_data_unlock(struct sr_data *data, const struct sr_passphrase_source *source, bool check,
                              struct sr_err *err)
{
	struct sr_secret *passphrase = NULL;
	enum sr_status status = sr_passphrase_open(data->keys_fd, source, check, &passphrase, err);

	if (status != SR_OK)
		return sr_fail_in(err, status, "%s/keys: ", data->path);
	sr_secret_free(data->passphrase);
	data->passphrase = passphrase;
	return SR_OK;
}

static enum sr_status open_lock(struct sr_data *data, struct sr_err *err)
{
	if (data->lock_fd >= 0)
		return SR_OK;
	data->lock_fd = openat(data->dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (data->lock_fd < 0)
		return sr_fail_errno(err, "open %s/lock", data->path);
	return SR_OK;
}

enum sr_status sr_data_try_lock(struct sr_data *data, struct sr_err *err)
{
	SR_TRY(open_lock(data, err));
	if (flock(data->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return SR_OK;
	if (errno == EWOULDBLOCK)
		return sr_fail(err, SR_BUSY, "another strongroom is writing in %s", data->path);
	return sr_fail_errno(err, "lock %s", data->path);
}

enum sr_status sr_data_lock(struct sr_data *data, struct sr_err *err)
{
	enum sr_status status = sr_data_try_lock(data, err);

	if (status != SR_BUSY)
		return status;
	sr_log(SR_LOG_NOTICE, "waiting for another strongroom that is writing in %s", data->path);
	while (flock(data->lock_fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return sr_fail_errno(err, "lock %s", data->path);
	return SR_OK;
}
