/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/reading/reading_export.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/reading/reading.h"
#include "appliance/keeper/reading/reading_grant.h"
#include "appliance/keeper/state/counter.h"
#include "appliance/keeper/state/scope.h"
#include "appliance/keeper/wire/call.h"

#define EXPORTS_MAX 256 /* under way at once */

/* One export under way. */
struct export
{
	struct export *next;
	char id[SR_LABEL_BYTES];
	char grant[SR_LABEL_BYTES];
	char user[SR_LABEL_BYTES];
	struct sr_peer peer;
	char form[16];
	char to[256];
	json_t *cases; /* ids of which something was opened */
	uint64_t members, bytes;
};

struct sr_exports {
	pthread_mutex_t lock;
	struct export *list;
	size_t count;
	uint64_t last; /* number of the one begun last */
};

static void export_free(struct export *export)
{
	if (!export)
		return;
	json_decref(export->cases);
	free(export);
}

static void export_freep(struct export **export)
{
	export_free(*export);
	*export = NULL;
}

enum sr_status sr_exports_new(struct sr_exports **out, struct sr_err *err)
{
	struct sr_exports *exports = calloc(1, sizeof(*exports));

	if (!exports)
		return sr_fail(err, SR_NO_MEMORY, "no memory for exports");
	pthread_mutex_init(&exports->lock, NULL);
	*out = exports;
	return SR_OK;
}

void sr_exports_free(struct sr_exports *exports)
{
	if (!exports)
		return;
	while (exports->list) {
		struct export *next = exports->list->next;

		export_free(exports->list);
		exports->list = next;
	}
	pthread_mutex_destroy(&exports->lock);
	free(exports);
}

void sr_exports_gone(struct sr_exports *exports, const struct sr_peer *peer)
{
	pthread_mutex_lock(&exports->lock);
	for (struct export **link = &exports->list; *link;) {
		struct export *one = *link;

		if (one->peer.connection != peer->connection) {
			link = &one->next;
			continue;
		}
		*link = one->next;
		exports->count--;
		export_free(one);
	}
	pthread_mutex_unlock(&exports->lock);
}

/* Whoever began it, through the same door: a caller of the socket on the same connection. */
static bool is_of(const struct export *export, const struct sr_act *act)
{
	const struct sr_peer *peer = sr_call_peer(act->call);

	return export->peer.kind == peer->kind && strcmp(export->user, act->caller.user) == 0 &&
	       (peer->kind != SR_PEER_CALLER || export->peer.connection == peer->connection);
}

/* Under the lock. */
static struct export *find_by_grant(const struct sr_act *act, const char *grant)
{
	struct export *export = act->keeper->reading->exports->list;

	while (export && (!is_of(export, act) || strcmp(export->grant, grant) != 0))
		export = export->next;
	return export;
}

/* --- ExportGrant ----------------------------------------------------------------------------------- */

/* What a beginning looks up. */
struct beginning {
	struct sr_reading_grant grant;
	uint64_t number;
};

static void beginning_dispose(struct beginning *beginning)
{
	sr_reading_grant_dispose(&beginning->grant);
}

static enum sr_status look_up(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct beginning *beginning = act->work;
	const char *id = sr_act_text(act, "grant");
	char next[SR_LABEL_BYTES];

	SR_TRY(sr_reading_grant_get(act, txn, id, &beginning->grant, err));
	if (!sr_scope_lists(json_object_get(beginning->grant.grant, "channels"), "copy"))
		return sr_reading_grant_refuse(act, id, err);
	SR_TRY(sr_counter_next(txn, 'O', next, err));
	beginning->number = strtoull(next + 1, NULL, 10);
	return SR_OK;
}

static enum sr_status make_export(const struct sr_act *act, struct export **out, struct sr_err *err)
{
	const struct sr_caller *caller = &act->caller;
	const char *to = sr_act_text(act, "to");
	SR_CLEANUP(export_freep) struct export *export = calloc(1, sizeof(*export));

	if (!export)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an export");
	export->cases = json_array();
	export->peer = *sr_call_peer(act->call);
	sr_label_copy(export->grant, sr_act_text(act, "grant"));
	sr_label_copy(export->user, caller->user);
	snprintf(export->form, sizeof(export->form), "%s", sr_act_text(act, "form"));
	if (!to)
		to = caller->full_name[0] ? caller->full_name : caller->user;
	if (snprintf(export->to, sizeof(export->to), "%s", to) >= (int)sizeof(export->to))
		return sr_fail(err, SR_INVALID, "/to: must be at most %zu bytes", sizeof(export->to) - 1);
	*out = SR_MOVE(export);
	return SR_OK;
}

static enum sr_status check_form(const struct sr_act *act, struct sr_err *err)
{
	static const char *const forms[] = { "directory", "tar", "iso" };

	for (size_t i = 0; i < SR_COUNT(forms); i++)
		if (strcmp(sr_act_text(act, "form"), forms[i]) == 0)
			return SR_OK;
	return sr_fail(err, SR_INVALID, "/form: must be directory, tar or iso");
}

enum sr_status sr_run_export_grant(struct sr_act *act, struct sr_err *err)
{
	struct sr_exports *exports = act->keeper->reading->exports;
	SR_CLEANUP(beginning_dispose) struct beginning beginning = { 0 };
	SR_CLEANUP(export_freep) struct export *export = NULL;
	char id[SR_LABEL_BYTES];

