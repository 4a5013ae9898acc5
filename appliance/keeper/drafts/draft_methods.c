/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gathering a case: CreateDraft, ListDrafts, ShowDraft, DescribeDraft, AddMember, RemoveMember, CheckDraft,
 * AnswerFinding.
 */
#include "appliance/keeper/drafts/methods.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/casefile/folder.h"
#include "appliance/casefile/member_path.h"
#include "appliance/keeper/core/act_progress.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/uploads.h"
#include "appliance/keeper/drafts/draft.h"
#include "appliance/keeper/drafts/draft_view.h"
#include "appliance/keeper/state/counter.h"
#include "appliance/keeper/state/numbered.h"
#include "appliance/keeper/state/record.h"

/* --- CreateDraft ----------------------------------------------------------------------------------- */

struct creating {
	const char *number;
	char part_of[SR_UUID_TEXT]; /* "" : a new case */
	char id[SR_LABEL_BYTES];
};

/* The case that a supplement belongs to must be one that the caller may know of. */
static enum sr_status find_part_of(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct creating *creating = act->work;
	const char *reference = sr_act_text(act, "part_of");
	struct sr_case_record record;

	if (!reference)
		return SR_OK;
	SR_TRY(sr_case_view_find(act, txn, reference, &record, err));
	sr_case_id_format(&record.id, creating->part_of);
	return SR_OK;
}

static enum sr_status put_opened(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct creating *creating = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;

	SR_TRY(sr_counter_next(txn, 'D', creating->id, err));
	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s,s:s,s:s}", "draft", creating->id, "organ", act->caller.organ,
	                    "handler", act->caller.user));
	if (creating->number)
		SR_TRY(sr_json_set(fields, "number", json_string(creating->number), err));
	if (creating->part_of[0])
		SR_TRY(sr_json_set(fields, "part_of", json_string(creating->part_of), err));
	return sr_act_record(act, txn, "draft.opened", SR_MOVE(fields), NULL, err);
}

/* What case.json begins with: the description given, or a form to fill in. */
static enum sr_status first_description(struct sr_act *act, const char *number, json_t **out,
                                        struct sr_err *err)
{
	const json_t *given = sr_act_value(act, "description");
	SR_CLEANUP(sr_json_decrefp) json_t *description = NULL;

	if (given)
		description = json_deep_copy(given);
	else
		description = json_pack("{s:s,s:{s:s}}", "format", "strongroom-case-description/1", "organ",
		                        "code", act->caller.organ);
	if (!description)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a description");
	if (!json_object_get(description, "format"))
		SR_TRY(sr_json_set(description, "format", json_string("strongroom-case-description/1"), err));
	if (!sr_json_text(description, "number") && number)
		SR_TRY(sr_json_set(description, "number", json_string(number), err));
	if (!json_object_get(description, "members"))
		SR_TRY(sr_json_set(description, "members", json_array(), err));
	SR_TRY(sr_draft_description_check(description, err));
	*out = SR_MOVE(description);
	return SR_OK;
}

static enum sr_status create_draft(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_draft_folder_close) struct sr_draft_folder folder = { .fd = -1 };
	SR_CLEANUP(sr_json_decrefp) json_t *description = NULL;
	struct creating creating = { .number = sr_act_text(act, "number") };

	if (!act->caller.organ[0])
		return sr_act_refuse(act, "NotYourRole", err, "you belong to no organ");
	SR_TRY(sr_draft_require_space(act->keeper->staging_fd, err));
	SR_TRY(first_description(act, creating.number, &description, err));
	if (!creating.number)
		creating.number = sr_json_text(description, "number");
	sr_act_set_work(act, &creating);
	SR_TRY(sr_act_write(act, find_part_of, put_opened, err));
	SR_TRY(sr_draft_folder_open(act->keeper->staging_fd, creating.id, &folder, err));
	SR_TRY(sr_draft_folder_describe(&folder, description, err));
	return sr_act_reply(act, err, "{s:s}", "draft", creating.id);
}

/* --- ListDrafts, ShowDraft ------------------------------------------------------------------------- */

static const char *const shown[] = { "draft", "organ",  "handler", "number", "part_of",
	                             "state", "opened", "touched", "reason", "case" };

static enum sr_status describe(const json_t *record, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *item = json_object();

	for (size_t i = 0; i < SR_COUNT(shown); i++) {
		json_t *value = json_object_get(record, shown[i]);

		SR_TRY(sr_json_set(item, shown[i], value ? json_incref(value) : json_null(), err));
	}
	*out = SR_MOVE(item);
	return SR_OK;
}

struct listing {
	struct sr_act *act;
	struct sr_txn *txn;
	const char *state; /* NULL: open, returned and submitted ones */
	json_t *drafts;
};

