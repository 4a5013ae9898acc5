/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The data directory: where it is, its folders, its configuration, its lock.  docs/OPERATING.md shows the
 * layout. Whoever writes holds the lock; readers of sealed archives need none, for an archive never changes.
 */
#pragma once

#include <stdbool.h>

#include "appliance/base/err.h"
#include "appliance/keeper/keys/config.h"
#include "appliance/keeper/keys/passphrase.h"
#include "appliance/store/store.h"

struct sr_data {
	char *path; /* absolute */
	int dir_fd;
	int keys_fd;
	int vault_fd;
	int lock_fd; /* -1 while not locked */
	struct sr_config *config;
	struct sr_store *store;
	struct sr_secret *passphrase; /* of keys/; NULL: they have none, or sr_data_unlock was not called */
};

/* Make the folders of a new data directory: @path must not exist or be an empty folder (SR_EXISTS). */
SR_CHECKED enum sr_status sr_data_create(const char *path, struct sr_err *err);

/* Remove the folders that sr_data_create made, and @path itself, as far as they are empty. */
void sr_data_remove_empty(const char *path);

/*
 * Open a data directory and set the process's time zone from its configuration.  SR_NOT_FOUND when
 * there is none (the text names `strongroom init`), SR_DENIED when the caller may not enter it.
 */
SR_CHECKED enum sr_status sr_data_open(const char *path, struct sr_data **out, struct sr_err *err);
void sr_data_close(struct sr_data *data); /* NULL is allowed */
static inline void sr_data_closep(struct sr_data **data)
{
	sr_data_close(*data);
	*data = NULL;
}

/* Get the passphrase of keys/ where they have one; as sr_passphrase_open. */
SR_CHECKED enum sr_status sr_data_unlock(struct sr_data *data, const struct sr_passphrase_source *source,
                                         bool check, struct sr_err *err);

/* Become the only writer until closed; waits for another one, and says so in the log. */
SR_CHECKED enum sr_status sr_data_lock(struct sr_data *data, struct sr_err *err);
/* The same without waiting: SR_BUSY when somebody else is. */
SR_CHECKED enum sr_status sr_data_try_lock(struct sr_data *data, struct sr_err *err);
