/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"
#include "appliance/base/log.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/people.h"
#include "appliance/keeper/core/session_ends.h"
#include "appliance/keeper/core/viewings.h"
#include "appliance/keeper/dispatch.h"
#include "appliance/keeper/keeper_tick.h"
#include "appliance/keeper/keys/protect.h"
#include "appliance/keeper/core/keeper_clock.h"
#include "appliance/keeper/reading/reading.h"
#include "appliance/keeper/requests/escort_events.h"
#include "appliance/keeper/requests/grant_end.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/state/record_cache.h"
#include "appliance/keeper/wire/wire_memory.h"

#define QUICK_THREADS 64
#define QUICK_QUEUE 4096
#define SLOW_THREADS 8
#define SLOW_QUEUE 64
#define DESCRIPTORS_MIN 8192
#define DATABASE_ROOM ((size_t)512 << 10) /* some hundred entries */

/* --- opening --------------------------------------------------------------------------------------- */

static enum sr_status open_folder(struct sr_keeper *keeper, const char *name, int *out, struct sr_err *err)
{
	*out = openat(keeper->data->dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (*out < 0)
		return sr_fail_errno(err, "open %s/%s", keeper->data->path, name);
	return SR_OK;
}

static enum sr_status open_database(struct sr_keeper *keeper, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	char path[4096];
	uint64_t size;

	if (snprintf(path, sizeof(path), "%s/db", keeper->data->path) >= (int)sizeof(path))
		return sr_fail(err, SR_LIMIT, "the path of the data directory is too long");
	const struct sr_env_options options = { .path = path, .room = DATABASE_ROOM };
	SR_TRY(sr_env_open(&options, &keeper->env, err));
	SR_TRY(sr_record_cache_attach(keeper->env, err));
	SR_TRY(sr_txn_read(keeper->env, &txn, err));
	SR_TRY(sr_journal_size(txn, &size, err));
	if (size == 0)
		return sr_fail(
			err, SR_CORRUPT,
			"%s holds no ledger; put it back with: strongroom restore DIR, or make it from "
			"the published entries with: strongroom rebuild --from-tiles",
			path);
	return SR_OK;
}

/* The verifier key is one line; what stands before its first '+' is the origin. */
static enum sr_status read_verifier(struct sr_keeper *keeper, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_fd_read_file(keeper->data->keys_fd, SR_KEY_LEDGER_VERIFIER, sizeof(keeper->verifier) - 1,
	                       &text, err));
	memcpy(keeper->verifier, text.data, text.size);
	keeper->verifier[strcspn(keeper->verifier, "\n")] = 0;
	size_t size = strcspn(keeper->verifier, "+");
	if (size == 0 || size >= sizeof(keeper->origin) || !keeper->verifier[size])
		return sr_fail(err, SR_CORRUPT, "keys/" SR_KEY_LEDGER_VERIFIER " is no verifier key");
	memcpy(keeper->origin, keeper->verifier, size);
	return SR_OK;
}

static enum sr_status read_keys(struct sr_keeper *keeper, struct sr_err *err)
{
	enum sr_status status;

	SR_TRY(sr_keyring_load(keeper->data, &keeper->keyring, err));
	status = sr_key_read(keeper->data->keys_fd, SR_KEY_LEDGER, keeper->data->passphrase,
	                     &keeper->ledger_key, err);
	if (status == SR_OK)
		status = read_verifier(keeper, err);
	return status == SR_OK ? SR_OK : sr_keyring_explain(keeper->data, status, err);
}

static void committed(void *context)
{
	const struct sr_keeper *keeper = context;

	if (keeper->publisher)
		sr_publisher_notify(keeper->publisher);
}

/* Nobody knows what the disk holds: the process ends unanswered, and the restart reads what is durable. */
static void fatal(void *context, const struct sr_err *err)
{
	(void)context;
	sr_log(SR_LOG_ERROR, "the database cannot be written: %s; the keeper ends", err->text);
	_exit(1);
}

