/* SPDX-License-Identifier: Apache-2.0 */
/* A keeper_room with a case that hardly anybody may know of, and whatever can become of a case. */
#pragma once

#include "tests/unit/keeper/case_fixture.h"
#include "tests/unit/keeper/draft_calls.h"

#define DAYS_LATER 40 /* more than a finding may stay open, and a request wait */
#define YEAR 2026     /* of the clock in both appliances: one whose holidays the rulebook has */

#define NOON_NS (1772424000ll * SR_SECOND_NS) /* Monday 2 March of it, in Shanghai */

static struct keeper_room room;
static struct sr_wire_client *reading; /* what is hidden, all the time */

/* Whoever may know of what is classified privacy; nobody else of the fixture has a clearance. */
static const struct keeper_person cleared[] = {
	{ "receiver", "archivist", CITY },
	{ "decider", "official", CITY },
	{ "overseer", "supervisor", CITY },
};

/* To whom it is hidden: by clearance, by organ, by not being the handler. */
static const char *const strangers[] = {
	"handler",         "archivist",      "archivist2",       "official",        "official2",
	"supervisor",      "county-handler", "county-archivist", "county-official", "county-supervisor",
	"other-archivist", "other-official", "other-supervisor",
};

/* --- the appliance -------------------------------------------------------------------------------- */

enum kind { CASE, NUMBER, DRAFT, PART_DRAFT, REQUEST, GRANT, REVIEW, FINDING, HOLD, DISPOSAL, SEQ, KINDS };

/* What is hidden, and a name of the same length that nothing has. */
static struct name {
	const char *placeholder, *missing;
	char hidden[SR_UUID_TEXT];
} names[KINDS] = {
	[CASE] = { "@case", "01900000-0000-7000-8000-000000000001", "" },
	[NUMBER] = { "@number", "样〔2026〕99号", "" },
	[DRAFT] = { "@draft", "D00099", "" },
	[PART_DRAFT] = { "@part-draft", "D00098", "" },
	[REQUEST] = { "@request", "R00099", "" },
	[GRANT] = { "@grant", "G00099-zzzzzz", "" },
	[REVIEW] = { "@review", "V00099", "" },
	[FINDING] = { "@finding", "V00099-1", "" },
	[HOLD] = { "@hold", "H00099", "" },
	[DISPOSAL] = { "@disposal", "X00099", "" },
	[SEQ] = { "@seq", "99999999", "" }, /* of an entry of the log */
};
static char seen_case[SR_UUID_TEXT]; /* that everybody of the organ may know of */

/* Sessions end by that. */
static inline void pass_days(int days)
{
	keeper_room_pass_time(&room, days * SR_DAY_S * SR_SECOND_NS);
	for (size_t i = 0; i < SR_COUNT(keeper_people); i++)
		keeper_room_forget(&room, keeper_people[i].user);
	for (size_t i = 0; i < SR_COUNT(cleared); i++)
		keeper_room_forget(&room, cleared[i].user);
}

static inline void open_room(void)
{
	samples_use_probe();
	keeper_room_begins_ns = NOON_NS;
	keeper_room_open(&room);
	for (size_t i = 0; i < SR_COUNT(cleared); i++)
		keeper_room_add_user(&room, &cleared[i], json_pack("[s]", "privacy"));
}

static inline json_t *unclassified(const char *number)
{
	json_t *description = small_description(number);

	json_object_set_new(description, "classification", json_pack("[s]", "none"));
	return description;
}

static inline json_t *wish_for(const char *id)
{
	return json_pack("{s:[s],s:s,s:s,s:i}", "cases", id, "purpose", "supervision", "reason", "检查",
	                 "days", 30);
}

static inline void file_wish(const char *user, const char *id, char out[SR_UUID_TEXT])
{
	take_text(must_ask(&room, user, "FileRequest", wish_for(id)), "request", out, SR_UUID_TEXT);
}

