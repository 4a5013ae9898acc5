/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/fixity_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "appliance/archive/verify.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/index/case_store.h"
#include "appliance/keeper/cases/verdict.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/vault.h"
#include "appliance/keeper/state/reduce.h"

#define DAMAGE_MAX 64 /* in one entry */

/* One archive while it is checked. */
struct checking {
	const struct sr_fixity_options *options;
	const struct sr_fixity_target *target; /* NULL: no case's */
	char name[SR_STORE_NAME];
	char path[PATH_MAX];
	uint64_t bytes; /* of the file */
	struct sr_verify_report report;
	json_t *verdict;
};

static void checking_dispose(struct checking *c)
{
	json_decref(c->verdict);
	sr_verify_report_dispose(&c->report);
}

static enum sr_status add_damage(json_t *verdict, const char *what, struct sr_err *err)
{
	json_t *damage = NULL;

	SR_TRY(SR_JSON_PACK(&damage, err, "{s:s,s:s}", "member", "archive", "what", what));
	SR_TRY(sr_json_append(json_object_get(verdict, "damage"), damage, err));
	return sr_json_set(verdict, "ok", json_false(), err);
}

/* A verdict on what could not be judged. */
static enum sr_status refuse(struct checking *c, const char *what, struct sr_err *err)
{
	struct sr_verify_report nothing = { 0 };

	SR_TRY(sr_verdict_to_json(c->path, &nothing, &c->verdict, err));
	return add_damage(c->verdict, what, err);
}

/* An archive in another one's place is whole, and still not what it should be. */
static enum sr_status compare(struct checking *c, struct sr_err *err)
{
	const struct sr_verify_report *report = &c->report;
	const struct sr_fixity_target *target = c->target;
	char what[128 + SR_STORE_NAME];

	if (report->structure_read && strcmp(report->name, c->name) != 0) {
		snprintf(what, sizeof(what), "the file was renamed: it is %s", report->name);
		SR_TRY(add_damage(c->verdict, what, err));
	}
	if (!target)
		return SR_OK;
	if (report->structure_read && !sr_digest_equal(&report->seal, &target->seal))
		SR_TRY(add_damage(c->verdict,
		                  "its seal is not the one that the log has: the archive was exchanged",
		                  err));
	if (target->part > 1 && report->cover_read &&
	    !sr_digest_equal(&report->cover.previous, &target->previous)) {
		snprintf(what, sizeof(what),
		         "it continues another part %u than the log has (previous_seal in cover.json)",
		         target->part - 1);
		SR_TRY(add_damage(c->verdict, what, err));
	}
	return SR_OK;
}

static enum sr_status refuse_missing(struct checking *c, struct sr_err *err)
{
	char what[128];

	snprintf(what, sizeof(what),
	         "part %u of its case is missing from the vault: restore it from another copy",
	         c->target->part);
	SR_TRY(refuse(c, what, err));
	SR_TRY(sr_json_set(c->verdict, "case", json_stringn(c->name, SR_UUID_TEXT - 1), err));
	return sr_json_set(c->verdict, "part", json_integer((json_int_t)c->target->part), err);
}

/* A large archive has all cores for itself, and the one set of buffers that goes with them. */
static enum sr_status verify(struct checking *c, int fd, struct sr_err *err)
{
	const struct sr_fixity_options *options = c->options;
	const bool alone = !options->large || c->bytes > SR_FIXITY_LARGE;
	const struct sr_verify_options verify = { .roots = options->roots->seal,
		                                  .stamp_roots = options->roots->stamp,
		                                  .memory = options->memory,
		                                  .quick = options->quick,
		                                  .threads = alone ? 0 : 1,
		                                  .progress = options->progress };

	if (options->large && alone)
		pthread_mutex_lock(options->large);
	enum sr_status status = sr_archive_verify(fd, &verify, &c->report, err);
	if (options->large && alone)
		pthread_mutex_unlock(options->large);
	return status;
}

static enum sr_status judge_file(struct checking *c, int fd, struct sr_err *err)
{
	struct stat st;