static void publish_failed(void *context, enum sr_status status, const struct sr_err *err)
{
	struct sr_keeper *keeper = context;

	sr_log(SR_LOG_ERROR, "the ledger cannot be published: %s", err->text);
	if (status == SR_TAMPERED)
		sr_keeper_stop(keeper);
}

/* Database and published log are not one history: say what to do. */
static enum sr_status refuse_log(const struct sr_keeper *keeper, struct sr_err *err)
{
	const struct sr_err was = *err;

	return sr_fail(
		err, SR_TAMPERED,
		"%.250s. Nothing is served over it. strongroom ledger verify names the first entry that "
		"differs; then put %s back: strongroom restore BACKUP --replace --checkpoint FILE",
		was.text, keeper->data->path);
}

static enum sr_status start_log(struct sr_keeper *keeper, struct sr_err *err)
{
	const struct sr_publisher_options publishing = {
		.env = keeper->env,
		.dir_fd = keeper->ledger_fd,
		.origin = keeper->origin,
		.key = keeper->ledger_key,
		.failed = publish_failed,
		.context = keeper,
	};
	const struct sr_writer_options writing = {
		.env = keeper->env, .committed = committed, .fatal = fatal, .context = keeper
	};

	enum sr_status status = sr_publisher_start(&publishing, &keeper->publisher, err);
	if (status == SR_TAMPERED)
		return refuse_log(keeper, err);
	SR_TRY(status);
	return sr_writer_start(&writing, &keeper->writer, err);
}

/* What parties may do from one address in an hour (docs/LIMITS.md). */
static const struct sr_quota_limits application_limits = { .of_address = 5, .in_all = 200, .addresses = 256 };
static const struct sr_quota_limits follow_up_limits = { .of_address = 60, .addresses = 4096 };

static enum sr_status make_parts(struct sr_keeper *keeper, struct sr_err *err)
{
	SR_TRY(sr_work_pool_new(QUICK_THREADS, QUICK_QUEUE, &keeper->quick, err));
	SR_TRY(sr_work_pool_new(SLOW_THREADS, SLOW_QUEUE, &keeper->slow, err));
	SR_TRY(sr_password_pool_new(&sr_password_cost, &keeper->passwords, err));
	SR_TRY(sr_logins_new(&keeper->logins, err));
	SR_TRY(sr_reading_new(keeper, &keeper->reading, err));
	SR_TRY(sr_viewings_new(&keeper->viewings, err));
	SR_TRY(sr_backoff_new(&keeper->backoff, err));
	SR_TRY(sr_quota_new(&application_limits, &keeper->applications, err));
	SR_TRY(sr_quota_new(&follow_up_limits, &keeper->follow_ups, err));
	SR_TRY(sr_refusals_new(&keeper->refusals, err));
	SR_TRY(sr_session_table_new(sr_session_ends_note, keeper, &keeper->sessions, err));
	return sr_escorts_new(sr_escort_events_note, keeper, &keeper->escorts, err);
}

static enum sr_status start_listener(struct sr_keeper *keeper, bool listen, struct sr_err *err)
{
	struct sr_listener_config config = sr_listener_config_usual();
	const uid_t privileged[] = { 0, geteuid() };
	char path[4096];

	config.handlers = sr_dispatch_handlers(keeper);
	config.privileged = privileged;
	config.privileged_count = SR_COUNT(privileged);
	SR_TRY(sr_listener_new(&config, &keeper->listener, err));
	if (!listen)
		return SR_OK;
	if (snprintf(path, sizeof(path), "%s/run/keeper.sock", keeper->data->path) >= (int)sizeof(path))
		return sr_fail(err, SR_LIMIT, "the path of the data directory is too long");
	return sr_listener_listen(keeper->listener, path, err);
}

