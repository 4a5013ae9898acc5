/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/reading/reading_describe.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/vault.h"
#include "appliance/keeper/reading/reading.h"
#include "appliance/keeper/reading/reading_grant.h"
#include "appliance/keeper/state/journal.h"

#define MEMBERS_OF_ANSWER 2000 /* of one answer: a frame has its bounds */

/* A description under way: the grant and the log's size are of one snapshot. */
struct work {
	struct sr_reading_grant grant;
	uint64_t size;
	json_t *answer; /* what is being gathered */
	json_t *members;
};

static void work_dispose(struct work *work)
{
	sr_reading_grant_dispose(&work->grant);
	json_decref(work->answer);
}

static enum sr_status look_up(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct work *work = act->work;

	SR_TRY(sr_journal_size(txn, &work->size, err));
	return sr_reading_grant_get(act, txn, sr_act_text(act, "grant"), &work->grant, err);
}

/* --- one case -------------------------------------------------------------------------------------- */

/* One part of a case as the index has it, copied out of the snapshot. */
struct part {
	uint32_t number, first, count;
	uint8_t seal[SR_DIGEST_BYTES];
	char name[SR_STORE_NAME];
	struct sr_buf shown; /* a byte for each member: may it be seen? */
};

struct one_case {
	const char *id;
	json_t *head; /* case, number, title, category, parts */
	struct part *parts;
	size_t count;
};

static void one_case_dispose(struct one_case *one)
{
	for (size_t i = 0; i < one->count; i++)
		sr_buf_dispose(&one->parts[i].shown);
	free(one->parts);
	json_decref(one->head);
}

static json_t *text_of(struct sr_bytes bytes)
{
	return json_stringn((const char *)bytes.data, bytes.size);
}

static enum sr_status describe_part(const struct sr_case_part *part, json_t *parts, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *one = NULL;
	char sealed_at[SR_TIME_TEXT], seal[SR_DIGEST_HEX];

	sr_time_format_utc(part->sealed_ns, sealed_at);
	sr_hex_encode(part->seal, sizeof(part->seal), seal);
	SR_TRY(SR_JSON_PACK(&one, err, "{s:i,s:s,s:s,s:I,s:o?,s:o?}", "part", (int)part->number, "sealed_at",
	                    sealed_at, "seal", seal, "bytes", (json_int_t)part->bytes, "handler",
	                    text_of(part->handler), "archivist", text_of(part->archivist)));
	return sr_json_append(parts, SR_MOVE(one), err);
}

static enum sr_status describe_head(const struct sr_case_record *record, struct one_case *one,
                                    struct sr_err *err)
{
	return SR_JSON_PACK(&one->head, err, "{s:s,s:o?,s:o?,s:o?,s:[]}", "case", one->id, "number",
	                    text_of(record->number), "title", text_of(record->title), "category",
	                    text_of(record->category), "parts");
}

static enum sr_status mark_shown(struct sr_act *act, struct sr_txn *txn, const struct sr_case_record *record,
                                 const char *id, struct part *part, struct sr_err *err)
{
	const struct work *work = act->work;
	struct sr_members members;
	struct sr_member_row row;

	SR_TRY(sr_case_store_members(txn, &record->id, part->number, &members, err));
	part->first = members.first_number;
	part->count = members.count;
	for (uint32_t i = 0; i < members.count; i++) {
		SR_TRY(sr_members_get(&members, members.first_number + i, &row, err));
		uint8_t shown = sr_reading_grant_shows(act, &work->grant, id, &row);
		SR_TRY(sr_buf_add(&part->shown, &shown, 1, err));
	}
	return SR_OK;
}