static enum sr_status list_one(void *context, const char *key, json_t *record, struct sr_err *err)
{
	const struct listing *listing = context;
	const char *state = sr_json_text(record, "state");
	SR_CLEANUP(sr_json_decrefp) json_t *item = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *description = NULL;
	bool wanted, may;

	if (listing->state)
		wanted = state && strcmp(state, listing->state) == 0;
	else
		wanted = state && strcmp(state, "sealed") != 0 && strcmp(state, "dropped") != 0;
	if (!wanted)
		return SR_OK;
	SR_TRY(sr_draft_may_know(listing->act, listing->txn, record, &may, err));
	if (!may)
		return SR_OK;
	SR_TRY(describe(record, &item, err));
	SR_TRY(sr_draft_view_description(listing->act->keeper, key, &description, err));
	SR_TRY(sr_draft_view_add(listing->act, listing->txn, record, description, item, err));
	return sr_json_append(listing->drafts, SR_MOVE(item), err);
}

static enum sr_status list_all(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct listing *listing = act->work;

	listing->txn = txn;
	return sr_record_each(txn, SR_DB_DRAFTS, "", list_one, act->work, err);
}

static enum sr_status list_drafts(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *drafts = json_array();
	struct listing listing = { .act = act, .state = sr_act_text(act, "state"), .drafts = drafts };

	sr_act_set_work(act, &listing);
	SR_TRY(sr_act_read(act, list_all, err));
	SR_TRY(sr_numbered_sort(drafts, "draft", err));
	return sr_act_reply(act, err, "{s:O}", "drafts", drafts);
}

/* [{"path","bytes"}] of what lies there. */
static enum sr_status list_files(const struct sr_act *act, const char *draft, json_t **out,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *files = json_array();
	SR_CLEANUP(sr_buf_dispose) struct sr_buf path = { 0 };
	const char *text;

	SR_TRY(sr_buf_printf(&path, err, "%s/staging/%s", act->keeper->data->path, draft));
	SR_TRY(sr_buf_text(&path, &text, err));
	SR_TRY(sr_folder_open(text, &folder, err));
	for (size_t i = 0; i < sr_folder_count(folder); i++) {
		const struct sr_folder_file *file = sr_folder_at(folder, i);
		json_t *item = NULL;

		SR_TRY(SR_JSON_PACK(&item, err, "{s:s,s:I}", "path", file->path, "bytes",
		                    (json_int_t)file->bytes));
		SR_TRY(sr_json_append(files, item, err));
	}
	*out = SR_MOVE(files);
	return SR_OK;
}

struct showing {
	const json_t *record, *description;
	json_t *item;
};

static enum sr_status add_view(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct showing *showing = act->work;

	return sr_draft_view_add(act, txn, showing->record, showing->description, showing->item, err);
}

/* Without the folder's lock: who looks does not wait for a check or a seal. */
static enum sr_status show_draft(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *item = NULL;
	json_t *description = NULL, *files = NULL;

	SR_TRY(sr_draft_get(act, SR_DRAFT_ANY, &record, err));
	SR_TRY(describe(record, &item, err));
	const char *state = sr_json_text(record, "state");
	if (strcmp(state, "sealed") != 0 && strcmp(state, "dropped") != 0) {
		SR_TRY(sr_draft_view_description(act->keeper, sr_json_text(record, "draft"), &description,
		                                 err));
		if (!description)
			SR_TRY(SR_JSON_PACK(&description, err, "{s:[]}", "members"));
		SR_TRY(sr_json_set(item, "description", description, err));
		SR_TRY(list_files(act, sr_json_text(record, "draft"), &files, err));
		SR_TRY(sr_json_set(item, "files", files, err));
	}
	struct showing showing = { record, json_object_get(item, "description"), item };
	sr_act_set_work(act, &showing);
	SR_TRY(sr_act_read(act, add_view, err));
	act->answer = SR_MOVE(item);
	return SR_OK;
}

/* --- changing it ----------------------------------------------------------------------------------- */

/* Write it down, then do it: a crash in between leaves a change that is told and did not happen. */
static enum sr_status change_description(struct sr_act *act, const struct sr_draft_folder *folder,
                                         const json_t *description, json_t *fields, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *taken = fields;

	if (!taken)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an entry");
	SR_TRY(sr_draft_description_check(description, err));
	SR_TRY(sr_draft_record(act, "draft.changed", taken, SR_DRAFT_OPEN, err));
	return sr_draft_folder_describe(folder, description, err);
}

