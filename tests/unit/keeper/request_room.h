/* SPDX-License-Identifier: Apache-2.0 */
/* A keeper_room with cases of several organs and classifications, and requests as tests need them. */
#pragma once

#include "tests/unit/keeper/case_fixture.h"

static struct keeper_room room;

enum { PLAIN, DEPUTYS, OTHERS, COUNTYS, BESIDE, PRIVATE, SECRET, CASES };
static struct filed_case cases[CASES] = {
	[PLAIN] = { .number = "样〔2026〕1号",
	            .organ = CITY,
	            .handler = "handler",
	            .count = 4,
	            .members = { { 0 },
	                         { .classes = SR_CLASS_PRIVACY },
	                         { .sub = true },
	                         { .classes = SR_CLASS_STATE_SECRET } } },
	[DEPUTYS] = { .number = "样〔2026〕8号", .organ = CITY, .handler = "deputy", .count = 1 },
	[OTHERS] = { .number = "样〔2026〕2号", .organ = CITY, .handler = "handler2", .count = 2 },
	[COUNTYS] = { .number = "样县〔2026〕1号", .organ = COUNTY, .handler = "county-handler", .count = 1 },
	[BESIDE] = { .number = "样二〔2026〕1号", .organ = OTHER, .handler = "x", .count = 1 },
	[PRIVATE] = { .number = "样〔2026〕3号",
	              .organ = CITY,
	              .handler = "handler",
	              .count = 1,
	              .classes = SR_CLASS_PRIVACY },
	[SECRET] = { .number = "样〔2026〕4号",
	             .organ = CITY,
	             .handler = "handler",
	             .count = 1,
	             .classes = SR_CLASS_STATE_SECRET },
};

static const struct keeper_person further[] = {
	{ "cleared", "supervisor", CITY },
	{ "cleared-official", "official", CITY },
	{ "cleared-official2", "official", CITY },
	{ "deputy", "handler", CITY }, /* of official */
};

static inline json_t *every_clearance(void)
{
	return json_pack("[s,s,s]", "privacy", "commercial", "state-secret");
}

static inline int set_up(void **state)
{
	char today[SR_TIME_TEXT], later[SR_TIME_TEXT];

	(void)state;
	keeper_room_open(&room);
	for (size_t i = 0; i < SR_COUNT(further); i++)
		keeper_room_add_user(&room, &further[i],
		                     strcmp(further[i].user, "deputy") == 0 ? NULL : every_clearance());
	for (size_t i = 0; i < CASES; i++)
		file_case(&room, &cases[i]);
	sr_date_format(sr_date_of_time(sr_keeper_now_ns(room.keeper)), today);
	sr_date_format(sr_date_of_time(sr_keeper_now_ns(room.keeper)) + 20, later);
	must_do(&room, "official", "Delegate",
	        json_pack("{s:s,s:s,s:s}", "deputy", "deputy", "from", today, "until", later));
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	keeper_room_close(&room);
	return 0;
}

/* --- requests as they are needed ------------------------------------------------------------------- */

static inline json_t *wish(const char *reference)
{
	return json_pack("{s:[s],s:s,s:s}", "cases", reference, "purpose", "supervision", "reason", "检查");
}

static inline json_t *with(json_t *parameters, const char *key, json_t *value)
{
	json_object_set_new(parameters, key, value);
	return parameters;
}

typedef char id_text[SR_LABEL_BYTES];

static inline void file(const char *user, json_t *parameters, id_text out)
{
	take_text(must_ask(&room, user, "FileRequest", parameters), "request", out, SR_LABEL_BYTES);
}

static inline json_t *decision(const char *request, const char *word)
{
	json_t *parameters = json_pack("{s:s,s:s}", "request", request, "decision", word);

	if (strcmp(word, "refuse") == 0)
		json_object_set_new(parameters, "reason", json_string("理由不足"));
	return parameters;
}

static inline json_t *named(const char *reference, int member)
{
	return json_pack("[{s:s,s:[i]}]", "case", reference, "members", member);
}

/* The grant's row as its reader sees it; the caller owns it. */
static inline json_t *grant_row(const char *reader, const char *grant)
{
	SR_CLEANUP(sr_json_decrefp)
	json_t *reply = must_ask(&room, reader, "ListGrants", json_pack("{s:s}", "grant", grant));

	assert_int_equal(json_array_size(json_object_get(reply, "grants")), 1);
	return json_incref(json_array_get(json_object_get(reply, "grants"), 0));
}

static inline json_t *for_a_party(const char *kind)
{
	return with(with(wish(cases[PLAIN].number), "for", json_string("张某某")), "for_kind",
	            json_string(kind));
}
