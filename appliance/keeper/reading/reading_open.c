/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/reading/reading_open.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/reading/reading.h"
#include "appliance/keeper/reading/reading_export.h"
#include "appliance/keeper/reading/reading_grant.h"
#include "appliance/keeper/requests/request_words.h"
#include "appliance/keeper/state/gate.h"
#include "appliance/keeper/state/reduce.h"
#include "appliance/keeper/state/scope.h"
#include "appliance/keeper/wire/call.h"

/* What one opening holds. */
struct opening {
	const char *grant_id, *channel;
	uint32_t number;
	struct sr_reading_grant grant;
	char case_id[SR_UUID_TEXT];
	char archive[SR_STORE_NAME];
	uint32_t part;
	uint8_t seal[SR_DIGEST_BYTES];
	uint64_t offset, bytes;
	uint8_t head[SR_DIGEST_BYTES];
	char path[SR_LIMIT_PATH_BYTES + 1];
	struct sr_unlocked_cache *cache;
	const struct sr_unlocked *unlocked;
	const struct sr_unlocked_member *member;
	int fd;
	uint8_t key[SR_SUITE_KEY_MAX];
	char program[SR_LIVE_PROGRAM];
	json_t *officials; /* who approved, by their names at this moment */
	struct sr_entry_plan plan;
	uint64_t opened;
};

static void opening_dispose(struct opening *opening)
{
	sr_reading_grant_dispose(&opening->grant);
	sr_unlocked_cache_release(opening->cache, opening->unlocked);
	sr_fd_close(opening->fd);
	sr_wipe(opening->key, sizeof(opening->key));
	json_decref(opening->officials);
	sr_entry_plan_dispose(&opening->plan);
}

/* --- may they? ------------------------------------------------------------------------------------- */

static enum sr_status take_member(struct opening *opening, const struct sr_case_part *part,
                                  const struct sr_member_row *row, struct sr_err *err)
{
	if (part->archive.size >= sizeof(opening->archive) || row->path.size >= sizeof(opening->path))
		return sr_fail(err, SR_CORRUPT,
		               "the index has no such archive or path; run: strongroom rebuild");
	memcpy(opening->archive, part->archive.data, part->archive.size);
	opening->archive[part->archive.size] = 0;
	memcpy(opening->path, row->path.data, row->path.size);
	opening->path[row->path.size] = 0;
	memcpy(opening->seal, part->seal, sizeof(opening->seal));
	memcpy(opening->head, row->head, sizeof(opening->head));
	opening->part = part->number;
	opening->offset = row->offset;
	opening->bytes = row->bytes;
	return SR_OK;
}

/* A receipt of the entry tells people, not accounts, also where nobody can be asked. */
static enum sr_status name_officials(struct opening *opening, struct sr_txn *txn, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *names = json_array();
	json_t *user, *name;
	size_t index;

	json_array_foreach(json_object_get(opening->grant.grant, "approved_by"), index, user) {
		SR_TRY(sr_name_of(txn, json_string_value(user), &name, err));
		SR_TRY(sr_json_append(names, name, err));
	}
	json_decref(opening->officials);
	opening->officials = SR_MOVE(names);
	return SR_OK;
}

/* Clock, grant, scope, volume, clearances, escort: and where the member lies. */
static enum sr_status look_up(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct opening *opening = act->work;
	struct sr_case_record record;
	struct sr_case_part part;
	struct sr_member_row row;

	SR_TRY(sr_reading_grant_get(act, txn, opening->grant_id, &opening->grant, err));
	SR_TRY(name_officials(opening, txn, err));
	SR_TRY(sr_reading_grant_case(act, txn, &opening->grant, sr_act_text(act, "case"), &record, err));
	sr_case_id_format(&record.id, opening->case_id);
	enum sr_status status = sr_case_store_member(txn, &record.id, opening->number, &part, &row, err);
	if (status == SR_NOT_FOUND ||
	    (status == SR_OK && !sr_reading_grant_shows(act, &opening->grant, opening->case_id, &row)))
		return sr_reading_grant_refuse(act, opening->grant_id, err);
	SR_TRY(status);
	SR_TRY(sr_reading_require_escort(act, opening->grant.grant, err));
	return take_member(opening, &part, &row, err);
}