/* Keys that are given take the place of those that are there; null takes one away. */
static enum sr_status describe_draft(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_draft_folder_close) struct sr_draft_folder folder = { .fd = -1 };
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *description = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *given = json_deep_copy(sr_act_value(act, "description"));
	const char *key;
	json_t *value;

	SR_TRY(sr_draft_enter(act, SR_DRAFT_OPEN, &record, &folder, err));
	SR_TRY(sr_draft_folder_description(&folder, &description, err));
	json_object_foreach(given, key, value) {
		if (json_is_null(value))
			(void)json_object_del(description, key);
		else
			SR_TRY(sr_json_set(description, key, json_incref(value), err));
	}
	return change_description(act, &folder, description, json_pack("{s:s}", "what", "description"), err);
}

static json_t *find_member(const json_t *description, const char *path, size_t *index)
{
	const json_t *members = json_object_get(description, "members");

	for (*index = 0; *index < json_array_size(members); (*index)++) {
		json_t *member = json_array_get(members, *index);
		const char *known = sr_json_text(member, "path");

		if (known && strcmp(known, path) == 0)
			return member;
	}
	return NULL;
}

/* The member's entry in the description: what is given, else what is there, with the file's digest. */
static enum sr_status put_member(struct sr_act *act, json_t *description, const char *path,
                                 const struct sr_draft_incoming *incoming, struct sr_err *err)
{
	const json_t *given = sr_act_value(act, "description");
	json_t *members = json_object_get(description, "members");
	SR_CLEANUP(sr_json_decrefp) json_t *member = NULL;
	char digest[SR_DIGEST_HEX];
	size_t index;

	json_t *known = find_member(description, path, &index);
	member = json_deep_copy(given ? given : known);
	if (!member)
		return given || known ? sr_fail(err, SR_NO_MEMORY, "no memory for a member") : SR_OK;
	if (incoming) {
		const char *claimed = sr_json_text(member, "sha256");

		sr_digest_to_hex(&incoming->digest, digest);
		if (claimed && given && strcasecmp(claimed, digest) != 0)
			return sr_fail(err, SR_INVALID, "X10: %s has the SHA-256 %s, not %s", path, digest,
			               claimed);
		SR_TRY(sr_json_set(member, "sha256", json_string(digest), err));
	}
	SR_TRY(sr_json_set(member, "path", json_string(path), err));
	if (!known)
		return sr_json_append(members, SR_MOVE(member), err);
	if (json_array_set(members, index, member) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a member");
	return SR_OK;
}

/* A descriptor, or a finished upload of the caller's, which goes on success. */
static enum sr_status open_incoming(struct sr_act *act, int *fd, struct sr_err *err)
{
	const char *upload = sr_act_text(act, "upload");

	return upload ? sr_uploads_open(act, upload, fd, err) : sr_act_descriptor(act, 0, fd, err);
}

static enum sr_status change_member(struct sr_act *act, const struct sr_draft_folder *folder,
                                    struct sr_draft_incoming *incoming, struct sr_err *err)
{
	const char *path = sr_act_text(act, "path");
	SR_CLEANUP(sr_json_decrefp) json_t *description = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;
	char digest[SR_DIGEST_HEX];

	sr_digest_to_hex(&incoming->digest, digest);
	SR_TRY(sr_draft_folder_description(folder, &description, err));
	SR_TRY(put_member(act, description, path, incoming, err));
	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s,s:s,s:I,s:s}", "what", "member-added", "path", path, "bytes",
	                    (json_int_t)incoming->bytes, "digest", digest));
	SR_TRY(sr_draft_description_check(description, err));
	SR_TRY(sr_draft_record(act, "draft.changed", fields, SR_DRAFT_OPEN, err));
	SR_TRY(sr_draft_folder_place(folder, path, incoming, err));
	return sr_draft_folder_describe(folder, description, err);
}

static enum sr_status add_member(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_draft_folder_close) struct sr_draft_folder folder = { .fd = -1 };
	SR_CLEANUP(sr_draft_incoming_dispose) struct sr_draft_incoming incoming = { 0 };
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *again = NULL;
	char digest[SR_DIGEST_HEX];

	SR_TRY(sr_draft_get(act, SR_DRAFT_OPEN, &record, err));
	SR_TRY(sr_member_path_check(sr_act_text(act, "path"), err));
	SR_TRY(open_incoming(act, &fd, err));
	SR_TRY(sr_draft_receive(act->keeper->staging_fd, fd, &incoming, err));
	SR_TRY(sr_draft_enter(act, SR_DRAFT_OPEN, &again, &folder, err));
	SR_TRY(change_member(act, &folder, &incoming, err));
	if (sr_act_text(act, "upload"))
		sr_uploads_remove(act->keeper, sr_act_text(act, "upload"));
	sr_digest_to_hex(&incoming.digest, digest);
	return sr_act_reply(act, err, "{s:s,s:I,s:s}", "path", sr_act_text(act, "path"), "bytes",
	                    (json_int_t)incoming.bytes, "sha256", digest);
}