/* What both appliances have: a sealed case, requests for it, a review with a finding, a register. */
static inline void put_what_is_seen(void)
{
	static const char csv[] = "number,title,category,organ,unit,officers,started,decided,execution_ended,"
				  "closed,outcome,fine,"
				  "confiscated,recovered,published_on,reconsideration,litigation,reversed\n"
				  "样〔2026〕1号,甲案,penalty," CITY
				  ",基金监管科,甲某,2026-01-05,2026-02-05,,2026-12-20,penalty,1,,,,,,\n"
				  "样〔2026〕2号,乙案,penalty," CITY
				  ",基金监管科,甲某,2026-01-05,2026-02-05,,2026-12-21,penalty,1,,,,,,\n";
	char request[SR_UUID_TEXT], finding[SR_UUID_TEXT];

	take_text(seal_small_case(&room, unclassified("样〔2026〕1号")), "case", seen_case,
	          sizeof(seen_case));
	must_do(&room, "archivist", "ImportRegister", json_pack("{s:s}", "csv", csv));
	file_wish("supervisor", seen_case, request);
	must_do(&room, "official", "DecideRequest",
	        json_pack("{s:s,s:s}", "request", request, "decision", "approve"));
	file_wish("supervisor", seen_case, request);
	take_text(must_ask(&room, "supervisor", "DrawReview",
	                   json_pack("{s:i,s:i,s:s}", "year", YEAR, "count", 5, "seed", "一")),
	          "review", finding, sizeof(finding));
	must_do(&room, "supervisor", "RecordReview",
	        json_pack("{s:s,s:{s:s,s:s,s:[{s:s}]}}", "review", finding, "record", "case", seen_case,
	                  "result", "failed", "findings", "text", "缺页"));
}

/* --- what is hidden ------------------------------------------------------------------------------- */

struct opening {
	const char *grant, *request, *case_id;
};

static inline enum sr_status put_openings(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct opening *opening = context;

	for (int i = 0; i < 3; i++) {
		SR_CLEANUP(sr_json_decrefp)
		json_t *actor =
			json_pack("{s:s,s:s,s:s}", "user", "overseer", "role", "supervisor", "organ", CITY);

		SR_TRY(sr_keeper_record_as(room.keeper, txn, "access.opened", actor,
		                           json_pack("{s:s,s:s,s:[s],s:s,s:i,s:i,s:s}", "grant",
		                                     opening->grant, "request", opening->request,
		                                     "approved_by", "decider", "case", opening->case_id,
		                                     "part", 1, "member", 1, "channel", "fs"),
		                           NULL, err));
	}
	return sr_keeper_record(room.keeper, txn, "fixity.failed",
	                        json_pack("{s:s,s:i,s:i,s:[{s:i,s:i,s:s}]}", "case", opening->case_id, "part",
	                                  1, "bytes", 10, "damage", "member", 1, "chunk", 0, "what", "tag"),
	                        NULL, err);
}

/* A request that is granted and read under, one that is refused, and one that waits. */
static inline void read_in_secret(void)
{
	struct opening opening = { names[GRANT].hidden, names[REQUEST].hidden, names[CASE].hidden };
	char refused_one[SR_UUID_TEXT], waiting[SR_UUID_TEXT];
	struct sr_err err;

	file_wish("overseer", names[CASE].hidden, names[REQUEST].hidden);
	take_text(must_ask(&room, "decider", "DecideRequest",
	                   json_pack("{s:s,s:s}", "request", names[REQUEST].hidden, "decision", "approve")),
	          "grant", names[GRANT].hidden, sizeof(names[GRANT].hidden));
	assert_ok(sr_keeper_write(room.keeper, put_openings, &opening, false, &err));
	file_wish("overseer", names[CASE].hidden, refused_one);
	must_do(&room, "decider", "DecideRequest",
	        json_pack("{s:s,s:s,s:s}", "request", refused_one, "decision", "refuse", "reason",
	                  "理由不足"));
	file_wish("overseer", names[CASE].hidden, waiting);
}

