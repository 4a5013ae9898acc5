/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the appliance: Status, Configure, Backup, ProtectKeys, Readings. */
#include "appliance/keeper/operations/methods.h"

#include <sys/stat.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/keys/protect.h"
#include "appliance/keeper/operations/backup.h"
#include "appliance/keeper/operations/status.h"
#include "appliance/keeper/reading/readings.h"

static enum sr_status tell_status(struct sr_act *act, struct sr_err *err)
{
	return sr_status_report(act->keeper, &act->answer, err);
}

static enum sr_status configure(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *rows = json_array();

	for (size_t i = 0; i < sr_config_key_count; i++) {
		const struct sr_config_key *key = &sr_config_keys[i];
		json_t *row = NULL;

		SR_TRY(SR_JSON_PACK(&row, err, "{s:s,s:s,s:s,s:s}", "key", key->name, "value",
		                    sr_config_text(act->keeper->data->config, key->name), "default",
		                    key->fallback, "help", key->help));
		SR_TRY(sr_json_append(rows, row, err));
	}
	return sr_act_reply(act, err, "{s:O}", "configuration", rows);
}

/* --- Backup ---------------------------------------------------------------------------------------- */

static bool nobody_waits(void *context)
{
	struct sr_act *act = context;

	return sr_act_is_abandoned(act) || atomic_load(&act->keeper->stopping);
}

static void tell_step(void *context, const char *what, uint64_t done)
{
	struct sr_act *act = context;
	struct sr_err ignored;

	(void)!sr_act_continue(act,
	                       json_pack("{s:s,s:I,s:i}", "what", what, "done", (json_int_t)done, "total", 0),
	                       &ignored);
}

static enum sr_status record_backup(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct sr_backup_result *result = act->work;
	const char *to = sr_act_text(act, "to");
	char root[SR_DIGEST_HEX];

	sr_digest_to_hex(&result->root, root);
	return sr_act_record(act, txn, "backup.made",
	                     json_pack("{s:I,s:s,s:I,s:I,s:s*}", "size", (json_int_t)result->size, "root",
	                               root, "archives", (json_int_t)result->archives, "bytes",
	                               (json_int_t)result->bytes, "to", to),
	                     NULL, err);
}

/* One at a time: two into one folder would remove each other's snapshot. */
static enum sr_status make_backup(struct sr_act *act, struct sr_backup *backup, struct sr_err *err)
{
	struct sr_backup_result result;
	char root[SR_DIGEST_HEX];

	SR_TRY(sr_backup_make(backup, &result, err));
	sr_act_set_work(act, &result);
	SR_TRY(sr_act_write(act, NULL, record_backup, err));
	SR_TRY(sr_backup_follow(backup, err));
	sr_digest_to_hex(&result.root, root);
	return sr_act_reply(act, err, "{s:I,s:s,s:I,s:I,s:I}", "size", (json_int_t)result.size, "root", root,
	                    "archives", (json_int_t)result.archives, "bytes", (json_int_t)result.bytes,
	                    "copied", (json_int_t)result.copied);
}

static enum sr_status run_backup(struct sr_act *act, struct sr_err *err)
{
	const json_t *archives = sr_act_value(act, "archives");
	SR_CLEANUP(sr_fd_closep) int dir_fd = -1;
	struct sr_backup backup = { .keeper = act->keeper,
		                    .archives = !archives || json_is_true(archives),
		                    .stop = nobody_waits,
		                    .progress = tell_step,
		                    .context = act };
	struct stat st;

	SR_TRY(sr_act_descriptor(act, 0, &dir_fd, err));
	if (fstat(dir_fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return sr_act_refuse(act, "Invalid", err, "the descriptor is no folder");
	backup.dir_fd = dir_fd;
	if (atomic_exchange(&act->keeper->backup_runs, true))
		return sr_act_refuse(act, "Busy", err, "another backup is being made");
	enum sr_status status = make_backup(act, &backup, err);
	atomic_store(&act->keeper->backup_runs, false);
	return status;
}

/* --- ProtectKeys ----------------------------------------------------------------------------------- */

static enum sr_status record_protection(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const char *had = act->keeper->data->passphrase ? "set" : "none";

	return sr_act_record(act, txn, "config.changed",
	                     json_pack("{s:s,s:s,s:s}", "key", "keys.passphrase", "value",
	                               sr_act_flag(act, "remove") ? "none" : "set", "previous", had),
	                     NULL, err);
}

static enum sr_status take_passphrase(struct sr_act *act, struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	if (sr_act_flag(act, "remove"))
		return SR_OK;
	SR_TRY(sr_act_descriptor(act, 0, &fd, err));
	SR_TRY(sr_passphrase_read(fd, out, err));
	if (!*out)
		return sr_act_refuse(act, "Invalid", err, "the descriptor gives no passphrase");
	return sr_passphrase_require(*out, err);
}

/* The supervisor of a keeper that serves has the passphrase for the next start, so it must not change under
 * it. */
static enum sr_status protect_keys(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *passphrase = NULL;
	const struct sr_data *data = act->keeper->data;

	if (act->keeper->serves)
		return sr_act_refuse(
			act, "WrongState", err,
			"this data directory is being served; stop strongroom serve (systemctl stop "
			"strongroom), change the passphrase, and start it again");
	SR_TRY(take_passphrase(act, &passphrase, err));
	if (!passphrase && !data->passphrase)
		return sr_act_refuse(act, "WrongState", err, "the keys have no passphrase");
	SR_TRY(sr_protect_prepare(data, passphrase, err));
	SR_TRY(sr_act_write(act, NULL, record_protection, err));
	SR_TRY(sr_protect_finish(data, err));
	return sr_act_reply(act, err, "{s:b}", "passphrase", passphrase != NULL);
}

#define SR_BY_KEEPERS (SR_BY(ARCHIVIST) | SR_BY(AUDITOR) | SR_BY(SECURITY_ADMIN) | SR_BY(ADMIN))
#define SR_BY_REGISTER (SR_BY(ARCHIVIST) | SR_BY(OFFICIAL) | SR_BY(SUPERVISOR) | SR_BY(AUDITOR))

static const struct sr_method methods[] = {
	{ "Status", "", SR_BY_KEEPERS, SR_DOOR_PEOPLE, SR_METHOD_SLOW, tell_status },
	{ "Backup", "archives:flag? to:text?", SR_BY(ADMIN), SR_DOOR_SOCKET, SR_METHOD_SLOW, run_backup },
	{ "Readings", "from:text to:text after:count? limit:count?", SR_BY_REGISTER, SR_DOOR_PEOPLE,
	  SR_METHOD_SLOW, sr_run_readings },
	{ "ProtectKeys", "remove:flag?", SR_BY(ADMIN), SR_DOOR_SOCKET, SR_METHOD_SLOW, protect_keys },
	{ "Configure", "", SR_BY(ADMIN), SR_DOOR_PEOPLE, 0, configure },
};
const struct sr_method_family sr_operation_methods = { methods, SR_COUNT(methods) };