static enum sr_status open_all(struct sr_keeper *keeper, const struct sr_keeper_options *options,
                               struct sr_err *err)
{
	sr_fd_raise_limit(DESCRIPTORS_MIN);
	SR_TRY(sr_data_open(options->data, &keeper->data, err));
	if (options->wait)
		SR_TRY(sr_data_lock(keeper->data, err));
	else
		SR_TRY(sr_data_try_lock(keeper->data, err));
	keeper->serves = options->listen;
	SR_TRY(sr_protect_clear(keeper->data, err));
	SR_TRY(open_folder(keeper, "ledger", &keeper->ledger_fd, err));
	SR_TRY(open_folder(keeper, "staging", &keeper->staging_fd, err));
	SR_TRY(sr_data_unlock(keeper->data, options->passphrase, false, err));
	SR_TRY(read_keys(keeper, err));
	SR_TRY(open_database(keeper, err));
	SR_TRY(sr_keeper_clock_start(keeper, err));
	SR_TRY(start_log(keeper, err));
	SR_TRY(make_parts(keeper, err));
	SR_TRY(sr_people_load_sessions(keeper, err));
	sr_session_ends_flush(keeper);
	SR_TRY(sr_keeper_begin(keeper, err));
	SR_TRY(start_listener(keeper, options->listen, err));
	return sr_keeper_tick_start(keeper, err);
}

enum sr_status sr_keeper_open(const struct sr_keeper_options *options, struct sr_keeper **out,
                              struct sr_err *err)
{
	SR_CLEANUP(sr_keeper_closep) struct sr_keeper *keeper = calloc(1, sizeof(*keeper));

	if (!keeper)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the keeper");
	keeper->ledger_fd = keeper->staging_fd = -1;
	keeper->started_ns = sr_keeper_boot_ns();
	pthread_mutex_init(&keeper->lock, NULL);
	pthread_mutex_init(&keeper->tick_lock, NULL);
	pthread_cond_init(&keeper->tick_now, NULL);
	SR_TRY(open_all(keeper, options, err));
	*out = SR_MOVE(keeper);
	return SR_OK;
}

void sr_keeper_close(struct sr_keeper *keeper)
{
	if (!keeper)
		return;
	atomic_store(&keeper->stopping, true);
	sr_keeper_tick_stop(keeper);
	sr_work_pool_free(keeper->quick);
	sr_work_pool_free(keeper->slow);
	sr_reading_stop(keeper->reading);
	if (keeper->writer)
		sr_keeper_end(keeper);
	sr_listener_free(keeper->listener);
	sr_password_pool_free(keeper->passwords);
	sr_writer_stop(keeper->writer);
	sr_reading_free(keeper->reading);
	sr_publisher_stop(keeper->publisher);
	sr_viewings_free(keeper->viewings);
	sr_grant_ends_free(keeper->grant_ends);
	sr_escorts_free(keeper->escorts);
	sr_refusals_free(keeper->refusals);
	sr_quota_free(keeper->follow_ups);
	sr_quota_free(keeper->applications);
	sr_backoff_free(keeper->backoff);
	sr_logins_free(keeper->logins);
	sr_session_table_free(keeper->sessions);
	sr_key_free(keeper->ledger_key);
	sr_keyring_free(keeper->keyring);
	sr_env_close(keeper->env);
	sr_fd_close(keeper->staging_fd);
	sr_fd_close(keeper->ledger_fd);
	sr_data_close(keeper->data);
	pthread_cond_destroy(&keeper->tick_now);
	pthread_mutex_destroy(&keeper->tick_lock);
	pthread_mutex_destroy(&keeper->lock);
	free(keeper);
}

enum sr_status sr_keeper_run(struct sr_keeper *keeper, struct sr_err *err)
{
	return sr_listener_run(keeper->listener, err);
}

void sr_keeper_stop(struct sr_keeper *keeper)
{
	atomic_store(&keeper->stopping, true);
	if (keeper->listener)
		sr_listener_stop(keeper->listener);
}

enum sr_status sr_keeper_adopt(struct sr_keeper *keeper, int fd, enum sr_peer_kind kind, bool pushes,
                               struct sr_err *err)
{
	return sr_listener_adopt(keeper->listener, fd, kind, pushes, err);
}
