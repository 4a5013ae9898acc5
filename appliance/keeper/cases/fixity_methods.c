/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what was sealed is still whole: VerifyCase, LastFixity. */
#include "appliance/keeper/cases/methods.h"

#include <stdio.h>
#include <time.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/crypto/chain_memory.h"
#include "appliance/keeper/cases/fixity_check.h"
#include "appliance/keeper/cases/fixity_properties.h"
#include "appliance/keeper/cases/fixity_run.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/act_progress.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/record.h"
#include "appliance/store/store.h"

#define MIB ((int64_t)1 << 20)
#define NAP_NS (SR_SECOND_NS / 5) /* a pause looks so often whether anybody still waits */
#define RATE_MAX (1 << 20)        /* MiB a second */
#define DAYS_MAX 36500

/* --- pace ------------------------------------------------------------------------------------------ */

/* Passes progress on, and sleeps where reading is faster than it should be. */
struct pace {
	struct sr_progress progress; /* to hand out */
	struct sr_act_progress told;
	int64_t rate; /* bytes a second; 0: as fast as it goes */
	int64_t started_ns;
	uint64_t before; /* bytes of the archives before this one */
	uint64_t now;    /* of this one */
};

static void keep_pace(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct pace *pace = context;

	pace->now = done;
	while (pace->rate > 0 && !sr_act_is_abandoned(pace->told.act)) {
		double seconds = (double)(pace->before + done) / (double)pace->rate;
		int64_t left = pace->started_ns + (int64_t)(seconds * SR_SECOND_NS) - sr_keeper_boot_ns();
		struct timespec nap = { .tv_nsec = left < NAP_NS ? left : NAP_NS };

		if (left <= 0)
			break;
		nanosleep(&nap, NULL);
	}
	sr_progress_report(&pace->told.progress, what, done, total);
}

static void pace_init(struct pace *pace, struct sr_act *act)
{
	*pace = (struct pace){ .started_ns = sr_keeper_boot_ns() };
	pace->rate = sr_act_count(act, "rate", 0) * MIB;
	pace->progress = (struct sr_progress){ .report = keep_pace, .context = pace };
	sr_act_progress_init(&pace->told, act);
}

/* --- VerifyCase ------------------------------------------------------------------------------------ */

struct verifying {
	struct sr_act *act;
	struct sr_roots roots;
	struct sr_fixity_targets targets;
	struct pace pace;
	json_t *list;
};

static void verifying_dispose(struct verifying *v)
{
	json_decref(v->list);
	sr_fixity_targets_dispose(&v->targets);
	sr_roots_dispose(&v->roots);
}

/* Verdicts go out one by one where the caller takes several answers. */
static enum sr_status add_verdict(void *context, json_t *verdict, struct sr_err *err)
{
	struct verifying *v = context;
	SR_CLEANUP(sr_json_decrefp) json_t *taken = verdict;
	json_t *part = NULL;

	v->pace.before += v->pace.now;
	v->pace.now = 0;
	if (sr_act_is_abandoned(v->act))
		return sr_fail(err, SR_IO, "whoever asked for the check has gone");
	if (!sr_act_wants_more(v->act))
		return sr_json_append(v->list, SR_MOVE(taken), err);
	SR_TRY(SR_JSON_PACK(&part, err, "{s:[O]}", "archives", taken));
	return sr_act_continue(v->act, part, err);
}

static enum sr_status gather_targets(struct verifying *v, struct sr_err *err)
{
	struct sr_act *act = v->act;
	int64_t days = sr_act_count(act, "older_than", -1);
	size_t index;
	json_t *reference;

	if (sr_act_flag(act, "all"))
		SR_TRY(sr_fixity_targets_all(act, &v->targets, err));
	json_array_foreach(sr_act_value(act, "cases"), index, reference)
		SR_TRY(sr_fixity_targets_of(act, json_string_value(reference), &v->targets, err));
	if (days > DAYS_MAX)
		return sr_fail(err, SR_INVALID, "/older_than: at most %d days", DAYS_MAX);
	if (days >= 0)
		sr_fixity_targets_due(&v->targets,
		                      sr_keeper_now_ns(act->keeper) - days * SR_DAY_S * SR_SECOND_NS);
	return SR_OK;
}

static enum sr_status take_roots(struct verifying *v, bool *own, struct sr_err *err)
{
	const char *root = sr_act_text(v->act, "root");
	const char *stamp = sr_act_text(v->act, "stamp_root");

	*own = !root && !stamp;
	if (*own)
		return sr_roots_of_data(v->act->keeper->data, &v->roots, err);
	if (!root)
		return sr_fail(err, SR_INVALID, "/stamp_root: a root for stamps needs one for seals");
	return sr_roots_parse(root, stamp, &v->roots, err);
}