/* What the index says of a case, copied: the snapshot is not kept while archives are read. */
static enum sr_status gather_case(struct sr_act *act, struct one_case *one, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_case_record record;
	struct sr_case_part found;
	struct sr_case_id id;

	SR_TRY(sr_txn_read(act->keeper->env, &txn, err));
	if (!sr_case_id_parse(one->id, &id))
		return sr_fail(err, SR_CORRUPT, "the grant names no case: %s", one->id);
	SR_TRY(sr_case_store_get(txn, &id, &record, err));
	SR_TRY(describe_head(&record, one, err));
	one->parts = calloc(record.part_count ? record.part_count : 1, sizeof(*one->parts));
	if (!one->parts)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a case's parts");
	struct sr_cursor walk = sr_case_walk(record.parts);
	while (one->count < record.part_count && sr_case_part_next(&walk, &found)) {
		struct part *part = &one->parts[one->count++];

		part->number = found.number;
		memcpy(part->seal, found.seal, sizeof(part->seal));
		if (found.archive.size >= sizeof(part->name))
			return sr_fail(err, SR_CORRUPT, "the index names no archive");
		memcpy(part->name, found.archive.data, found.archive.size);
		SR_TRY(describe_part(&found, json_object_get(one->head, "parts"), err));
		SR_TRY(mark_shown(act, txn, &record, one->id, part, err));
	}
	return SR_OK;
}

/* --- its members ----------------------------------------------------------------------------------- */

static enum sr_status begin_answer(struct work *work, const struct one_case *one, struct sr_err *err)
{
	work->answer = json_copy(one->head);
	if (!work->answer)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an answer");
	SR_TRY(sr_json_set(work->answer, "members", json_array(), err));
	work->members = json_object_get(work->answer, "members");
	return SR_OK;
}

static enum sr_status send_answer(struct sr_act *act, struct sr_err *err)
{
	struct work *work = act->work;

	if (sr_act_is_abandoned(act))
		return sr_fail(err, SR_IO, "the caller is gone");
	return sr_act_continue(act, SR_MOVE(work->answer), err);
}

/* Of a medium: what explains it, its transcript and when it was made; of a document its pages. */
static enum sr_status add_recording(const json_t *member, json_t *row, struct sr_err *err)
{
	static const char *const copied[] = { "explanation", "transcript", "recorded_from", "recorded_to",
		                              "gaps",        "page_from",  "page_to",       "document_no" };

	for (size_t i = 0; i < SR_COUNT(copied); i++) {
		json_t *value = json_object_get(member, copied[i]);

		if (value && !json_is_null(value))
			SR_TRY(sr_json_set(row, copied[i], json_deep_copy(value), err));
	}
	return SR_OK;
}

static enum sr_status add_member(struct work *work, const struct part *part,
                                 const struct sr_catalogue_member *member, size_t order, struct sr_err *err)
{
	static const char *const copied[] = {
		"volume", "kind", "title", "date", "responsible", "media_type"
	};
	SR_CLEANUP(sr_json_decrefp) json_t *row = NULL;
	char sha256[SR_DIGEST_HEX];

	sr_hex_encode(member->sha256, sizeof(member->sha256), sha256);
	SR_TRY(SR_JSON_PACK(&row, err, "{s:i,s:i,s:s,s:s}", "number", (int)member->number, "part",
	                    (int)part->number, "class", sr_member_class_name(member->class), "path",
	                    member->path));
	for (size_t i = 0; i < SR_COUNT(copied); i++) {
		const char *text = sr_json_text(member->json, copied[i]);

		SR_TRY(sr_json_set(row, copied[i], text ? json_string(text) : json_null(), err));
	}
	if (!sr_json_text(row, "volume"))
		SR_TRY(sr_json_set(row, "volume", json_string("main"), err));
	SR_TRY(add_recording(member->json, row, err));
	SR_TRY(sr_json_set(row, "bytes", json_integer((json_int_t)member->bytes), err));
	SR_TRY(sr_json_set(row, "sha256", json_string(sha256), err));
	SR_TRY(sr_json_set(row, "order", json_integer((json_int_t)order), err));
	return sr_json_append(work->members, SR_MOVE(row), err);
}