/* In the writer's transaction: what may have changed since, and the gate's own word. */
static enum sr_status check(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct opening *opening = act->work;
	SR_CLEANUP(sr_reading_grant_dispose) struct sr_reading_grant again = { 0 };
	const struct sr_gate_question question = {
		.grant = opening->grant_id,
		.reader = act->caller.pass ? NULL : act->caller.user,
		.pass = act->caller.pass ? act->caller.user : NULL,
		.case_id = opening->case_id,
		.member = opening->number,
		.channel = opening->channel,
		.now_ns = sr_keeper_now_ns(act->keeper),
	};

	SR_TRY(sr_reading_require_clock(act, err));
	SR_TRY(sr_reading_require_escort(act, opening->grant.grant, err));
	enum sr_status status = sr_gate_ask(txn, &question, NULL, err);
	if (status != SR_DENIED)
		return status;
	SR_TRY(sr_reading_grant_get(act, txn, opening->grant_id, &again, err)); /* says which it is */
	return sr_reading_grant_refuse(act, opening->grant_id, err);
}

/* --- the key --------------------------------------------------------------------------------------- */

static bool is_unchanged(const struct opening *opening, const struct sr_unlocked *unlocked)
{
	struct sr_file_mark mark;
	struct stat st;

	if (fstat(opening->fd, &st) < 0)
		return false;
	mark = sr_file_mark_of(&st);
	return sr_file_mark_equal(&mark, &unlocked->mark);
}

/*
 * The archive's identity: at hand, or unlocked now by one of the threads that are there for it.  A thread of
 * its own descriptor for every opening: flags and position of one reader are not another's.
 */
static enum sr_status unlock(struct sr_act *act, struct opening *opening, struct sr_err *err)
{
	struct sr_reading *reading = act->keeper->reading;
	struct sr_unlocked_cache *cache = reading->cache;

	SR_TRY(sr_store_open_archive(act->keeper->data->store, opening->archive, &opening->fd, err));
	opening->unlocked = sr_unlocked_cache_look(cache, opening->archive);
	if (opening->unlocked && !is_unchanged(opening, opening->unlocked)) {
		sr_unlocked_cache_release(cache, SR_MOVE(opening->unlocked));
		sr_unlocked_cache_forget(cache, opening->archive);
	}
	if (!opening->unlocked && !act->moved) {
		act->move_to = reading->unlocking;
		return sr_fail(err, SR_BUSY, "the archive is being unlocked");
	}
	if (!opening->unlocked)
		SR_TRY(sr_unlocked_cache_get(cache, opening->archive, &opening->unlocked, err));
	assert(opening->unlocked != NULL);
	if (!is_unchanged(opening, opening->unlocked))
		return sr_fail(err, SR_TAMPERED, "archive %s: its file changes", opening->archive);
	if (memcmp(opening->unlocked->seal.bytes, opening->seal, SR_DIGEST_BYTES) != 0)
		return sr_fail(err, SR_TAMPERED, "archive %s: it has another seal than the ledger says",
		               opening->archive);
	return SR_OK;
}

static enum sr_status find_key(struct sr_act *act, struct opening *opening, struct sr_err *err)
{
	SR_TRY(unlock(act, opening, err));
	opening->member = sr_unlocked_find(opening->unlocked, opening->number);
	if (!opening->member || opening->member->offset != opening->offset ||
	    opening->member->bytes != opening->bytes)
		return sr_fail(err, SR_TAMPERED, "archive %s: member %u is another than the index says",
		               opening->archive, (unsigned)opening->number);
	sr_unlocked_foresee(opening->unlocked, opening->fd, opening->member);
	return sr_unlocked_key(opening->unlocked, opening->fd, opening->member, opening->head, opening->key,
	                       err);
}

/* --- the entry ------------------------------------------------------------------------------------- */

/* The name that the kernel has for the reading program; for the log, not for deciding. */
static void find_program(struct sr_act *act, struct opening *opening)
{
	char path[64];
	ssize_t got;
	int fd;

	if (act->caller.pid <= 0)
		return;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)act->caller.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	got = read(fd, opening->program, sizeof(opening->program) - 1);
	sr_fd_close(fd);
	opening->program[got > 0 ? got : 0] = 0;
	opening->program[strcspn(opening->program, "\n")] = 0;
	sr_text_make_printable(opening->program, sizeof(opening->program));
}