static enum sr_status run_all(struct verifying *v, struct sr_err *err)
{
	struct sr_act *act = v->act;
	struct sr_fixity_options options = { .act = act,
		                             .roots = &v->roots,
		                             .quick = sr_act_flag(act, "quick"),
		                             .progress = &v->pace.progress };

	SR_CLEANUP(sr_chain_memory_freep) struct sr_chain_memory *memory = NULL;
	SR_TRY(sr_chain_memory_new(&memory, err));
	options.memory = memory;
	SR_TRY(take_roots(v, &options.own_roots, err));
	/* At a rate, whoever waits is whoever reads. */
	SR_TRY(sr_fixity_run(&options, &v->targets, v->pace.rate > 0, add_verdict, v, err));
	if (!sr_act_flag(act, "all") || sr_act_value(act, "older_than") || !sr_fixity_sees_all(act))
		return SR_OK;
	return sr_fixity_check_strays(&options, add_verdict, v, err);
}

static enum sr_status verify_case(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(verifying_dispose) struct verifying v = { .act = act, .list = json_array() };

	if (!v.list)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a list");
	if (sr_act_count(act, "rate", 1) < 1 || sr_act_count(act, "rate", 1) > RATE_MAX)
		return sr_fail(err, SR_INVALID, "/rate: 1 to %d MiB a second", RATE_MAX);
	if (!sr_act_flag(act, "all") && json_array_size(sr_act_value(act, "cases")) == 0)
		return sr_fail(err, SR_INVALID, "/cases: name cases, or ask for all");
	pace_init(&v.pace, act);
	SR_TRY(gather_targets(&v, err));
	SR_TRY(run_all(&v, err));
	return sr_act_reply(act, err, "{s:O}", "archives", v.list);
}

/* --- LastFixity ------------------------------------------------------------------------------------ */

struct last {
	struct sr_fixity_targets targets;
	json_t *parts;
};

static void last_dispose(struct last *last)
{
	sr_fixity_targets_dispose(&last->targets);
	json_decref(last->parts);
}

static void archive_key(const struct sr_fixity_target *target, char out[SR_STORE_NAME])
{
	char id[SR_UUID_TEXT];

	sr_case_id_format(&target->id, id);
	snprintf(out, SR_STORE_NAME, "%s-%03u", id, target->part % 1000);
}

static enum sr_status look_up_results(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct last *last = act->work;

	for (size_t i = 0; i < sr_fixity_targets_count(&last->targets); i++) {
		const struct sr_fixity_target *target = sr_fixity_targets_at(&last->targets, i);
		SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
		char key[SR_STORE_NAME];
		char seal[SR_DIGEST_HEX];
		json_t *one = NULL;

		archive_key(target, key);
		sr_digest_to_hex(&target->seal, seal);
		SR_TRY(sr_record_look(txn, SR_DB_FIXITY, key, &record, err));
		SR_TRY(SR_JSON_PACK(&one, err, "{s:i,s:s,s:s?,s:O?,s:s?,s:O?,s:O?,s:s?}", "part",
		                    (int)target->part, "seal", seal, "checked_at", sr_json_text(record, "at"),
		                    "ok", json_object_get(record, "ok"), "depth",
		                    sr_json_text(record, "depth"), "bytes", json_object_get(record, "bytes"),
		                    "damage", json_object_get(record, "damage"), "reported_by",
		                    sr_json_text(record, "reported_by")));
		SR_TRY(sr_json_append(last->parts, one, err));
		json_t *properties = NULL;
		if (record)
			SR_TRY(sr_fixity_properties(record, &properties, err));
		SR_TRY(sr_json_set(one, "properties", properties ? properties : json_null(), err));
	}
	return SR_OK;
}

static enum sr_status last_fixity(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(last_dispose) struct last last = { .parts = json_array() };
	char id[SR_UUID_TEXT];

	if (!last.parts)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a list");
	SR_TRY(sr_fixity_targets_of(act, sr_act_text(act, "case"), &last.targets, err));
	sr_act_set_work(act, &last);
	SR_TRY(sr_act_read(act, look_up_results, err));
	sr_case_id_format(&sr_fixity_targets_at(&last.targets, 0)->id, id);
	return sr_act_reply(act, err, "{s:s,s:O}", "case", id, "parts", last.parts);
}

static const struct sr_method methods[] = {
	{ "VerifyCase",
	  "cases:texts? all:flag? quick:flag? rate:count? older_than:count? root:prose? stamp_root:prose?",
	  SR_BY(ARCHIVIST) | SR_BY(SUPERVISOR) | SR_BY(AUDITOR) | SR_BY(ADMIN), SR_DOOR_PEOPLE,
	  SR_METHOD_SLOW, verify_case },
	{ "LastFixity", "case:text", SR_BY_READERS | SR_BY(AUDITOR) | SR_BY(ADMIN), SR_DOOR_PEOPLE, 0,
	  last_fixity },
};
const struct sr_method_family sr_fixity_methods = { methods, SR_COUNT(methods) };
