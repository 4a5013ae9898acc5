/* SPDX-License-Identifier: Apache-2.0 */
/* Cases for a keeper_room, in the log and in the index as a seal puts them, without archives. */
#pragma once

#include "tests/unit/keeper/keeper_fixture.h"

#include "appliance/base/uuid.h"
#include "appliance/index/case_store.h"
#include "appliance/index/terms.h"
#include "appliance/keeper/state/classes.h"

#define CASE_MEMBERS 6

struct filed_case {
	const char *number, *organ, *handler;
	uint8_t classes;
	int64_t retention_end_day; /* 0: permanent */
	unsigned count;
	struct {
		bool sub;
		uint8_t classes;
	} members[CASE_MEMBERS];
	char id[SR_UUID_TEXT];
};

static inline struct sr_bytes case_text(const char *text)
{
	return (struct sr_bytes){ (const uint8_t *)text, strlen(text) };
}

static inline enum sr_status case_members(const struct filed_case *c, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_members_packer_dispose) struct sr_members_packer packer = { .first_number = 1 };

	for (unsigned i = 0; i < c->count; i++) {
		struct sr_member_row row = { .offset = 512 * (i + 1),
			                     .sub_volume = c->members[i].sub,
			                     .classes = c->members[i].classes,
			                     .path = case_text("documents/a.pdf"),
			                     .title = case_text("a") };

		SR_TRY(sr_members_pack(&packer, &row, err));
	}
	return sr_members_finish(&packer, out, err);
}

static inline enum sr_status case_index(const struct filed_case *c, struct sr_txn *txn, struct sr_err *err)
{
	SR_CLEANUP(sr_terms_freep) struct sr_terms *terms = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf parts = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf members = { 0 };
	struct sr_case_part part = { .number = 1,
		                     .classes = c->classes,
		                     .first_member = 1,
		                     .member_count = c->count,
		                     .bytes = 10,
		                     .archive = case_text("a-001.tar"),
		                     .handler = case_text(c->handler) };
	struct sr_case_record record = { .classes = c->classes,
		                         .retention_years = c->retention_end_day ? 10 : 0,
		                         .retention_end_day =
		                                 c->retention_end_day ? c->retention_end_day : SR_NO_DAY,
		                         .started_ns = SR_NO_TIME,
		                         .closed_day = SR_NO_DAY,
		                         .listed_day = 20000,
		                         .number = case_text(c->number),
		                         .title = case_text("样例案件"),
		                         .organ = case_text(c->organ),
		                         .handler = case_text(c->handler),
		                         .part_count = 1,
		                         .member_count = c->count,
		                         .bytes = 10 };
	struct sr_case_filing filing = { 0 };
	uint64_t ordinal;

	assert_true(sr_case_id_parse(c->id, &record.id));
	SR_TRY(sr_case_pack_part(&parts, &part, err));
	record.parts = sr_buf_bytes(&parts);
	SR_TRY(case_members(c, &members, err));
	filing.members = sr_buf_bytes(&members);
	SR_TRY(sr_terms_new(c->classes, &terms, err));
	SR_TRY(sr_terms_add_record(terms, &record, err));
	SR_TRY(sr_terms_pack(terms, &filing.terms, err));
	return sr_case_store_add(txn, &record, &filing, &ordinal, err);
}

struct case_filing {
	struct sr_keeper *keeper;
	const struct filed_case *filed;
};

static inline enum sr_status case_put(void *context, struct sr_txn *txn, struct sr_err *err)
{
	static const char digest[] = "0000000000000000000000000000000000000000000000000000000000000000";
	const struct case_filing *filing = context;
	const struct filed_case *c = filing->filed;
	char day[SR_TIME_TEXT];
	json_t *classes = NULL;

	sr_date_format(c->retention_end_day, day);
	SR_TRY(sr_classes_to_json(c->classes, true, &classes, err));
	SR_TRY(sr_keeper_record(filing->keeper, txn, "case.sealed",
	                        json_pack("{s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:s,s:s,s:s,s:s*,s:o}",
	                                  "case", c->id, "part", 1, "number", c->number, "organ", c->organ,
	                                  "seal", digest, "stamp", digest, "stamped_at",
	                                  "2026-01-01T00:00:00Z", "members", (int)c->count, "bytes", 10,
	                                  "handler", c->handler, "archivist", "archivist", "retention",
	                                  c->retention_end_day ? "10y" : "permanent", "retained_until",
	                                  c->retention_end_day ? day : NULL, "classification", classes),
	                        NULL, err));
	return case_index(c, txn, err);
}

/* Seal it, as far as anybody can tell; its id is filled in. */
static inline void file_case(struct keeper_room *room, struct filed_case *c)
{
	struct case_filing filing = { .keeper = room->keeper, .filed = c };
	struct sr_err err;

	assert_ok(sr_uuid_make(sr_keeper_now_ns(room->keeper), c->id, &err));
	if (sr_keeper_write(room->keeper, case_put, &filing, false, &err) != SR_OK)
		fail_msg("%s: %s", c->number, err.text);
}

/* Somebody who reads by a pass under @grant: ask as @pass from now on. */
static inline void open_pass(struct keeper_room *room, const char *pass, const char *grant)
{
	struct sr_keeper *keeper = room->keeper;
	struct keeper_session *free_place = room->sessions;
	const struct sr_session_opening opening = {
		.user = pass,
		.role = SR_ROLE_PARTY,
		.organ = CITY,
		.grant = grant,
		.channel = SR_SESSION_WEB,
		.address = "192.0.2.8",
		.now_ns = sr_keeper_now_ns(keeper),
	};
	struct sr_session session;
	struct sr_err err;

	while (free_place->user[0] && strcmp(free_place->user, pass) != 0)
		free_place++;
	assert_true(free_place < room->sessions + KEEPER_SESSIONS);
	assert_ok(sr_session_make(&opening, &session, free_place->token, &err));
	sr_label_copy(free_place->user, pass);
	pthread_mutex_lock(&keeper->lock);
	assert_ok(sr_session_table_add(keeper->sessions, &session, opening.now_ns, &err));
	pthread_mutex_unlock(&keeper->lock);
}

/* A text of an answer, copied; the answer is dropped. */
static inline void take_text(json_t *reply, const char *key, char *out, size_t size)
{
	const char *text = sr_json_text(reply, key);

	snprintf(out, size, "%s", text ? text : "");
	json_decref(reply);
}