static enum sr_status caller_fields(const struct sr_act *act, const struct opening *opening, json_t *fields,
                                    struct sr_err *err)
{
	const struct sr_caller *caller = &act->caller;

	if (caller->has_uid)
		SR_TRY(sr_json_set(fields, "uid", json_integer(caller->uid), err));
	else if (caller->address[0])
		SR_TRY(sr_json_set(fields, "address", json_string(caller->address), err));
	if (caller->pid > 0)
		SR_TRY(sr_json_set(fields, "pid", json_integer(caller->pid), err));
	if (opening->program[0])
		SR_TRY(sr_json_set(fields, "program", json_string(opening->program), err));
	if (caller->session[0])
		SR_TRY(sr_json_set(fields, "session", json_string(caller->session), err));
	if (caller->pass)
		SR_TRY(sr_json_set(fields, "pass", json_string(caller->user), err));
	return SR_OK;
}

/* The whole entry but its number and time, made before the writer is asked for its own. */
static enum sr_status plan_entry(struct sr_act *act, struct opening *opening, struct sr_err *err)
{
	const json_t *grant = opening->grant.grant;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;

	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s,s:s,s:O,s:s,s:i,s:i,s:s}", "grant", opening->grant_id,
	                    "request", sr_json_text(grant, "request"), "approved_by",
	                    json_object_get(grant, "approved_by"), "case", opening->case_id, "part",
	                    (int)opening->part, "member", (int)opening->number, "channel", opening->channel));
	SR_TRY(caller_fields(act, opening, fields, err));
	if (!act->caller.pass && act->caller.full_name[0])
		SR_TRY(sr_json_set(fields, "reader_name", json_string(act->caller.full_name), err));
	SR_TRY(sr_json_set(fields, "approved_by_names", json_incref(opening->officials), err));
	return sr_act_plan(act, "access.opened", fields, &opening->plan, err);
}

static enum sr_status apply(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct opening *opening = act->work;

	return sr_record_planned(txn, &opening->plan, sr_keeper_now_ns(act->keeper), &opening->opened, err);
}

static enum sr_status make_access(struct sr_act *act, const struct opening *opening,
                                  struct sr_live_access **out, struct sr_err *err)
{
	const struct sr_peer *peer = sr_call_peer(act->call);
	const struct sr_caller *caller = &act->caller;
	SR_CLEANUP(sr_live_access_freep) struct sr_live_access *access = calloc(1, sizeof(*access));

	if (!access)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an access");
	access->kind = peer->kind;
	access->connection = peer->connection;
	access->part = opening->part;
	access->member = opening->number;
	access->bytes = opening->bytes;
	access->since_ns = sr_keeper_now_ns(act->keeper);
	access->has_uid = caller->has_uid;
	access->uid = caller->uid;
	access->pid = caller->pid;
	sr_label_copy(access->grant, opening->grant_id);
	sr_label_copy(access->user, caller->user);
	memcpy(access->case_id, opening->case_id, sizeof(access->case_id));
	snprintf(access->channel, sizeof(access->channel), "%s", opening->channel);
	memcpy(access->address, caller->address, sizeof(access->address));
	memcpy(access->program, opening->program, sizeof(access->program));
	SR_TRY(sr_caller_actor(caller, &access->actor, err));
	*out = SR_MOVE(access);
	return SR_OK;
}

/* In the table before it is written, so that no connection can end unnoticed in between. */
static enum sr_status write_opening(struct sr_act *act, struct opening *opening, struct sr_err *err)
{
	struct sr_live *live = act->keeper->reading->live;
	SR_CLEANUP(sr_live_access_freep) struct sr_live_access *access = NULL;

	find_program(act, opening);
	SR_TRY(plan_entry(act, opening, err));
	SR_TRY(make_access(act, opening, &access, err));
	struct sr_live_access *admitted = access;
	SR_TRY(sr_live_admit(live, &access, err));
	enum sr_status status = sr_act_write(act, check, apply, err);
	if (status == SR_OK)
		sr_live_confirm(live, admitted, opening->opened, sr_act_is_abandoned(act));
	else
		sr_live_cancel(live, admitted);
	return status;
}