static enum sr_status describe_members(struct sr_act *act, const struct one_case *one,
                                       const struct part *part, const struct sr_catalogue *catalogue,
                                       size_t *order, struct sr_err *err)
{
	struct work *work = act->work;

	for (size_t i = 0; i < catalogue->member_count; i++) {
		const struct sr_catalogue_member *member = &catalogue->members[i];

		(*order)++;
		if (member->number < part->first || member->number - part->first >= part->shown.size ||
		    !part->shown.data[member->number - part->first])
			continue;
		if (json_array_size(work->members) == MEMBERS_OF_ANSWER) {
			SR_TRY(send_answer(act, err));
			SR_TRY(begin_answer(work, one, err));
		}
		SR_TRY(add_member(work, part, member, *order, err));
	}
	return SR_OK;
}

static enum sr_status require_seal(const struct sr_archive *archive, const struct part *part,
                                   struct sr_err *err)
{
	struct sr_digest seal;

	SR_TRY(sr_vault_seal_digest(archive, &seal, err));
	if (memcmp(seal.bytes, part->seal, SR_DIGEST_BYTES) != 0)
		return sr_fail(err, SR_TAMPERED, "archive %s: it has another seal than the ledger says",
		               part->name);
	return SR_OK;
}

static enum sr_status describe_case(struct sr_act *act, const char *id, struct sr_err *err)
{
	struct sr_keeper *keeper = act->keeper;
	SR_CLEANUP(one_case_dispose) struct one_case one = { .id = id };
	size_t order = 0;

	SR_TRY(gather_case(act, &one, err));
	SR_TRY(begin_answer(act->work, &one, err));
	for (size_t i = 0; i < one.count; i++) {
		SR_CLEANUP(sr_vault_archive_dispose) struct sr_vault_archive opened = { .fd = -1 };

		SR_TRY(sr_vault_open(keeper->data, sr_keyring_opener(keeper->keyring), one.parts[i].name,
		                     &opened, err));
		SR_TRY(require_seal(opened.archive, &one.parts[i], err));
		SR_TRY(describe_members(act, &one, &one.parts[i], opened.catalogue, &order, err));
	}
	return send_answer(act, err);
}

/* A case that cannot be shown is named and does not hide the others. */
static enum sr_status describe_or_name(struct sr_act *act, const char *id, struct sr_err *err)
{
	struct work *work = act->work;
	json_t *part = NULL;

	enum sr_status status = describe_case(act, id, err);
	if (status != SR_CORRUPT && status != SR_TAMPERED && status != SR_NOT_FOUND)
		return status;
	json_decref(work->answer);
	work->answer = NULL;
	sr_text_make_printable(err->text, sizeof(err->text));
	SR_TRY(SR_JSON_PACK(&part, err, "{s:s,s:s}", "case", id, "damage", err->text));
	return sr_act_continue(act, part, err);
}

enum sr_status sr_run_describe_grant(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(work_dispose) struct work work = { 0 };
	size_t index;
	json_t *id;

	sr_act_set_work(act, &work);
	if (!sr_act_wants_more(act))
		return sr_fail(err, SR_INVALID, "DescribeGrant has an answer for each case: ask for more");
	if (!act->moved) {
		act->move_to = act->keeper->reading->unlocking;
		return sr_fail(err, SR_BUSY, "too many archives are being unlocked");
	}
	SR_TRY(sr_act_read(act, look_up, err));
	const json_t *grant = work.grant.grant;
	json_array_foreach(json_object_get(grant, "cases"), index, id)
		SR_TRY(describe_or_name(act, json_string_value(id), err));
	const bool no_cache =
		json_is_true(json_object_get(grant, "no_cache")) || sr_json_text(grant, "escort") != NULL;
	return sr_act_reply(act, err, "{s:s,s:s,s:s,s:s,s:o,s:b,s:I}", "grant", sr_act_text(act, "grant"),
	                    "request", sr_json_text(grant, "request"), "from", sr_json_text(grant, "from"),
	                    "until", sr_json_text(grant, "until"), "channels",
	                    json_deep_copy(json_object_get(grant, "channels")), "no_cache", no_cache, "entry",
	                    (json_int_t)work.size - 1);
}