	c->bytes = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	SR_TRY(verify(c, fd, err));
	SR_TRY(sr_verdict_to_json(c->path, &c->report, &c->verdict, err));
	return compare(c, err);
}

static enum sr_status judge(struct checking *c, struct sr_err *err)
{
	struct sr_keeper *keeper = c->options->act->keeper;
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	sr_vault_path(keeper->data, c->name, c->path);
	enum sr_status status = sr_store_open_archive(keeper->data->store, c->name, &fd, err);
	if (status == SR_NO_MEMORY)
		return status;
	if (status == SR_NOT_FOUND && c->target)
		return refuse_missing(c, err);
	if (status != SR_OK) /* the others are judged all the same */
		return refuse(c, err->text, err);
	return judge_file(c, fd, err);
}

/* --- the entry ------------------------------------------------------------------------------------- */

static enum sr_status first_damage(const json_t *verdict, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	size_t index;
	json_t *one;

	json_array_foreach(json_object_get(verdict, "damage"), index, one)
		if (index < DAMAGE_MAX)
			SR_TRY(sr_json_append(list, json_incref(one), err));
	*out = SR_MOVE(list);
	return SR_OK;
}

static enum sr_status result_fields(const struct checking *c, bool ok, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *fields = json_object();
	json_t *damage = NULL;
	char seal[SR_DIGEST_HEX];

	sr_digest_to_hex(&c->report.seal, seal);
	SR_TRY(sr_json_set(fields, "case", json_stringn(c->name, SR_UUID_TEXT - 1), err));
	SR_TRY(sr_json_set(fields, "part", json_integer((json_int_t)c->target->part), err));
	if (c->report.structure_read)
		SR_TRY(sr_json_set(fields, "seal", json_string(seal), err));
	SR_TRY(sr_json_set(fields, "bytes", json_integer((json_int_t)c->bytes), err));
	if (ok) {
		SR_TRY(sr_json_set(fields, "depth", json_string(c->options->quick ? "quick" : "full"), err));
	} else {
		SR_TRY(first_damage(c->verdict, &damage, err));
		SR_TRY(sr_json_set(fields, "damage", damage, err));
	}
	*out = SR_MOVE(fields);
	return SR_OK;
}

static enum sr_status plan_entry(const struct checking *c, struct sr_entry_plan *out, struct sr_err *err)
{
	const bool ok = json_is_true(json_object_get(c->verdict, "ok"));
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;

	SR_TRY(result_fields(c, ok, &fields, err));
	return sr_act_plan(c->options->act, ok ? "fixity.passed" : "fixity.failed", fields, out, err);
}

void sr_fixity_result_dispose(struct sr_fixity_result *result)
{
	json_decref(result->verdict);
	sr_entry_plan_dispose(&result->plan);
	*result = (struct sr_fixity_result){ 0 };
}

enum sr_status sr_fixity_judge(const struct sr_fixity_options *options, const struct sr_fixity_target *target,
                               struct sr_fixity_result *out, struct sr_err *err)
{
	SR_CLEANUP(checking_dispose) struct checking c = { .options = options, .target = target };
	struct sr_fixity_result result = { 0 };
	char id[SR_UUID_TEXT];

	sr_case_id_format(&target->id, id);
	SR_TRY(sr_store_name(id, target->part, c.name, err));
	SR_TRY(judge(&c, err));
	if (options->own_roots)
		SR_TRY(plan_entry(&c, &result.plan, err));
	result.verdict = SR_MOVE(c.verdict);
	*out = result;
	return SR_OK;
}

struct results {
	struct sr_fixity_result *list;
	size_t count;
};

static enum sr_status put_results(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct results *results = act->work;

	for (size_t i = 0; i < results->count; i++)
		SR_TRY(sr_record_planned(txn, &results->list[i].plan, sr_keeper_now_ns(act->keeper), NULL,
		                         err));
	return SR_OK;
}

enum sr_status sr_fixity_write(const struct sr_fixity_options *options, struct sr_fixity_result *list,
                               size_t count, struct sr_err *err)
{
	struct results results = { .list = list, .count = count };

	if (!options->own_roots)
		return SR_OK;
	sr_act_set_work(options->act, &results);
	enum sr_status status = sr_act_write(options->act, NULL, put_results, err);
	sr_act_set_work(options->act, NULL);
	return status;
}