/* --- the answer ------------------------------------------------------------------------------------ */

static enum sr_status answer(struct sr_act *act, struct opening *opening, struct sr_err *err)
{
	const json_t *grant = opening->grant.grant;
	const bool no_cache =
		json_is_true(json_object_get(grant, "no_cache")) || sr_json_text(grant, "escort") != NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf key = { .secret = true };
	char sha256[SR_DIGEST_HEX];
	const char *text;

	sr_digest_to_hex(&opening->member->sha256, sha256);
	SR_TRY(sr_base64_encode(SR_BASE64_PADDED, opening->key, opening->unlocked->suite->key_bytes, &key,
	                        err));
	SR_TRY(sr_buf_text(&key, &text, err));
	SR_TRY(sr_act_reply(act, err, "{s:I,s:I,s:s,s:i,s:i,s:s,s:s,s:I,s:s,s:I,s:s,s:s,s:s,s:b}", "opened",
	                    (json_int_t)opening->opened, "entry", (json_int_t)opening->opened, "case",
	                    opening->case_id, "part", (int)opening->part, "member", (int)opening->number,
	                    "path", opening->path, "media_type",
	                    sr_unlocked_media_type(opening->unlocked, opening->member), "bytes",
	                    (json_int_t)opening->bytes, "sha256", sha256, "offset",
	                    (json_int_t)opening->offset, "suite", opening->unlocked->suite->name, "key", text,
	                    "until", sr_json_text(grant, "until"), "no_cache", no_cache));
	int fd = opening->fd;
	opening->fd = -1;
	return sr_descriptors_add(&act->give, fd, err);
}

enum sr_status sr_run_open_member(struct sr_act *act, struct sr_err *err)
{
	const int64_t number = sr_act_count(act, "member", 0);
	SR_CLEANUP(opening_dispose)
	struct opening opening = { .grant_id = sr_act_text(act, "grant"),
		                   .channel = sr_act_text(act, "channel"),
		                   .number = number <= UINT32_MAX ? (uint32_t)number : 0,
		                   .cache = act->keeper->reading->cache,
		                   .fd = -1 };

	sr_act_set_work(act, &opening);
	SR_TRY(sr_reading_require_channel(act, opening.channel, err));
	SR_TRY(sr_reading_require_clock(act, err));
	SR_TRY(sr_act_read(act, look_up, err));
	if (!sr_scope_lists(json_object_get(opening.grant.grant, "channels"), opening.channel))
		return sr_reading_grant_refuse(act, opening.grant_id, err);
	if (strcmp(opening.channel, "copy") == 0)
		SR_TRY(sr_export_require(act, opening.grant_id, err));
	SR_TRY(find_key(act, &opening, err));
	SR_TRY(write_opening(act, &opening, err));
	if (strcmp(opening.channel, "copy") == 0)
		sr_export_count(act, opening.grant_id, opening.case_id, opening.bytes);
	return answer(act, &opening, err);
}

/* --- CheckMember ----------------------------------------------------------------------------------- */

static enum sr_status check_again(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct opening *opening = act->work;

	SR_TRY(sr_reading_grant_get(act, txn, opening->grant_id, &opening->grant, err));
	return check(act, txn, err);
}

enum sr_status sr_run_check_member(struct sr_act *act, struct sr_err *err)
{
	const uint64_t opened = (uint64_t)sr_act_count(act, "opened", 0);
	struct sr_live_access access;
	char number[24];

	if (!sr_live_look(act->keeper->reading->live, opened, sr_call_peer(act->call), &access)) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)opened);
		return sr_act_not_found(act, "open access", number, err);
	}
	SR_CLEANUP(opening_dispose)
	struct opening opening = {
		.grant_id = access.grant, .channel = access.channel, .number = access.member, .fd = -1
	};
	memcpy(opening.case_id, access.case_id, sizeof(opening.case_id));
	sr_act_set_work(act, &opening);
	SR_TRY(sr_act_read(act, check_again, err));
	return sr_act_reply(act, err, "{s:s}", "until", sr_json_text(opening.grant.grant, "until"));
}