static enum sr_status remove_member(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_draft_folder_close) struct sr_draft_folder folder = { .fd = -1 };
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *description = NULL;
	const char *path = sr_act_text(act, "path");
	size_t index;

	SR_TRY(sr_draft_enter(act, SR_DRAFT_OPEN, &record, &folder, err));
	SR_TRY(sr_draft_folder_description(&folder, &description, err));
	bool described = find_member(description, path, &index) != NULL;
	if (described)
		(void)json_array_remove(json_object_get(description, "members"), index);
	SR_TRY(change_description(act, &folder, description,
	                          json_pack("{s:s,s:s}", "what", "member-removed", "path", path), err));
	enum sr_status status = sr_draft_folder_remove(&folder, path, err);
	return status == SR_NOT_FOUND && described ? SR_OK : status;
}

/* --- findings -------------------------------------------------------------------------------------- */

static enum sr_status check_draft(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_draft_folder_close) struct sr_draft_folder folder = { .fd = -1 };
	SR_CLEANUP(sr_draft_verdict_dispose) struct sr_draft_verdict verdict = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

	SR_TRY(sr_draft_enter(act, SR_DRAFT_ALIVE, &record, &folder, err));
	SR_TRY(sr_draft_judge(act, &folder, &verdict, err));
	SR_TRY(sr_act_send_list(act, verdict.check, "findings", err));
	act->answer = SR_MOVE(verdict.check);
	return SR_OK;
}

/* One remark a code: a new one takes the place of the former. */
static enum sr_status put_remark(struct sr_act *act, json_t *description, struct sr_err *err)
{
	const char *code = sr_act_text(act, "code");
	const char *by = sr_act_text(act, "by");
	json_t *remarks = json_object_get(description, "remarks");
	json_t *remark = NULL;

	if (!json_is_array(remarks)) {
		remarks = json_array();
		SR_TRY(sr_json_set(description, "remarks", remarks, err));
	}
	for (size_t i = json_array_size(remarks); i-- > 0;) {
		const char *known = sr_json_text(json_array_get(remarks, i), "code");

		if (known && strcmp(known, code) == 0)
			(void)json_array_remove(remarks, i);
	}
	if (!by)
		by = act->caller.full_name[0] ? act->caller.full_name : act->caller.user;
	SR_TRY(SR_JSON_PACK(&remark, err, "{s:s,s:s,s:s,s:s?}", "code", code, "text",
	                    sr_act_text(act, "text"), "by", by, "head", sr_act_text(act, "head")));
	return sr_json_append(remarks, remark, err);
}

static enum sr_status answer_finding(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_draft_folder_close) struct sr_draft_folder folder = { .fd = -1 };
	SR_CLEANUP(sr_draft_verdict_dispose) struct sr_draft_verdict verdict = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *description = NULL;

	SR_TRY(sr_draft_enter(act, SR_DRAFT_OPEN, &record, &folder, err));
	SR_TRY(sr_draft_folder_description(&folder, &description, err));
	SR_TRY(put_remark(act, description, err));
	SR_TRY(change_description(act, &folder, description,
	                          json_pack("{s:s,s:s}", "what", "remark", "code", sr_act_text(act, "code")),
	                          err));
	SR_TRY(sr_draft_judge(act, &folder, &verdict, err));
	SR_TRY(sr_act_send_list(act, verdict.check, "findings", err));
	act->answer = SR_MOVE(verdict.check);
	return SR_OK;
}

#define GATHERERS (SR_BY(HANDLER) | SR_BY(ARCHIVIST))

static const struct sr_method methods[] = {
	{ "CreateDraft", "number:text? part_of:text? description:object?", GATHERERS, SR_DOOR_PEOPLE, 0,
	  create_draft },
	{ "ListDrafts", "state:text?", GATHERERS, SR_DOOR_PEOPLE, 0, list_drafts },
	{ "ShowDraft", "draft:text", GATHERERS, SR_DOOR_PEOPLE, 0, show_draft },
	{ "DescribeDraft", "draft:text description:object", GATHERERS, SR_DOOR_PEOPLE, 0, describe_draft },
	{ "AddMember", "draft:text path:text description:object? upload:text?", GATHERERS, SR_DOOR_PEOPLE,
	  SR_METHOD_SLOW, add_member },
	{ "RemoveMember", "draft:text path:text", GATHERERS, SR_DOOR_PEOPLE, 0, remove_member },
	{ "CheckDraft", "draft:text", GATHERERS, SR_DOOR_PEOPLE, SR_METHOD_SLOW, check_draft },
	{ "AnswerFinding", "draft:text code:text text:prose by:text? head:text?", GATHERERS, SR_DOOR_PEOPLE,
	  SR_METHOD_SLOW, answer_finding },
};
const struct sr_method_family sr_draft_methods = { methods, SR_COUNT(methods) };