static inline void review_in_secret(void)
{
	SR_CLEANUP(sr_json_decrefp) json_t *findings = NULL;

	take_text(must_ask(&room, "overseer", "DrawReview",
	                   json_pack("{s:i,s:i,s:s}", "year", YEAR, "count", 5, "seed", "二")),
	          "review", names[REVIEW].hidden, sizeof(names[REVIEW].hidden));
	must_do(&room, "overseer", "RecordReview",
	        json_pack("{s:s,s:{s:s,s:s,s:[{s:s}]}}", "review", names[REVIEW].hidden, "record", "case",
	                  names[CASE].hidden, "result", "failed", "findings", "text", "涉隐私"));
	findings =
		must_ask(&room, "overseer", "ShowReview", json_pack("{s:s}", "review", names[REVIEW].hidden));
	const json_t *first = json_array_get(json_object_get(findings, "findings"), 0);
	snprintf(names[FINDING].hidden, sizeof(names[FINDING].hidden), "%s", sr_json_text(first, "finding"));
}

/* A second hidden case, whose retention is over, so that it can be on a list for disposal. */
static inline void dispose_in_secret(void)
{
	struct filed_case old = { .number = "样〔2015〕7号",
		                  .organ = CITY,
		                  .handler = "handler2",
		                  .classes = SR_CLASS_PRIVACY,
		                  .retention_end_day = 20000,
		                  .count = 1 };

	file_case(&room, &old);
	take_text(must_ask(&room, "receiver", "ProposeDisposal",
	                   json_pack("{s:[s],s:s}", "cases", old.id, "reason", "期满")),
	          "disposal", names[DISPOSAL].hidden, sizeof(names[DISPOSAL].hidden));
}

/* A grant that ends within the day, under which somebody reads now. */
static inline void go_on_reading_in_secret(void)
{
	char request[SR_UUID_TEXT], grant[SR_UUID_TEXT];
	json_t *wish = wish_for(names[CASE].hidden);

	json_object_set_new(wish, "days", json_integer(1));
	take_text(must_ask(&room, "overseer", "FileRequest", wish), "request", request, sizeof(request));
	take_text(must_ask(&room, "decider", "DecideRequest",
	                   json_pack("{s:s,s:s,s:[{s:s,s:[i]}]}", "request", request, "decision", "approve",
	                             "with_members", "case", names[CASE].hidden, "members", 1)),
	          "grant", grant, sizeof(grant));
	json_t *opening =
		json_pack("{s:s,s:s,s:i,s:s,s:s}", "grant", grant, "case", names[CASE].hidden, "member", 1,
	                  "channel", "fs", "session", keeper_room_token(&room, "overseer"));
	reading = keeper_room_connect(&room, SR_PEER_CALLER);
	if (keeper_room_call(&room, reading, "OpenMember", opening, NULL) != SR_OK)
		fail_msg("OpenMember: %s", room.err.text);
}

static inline void put_what_is_hidden(void)
{
	snprintf(names[NUMBER].hidden, sizeof(names[NUMBER].hidden), "样〔2026〕66号");
	make_draft(&room, "handler2", small_description(names[NUMBER].hidden), names[DRAFT].hidden);
	must_do(&room, "handler2", "SubmitDraft", of_draft(names[DRAFT].hidden));
	take_text(must_ask(&room, "receiver", "SealDraft", of_draft(names[DRAFT].hidden)), "case",
	          names[CASE].hidden, sizeof(names[CASE].hidden));
	take_text(
		must_ask(&room, "receiver", "CreateDraft", json_pack("{s:s}", "part_of", names[CASE].hidden)),
		"draft", names[PART_DRAFT].hidden, sizeof(names[PART_DRAFT].hidden));
	read_in_secret();
	review_in_secret();
	take_text(must_ask(&room, "decider", "PlaceHold",
	                   json_pack("{s:s,s:s}", "case", names[CASE].hidden, "reason", "诉讼")),
	          "hold", names[HOLD].hidden, sizeof(names[HOLD].hidden));
	dispose_in_secret();
}