/* --- what belongs to no case ------------------------------------------------------------------------ */

struct strays {
	json_t *archives, *aside, *files; /* names; file names; paths below the vault */
	struct sr_txn *txn;
};

static enum sr_status sort_out(void *context, const char *name, bool foreign, struct sr_err *err)
{
	struct strays *strays = context;
	struct sr_bytes key = { (const uint8_t *)name, strlen(name) };
	bool known = false;
	struct sr_bytes value;

	if (foreign)
		return sr_json_append(strays->files, json_string(name), err);
	SR_TRY(sr_vault_names(strays->txn, name, &known, err));
	if (!known)
		SR_TRY(sr_txn_look(strays->txn, SR_DB_SEALING, key, &known, &value, err));
	return known ? SR_OK : sr_json_append(strays->archives, json_string(name), err);
}

static enum sr_status take_aside(void *context, const char *file, struct sr_err *err)
{
	struct strays *strays = context;

	return sr_json_append(strays->aside, json_string(file), err);
}

static enum sr_status gather(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct strays *strays = act->work;
	struct sr_store *store = act->keeper->data->store;

	strays->txn = txn;
	SR_TRY(sr_store_list(store, sort_out, strays, err));
	return sr_store_list_aside(store, take_aside, strays, err);
}

static enum sr_status check_foreign(struct checking *c, const char *path, struct sr_err *err)
{
	snprintf(c->path, sizeof(c->path), "%s/vault/%s", c->options->act->keeper->data->path, path);
	return refuse(c, "not an archive of this vault: its name and folder fit no case id", err);
}

static enum sr_status check_archive(struct checking *c, const char *name, struct sr_err *err)
{
	snprintf(c->name, sizeof(c->name), "%s", name);
	SR_TRY(judge(c, err));
	return add_damage(c->verdict, "no entry of the log names this archive", err);
}

static enum sr_status check_aside(struct checking *c, const char *file, struct sr_err *err)
{
	const struct sr_data *data = c->options->act->keeper->data;
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	snprintf(c->name, sizeof(c->name), "%.40s", file);
	snprintf(c->path, sizeof(c->path), "%s/vault/" SR_STORE_UNKNOWN "/%s", data->path, file);
	enum sr_status status = sr_store_open_aside(data->store, file, &fd, err);
	if (status != SR_OK)
		return refuse(c, err->text, err);
	SR_TRY(judge_file(c, fd, err));
	return add_damage(
		c->verdict,
		"no entry of the log names this archive, so it was put aside: import it, or remove it", err);
}

static void strays_dispose(struct strays *strays)
{
	json_decref(strays->archives);
	json_decref(strays->aside);
	json_decref(strays->files);
}

enum sr_status sr_fixity_check_strays(const struct sr_fixity_options *options,
                                      enum sr_status (*each)(void *context, json_t *verdict,
                                                             struct sr_err *err),
                                      void *context, struct sr_err *err)
{
	SR_CLEANUP(strays_dispose)
	struct strays strays = { .archives = json_array(), .aside = json_array(), .files = json_array() };
	const struct {
		const json_t *names;
		enum sr_status (*check)(struct checking *c, const char *name, struct sr_err *err);
	} kinds[] = {
		{ strays.archives, check_archive },
		{ strays.aside, check_aside },
		{ strays.files, check_foreign },
	};

	sr_act_set_work(options->act, &strays);
	enum sr_status status = sr_act_read(options->act, gather, err);
	sr_act_set_work(options->act, NULL);
	SR_TRY(status);
	for (size_t k = 0; k < SR_COUNT(kinds); k++) {
		size_t index;
		json_t *name;

		json_array_foreach(kinds[k].names, index, name) {
			SR_CLEANUP(checking_dispose) struct checking c = { .options = options };

			SR_TRY(kinds[k].check(&c, json_string_value(name), err));
			SR_TRY(each(context, SR_MOVE(c.verdict), err));
		}
	}
	return SR_OK;
}