	sr_act_set_work(act, &beginning);
	SR_TRY(check_form(act, err));
	SR_TRY(sr_act_read(act, look_up, err));
	SR_TRY(make_export(act, &export, err));
	assert(export != NULL);
	pthread_mutex_lock(&exports->lock);
	bool full = exports->count == EXPORTS_MAX;
	bool twice = find_by_grant(act, export->grant) != NULL;
	if (!full && !twice) {
		exports->last = beginning.number > exports->last ? beginning.number : exports->last + 1;
		snprintf(export->id, sizeof(export->id), "O%05" PRIu64, exports->last);
		memcpy(id, export->id, sizeof(id));
		export->next = exports->list;
		exports->list = SR_MOVE(export);
		exports->count++;
	}
	pthread_mutex_unlock(&exports->lock);
	if (twice)
		return sr_fail(err, SR_EXISTS, "an export of this grant is under way here");
	if (full)
		return sr_fail(err, SR_BUSY, "%d exports are under way; try again later", EXPORTS_MAX);
	return sr_act_reply(act, err, "{s:s,s:o}", "export", id, "approved_by",
	                    json_deep_copy(json_object_get(beginning.grant.grant, "approved_by")));
}

/* --- openings -------------------------------------------------------------------------------------- */

enum sr_status sr_export_require(struct sr_act *act, const char *grant, struct sr_err *err)
{
	struct sr_exports *exports = act->keeper->reading->exports;

	pthread_mutex_lock(&exports->lock);
	bool found = find_by_grant(act, grant) != NULL;
	pthread_mutex_unlock(&exports->lock);
	/* A browser takes one member at a time, each an entry of its own. */
	if (found || sr_call_peer(act->call)->kind == SR_PEER_API)
		return SR_OK;
	return sr_fail(err, SR_INVALID, "/channel: copy belongs to an export; begin with ExportGrant");
}

void sr_export_count(struct sr_act *act, const char *grant, const char *case_id, uint64_t bytes)
{
	struct sr_exports *exports = act->keeper->reading->exports;

	pthread_mutex_lock(&exports->lock);
	struct export *export = find_by_grant(act, grant);
	if (export) {
		if (!sr_scope_lists(export->cases, case_id))
			(void)json_array_append_new(export->cases, json_string(case_id));
		export->members++;
		export->bytes += bytes;
	}
	pthread_mutex_unlock(&exports->lock);
}

/* --- FinishExport ---------------------------------------------------------------------------------- */

struct finishing {
	struct export *export;
	const char *digest;
};

static void finishing_dispose(struct finishing *finishing)
{
	export_free(finishing->export);
}

static struct export *take(struct sr_act *act, const char *id)
{
	struct sr_exports *exports = act->keeper->reading->exports;
	struct export *found = NULL;

	pthread_mutex_lock(&exports->lock);
	struct export **link = &exports->list;
	while (*link && (!is_of(*link, act) || strcmp((*link)->id, id) != 0))
		link = &(*link)->next;
	found = *link;
	if (found) {
		*link = found->next;
		exports->count--;
	}
	pthread_mutex_unlock(&exports->lock);
	return found;
}

static enum sr_status check_grant(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct finishing *finishing = act->work;
	SR_CLEANUP(sr_reading_grant_dispose) struct sr_reading_grant grant = { 0 };

	return sr_reading_grant_get(act, txn, finishing->export->grant, &grant, err);
}

static enum sr_status put_made(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct finishing *finishing = act->work;
	const struct export *export = finishing->export;
	SR_CLEANUP(sr_reading_grant_dispose) struct sr_reading_grant grant = { 0 };
	json_t *fields = NULL;

	SR_TRY(sr_reading_grant_get(act, txn, export->grant, &grant, err));
	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s,s:s,s:O,s:O,s:I,s:I,s:s,s:s,s:s,s:s}", "grant", export->grant,
	                    "request", sr_json_text(grant.grant, "request"), "approved_by",
	                    json_object_get(grant.grant, "approved_by"), "cases", export->cases, "members",
	                    (json_int_t) export->members, "bytes", (json_int_t) export->bytes, "form",
	                    export->form, "digest", finishing->digest, "to", export->to, "export",
	                    export->id));
	return sr_act_record(act, txn, "export.made", fields, NULL, err);
}

enum sr_status sr_run_finish_export(struct sr_act *act, struct sr_err *err)
{
	const char *id = sr_act_text(act, "export");
	SR_CLEANUP(finishing_dispose) struct finishing finishing = { .digest = sr_act_text(act, "digest") };
	struct sr_digest digest;

	if (!sr_digest_from_hex(finishing.digest, &digest))
		return sr_fail(err, SR_INVALID, "/digest: must be 64 hexadecimal digits");
	finishing.export = take(act, id);
	sr_act_set_work(act, &finishing);
	if (!finishing.export)
		return sr_act_not_found(act, "export", id, err);
	if ((uint64_t)sr_act_count(act, "members", 0) != finishing.export->members ||
	    (uint64_t)sr_act_count(act, "bytes", 0) != finishing.export->bytes)
		return sr_fail(err, SR_INVALID,
		               "%" PRIu64 " members with %" PRIu64 " bytes were opened for the export %s",
		               finishing.export->members, finishing.export->bytes, id);
	return sr_act_write(act, check_grant, put_made, err);
}
