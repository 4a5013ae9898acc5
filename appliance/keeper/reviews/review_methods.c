/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing evaluation reviews (案卷评查): SeedReview, DrawReview. */
#include "appliance/keeper/reviews/methods.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/cases/case_each.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/requests/request_filing.h"
#include "appliance/keeper/state/counter.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/review_draw.h"
#include "appliance/keeper/state/review_people.h"
#include "appliance/keeper/state/state.h"

#define SAMPLE_MAX 500
#define POPULATION_MAX 50000u
#define REVIEWERS_MAX 50
#define SEED_BYTES 1024

/* --- the seed --------------------------------------------------------------------------------------- */

struct seeding {
	char review[SR_LABEL_BYTES];
};

static enum sr_status check_reviewers(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const json_t *reviewers = sr_act_value(act, "reviewers");
	size_t index;
	json_t *reviewer;

	if (json_array_size(reviewers) > REVIEWERS_MAX)
		return sr_fail(err, SR_LIMIT, "/reviewers: more than %d", REVIEWERS_MAX);
	json_array_foreach(reviewers, index, reviewer) {
		SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;

		if (!sr_label_is_valid(json_string_value(reviewer)))
			return sr_fail(err, SR_INVALID, "/reviewers/%zu: is no user's name", index);
		SR_TRY(sr_state_user(txn, json_string_value(reviewer), &person, err));
		const char *role = sr_json_text(person, "role");
		if (!role || strcmp(role, "supervisor") != 0)
			return sr_fail(err, SR_INVALID, "/reviewers/%zu: %s is no supervisor", index,
			               json_string_value(reviewer));
	}
	return SR_OK;
}

static enum sr_status put_seeded(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct seeding *seeding = act->work;
	const json_t *reviewers = sr_act_value(act, "reviewers");
	const char *category = sr_act_text(act, "category");
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;

	SR_TRY(sr_counter_next(txn, 'V', seeding->review, err));
	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s,s:I,s:I,s:s}", "review", seeding->review, "year",
	                    (json_int_t)sr_act_count(act, "year", 0), "count",
	                    (json_int_t)sr_act_count(act, "count", 0), "seed", sr_act_text(act, "seed")));
	if (category)
		SR_TRY(sr_json_set(fields, "category", json_string(category), err));
	if (json_array_size(reviewers) > 0)
		SR_TRY(sr_json_set(fields, "reviewers", json_deep_copy(reviewers), err));
	return sr_act_record(act, txn, "review.seeded", SR_MOVE(fields), NULL, err);
}

/* The seed is durable in the log before anybody looks which cases there are. */
static enum sr_status seed(struct sr_act *act, struct seeding *seeding, struct sr_err *err)
{
	int64_t count = sr_act_count(act, "count", 0), year = sr_act_count(act, "year", 0);
	const char *text = sr_act_text(act, "seed");

	if (count < 1 || count > SAMPLE_MAX)
		return sr_fail(err, SR_INVALID, "/count: from 1 to %d", SAMPLE_MAX);
	if (year < 1900 || year > 9999)
		return sr_fail(err, SR_INVALID, "/year: from 1900 to 9999");
	if (!text || !*text || strlen(text) > SEED_BYTES)
		return sr_fail(err, SR_INVALID, "/seed: from 1 to %d bytes", SEED_BYTES);
	sr_act_set_work(act, seeding);
	return sr_act_write(act, check_reviewers, put_seeded, err);
}

static enum sr_status seed_review(struct sr_act *act, struct sr_err *err)
{
	struct seeding seeding = { 0 };

	SR_TRY(seed(act, &seeding, err));
	return sr_act_reply(act, err, "{s:s,s:s}", "review", seeding.review, "seed",
	                    sr_act_text(act, "seed"));
}

/* --- the population --------------------------------------------------------------------------------- */

struct drawing {
	struct sr_act *act;
	char review[SR_LABEL_BYTES];
	json_t *record;     /* as it was seeded */
	json_t *full_names; /* of its reviewers: user → name */
	int64_t year;
	const char *category; /* NULL: any */
	json_t *population;   /* [{"case","stratum"}] */
	json_t *numbers;      /* case: number */
	json_t *organs;       /* case: organ */
	char digest[SR_DIGEST_HEX];
	json_t *sample;
	json_t *requests; /* [{"request","organ","cases"}] */
};

static void drawing_dispose(struct drawing *drawing)
{
	json_decref(drawing->record);
	json_decref(drawing->full_names);
	json_decref(drawing->population);
	json_decref(drawing->numbers);
	json_decref(drawing->organs);
	json_decref(drawing->sample);
	json_decref(drawing->requests);
}

static bool says(struct sr_bytes bytes, const char *text)
{
	return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

/* Nobody reviews a case that they had a hand in: whoever draws, and the other reviewers. */
static enum sr_status is_own(const struct drawing *drawing, struct sr_txn *txn,
                             const struct sr_case_record *record, bool *out, struct sr_err *err)
{
	const char *user;
	json_t *name;

	*out = false;
	json_object_foreach(drawing->full_names, user, name) {
		SR_TRY(sr_review_is_own(txn, record, user, json_string_value(name), out, err));
		if (*out)
			return SR_OK;
	}
	return SR_OK;
}

static enum sr_status take_case(void *context, struct sr_txn *txn, const struct sr_case_record *record,
                                struct sr_err *err)
{
	struct drawing *drawing = context;
	char id[SR_UUID_TEXT], stratum[512];
	int year, month, day;
	json_t *item = NULL;
	bool own;

	sr_date_split(sr_date_of_time(record->sealed_ns), &year, &month, &day);
	if (year != drawing->year || (drawing->category && !says(record->category, drawing->category)))
		return SR_OK;
	SR_TRY(is_own(drawing, txn, record, &own, err));
	if (own)
		return SR_OK;
	if (json_array_size(drawing->population) == POPULATION_MAX)
		return sr_fail(err, SR_LIMIT, "over %u cases to draw from: draw by category", POPULATION_MAX);
	sr_case_id_format(&record->id, id);
	snprintf(stratum, sizeof(stratum), "%.*s/%.*s", (int)record->organ.size,
	         (const char *)record->organ.data, (int)record->category.size,
	         (const char *)record->category.data);
	SR_TRY(SR_JSON_PACK(&item, err, "{s:s,s:s}", "case", id, "stratum", stratum));
	SR_TRY(sr_json_append(drawing->population, item, err));
	SR_TRY(sr_json_set(drawing->organs, id,
	                   json_stringn((const char *)record->organ.data, record->organ.size), err));
	return sr_json_set(drawing->numbers, id,
	                   json_stringn((const char *)record->number.data, record->number.size), err);
}

static enum sr_status name_reviewer(struct drawing *drawing, struct sr_txn *txn, const char *user,
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;

	SR_TRY(sr_state_user(txn, user, &person, err));
	const char *name = sr_json_text(person, "full_name");
	return sr_json_set(drawing->full_names, user, json_string(name ? name : ""), err);
}

/* The review as it stands in the log: the caller's, and not drawn yet. */
static enum sr_status look_up(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct drawing *drawing = act->work;
	char key[SR_RECORD_KEY];
	size_t index;
	json_t *reviewer;

	snprintf(key, sizeof(key), "v/%.200s", drawing->review);
	SR_TRY(sr_record_look(txn, SR_DB_REVIEWS, key, &drawing->record, err));
	if (!drawing->record || strcmp(sr_json_text(drawing->record, "by"), act->caller.user) != 0)
		return sr_act_not_found(act, "review", drawing->review, err);
	if (json_object_get(drawing->record, "sample"))
		return sr_act_refuse(act, "WrongState", err, "%s was drawn already", drawing->review);
	drawing->year = json_integer_value(json_object_get(drawing->record, "year"));
	drawing->category = sr_json_text(drawing->record, "category");
	SR_TRY(name_reviewer(drawing, txn, act->caller.user, err));
	json_array_foreach(json_object_get(drawing->record, "reviewers"), index, reviewer)
		SR_TRY(name_reviewer(drawing, txn, json_string_value(reviewer), err));
	return SR_OK;
}

/* --- the requests ----------------------------------------------------------------------------------- */

/* The drawn cases of one organ: whoever decides there decides about all of them at once. */
static enum sr_status file_for(struct drawing *drawing, const char *organ, const json_t *cases,
                               struct sr_err *err)
{
	struct sr_act filing = *drawing->act;
	const char *reason = sr_act_text(drawing->act, "reason");
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	json_t *one = NULL;
	char text[512];

	snprintf(text, sizeof(text), "案卷评查%s：%lld年度归档案卷抽取%zu件%s%.300s", drawing->review,
	         (long long)drawing->year, json_array_size(cases), reason ? "；" : "", reason ? reason : "");
	SR_TRY(SR_JSON_PACK(&parameters, err, "{s:O,s:s,s:s,s:s}", "cases", cases, "purpose",
	                    "evaluation-review", "reason", text, "review", drawing->review));
	if (sr_act_value(drawing->act, "days"))
		SR_TRY(sr_json_set(parameters, "days", json_integer(sr_act_count(drawing->act, "days", 0)),
		                   err));
	filing.parameters = parameters;
	filing.answer = NULL;
	enum sr_status status = sr_file_request(&filing, err);
	drawing->act->error = filing.error;
	SR_CLEANUP(sr_json_decrefp) json_t *answer = filing.answer;
	SR_TRY(status);
	SR_TRY(SR_JSON_PACK(&one, err, "{s:s,s:s,s:O}", "request", sr_json_text(answer, "request"), "organ",
	                    organ, "cases", cases));
	return sr_json_append(drawing->requests, one, err);
}

static enum sr_status file_requests(struct drawing *drawing, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *by_organ = json_object();
	const char *organ;
	size_t index;
	json_t *id, *cases;

	json_array_foreach(drawing->sample, index, id) {
		const char *of = sr_json_text(drawing->organs, json_string_value(id));

		cases = json_object_get(by_organ, of);
		if (!cases) {
			cases = json_array();
			SR_TRY(sr_json_set(by_organ, of, cases, err));
		}
		SR_TRY(sr_json_append(cases, json_incref(id), err));
	}
	json_object_foreach(by_organ, organ, cases)
		SR_TRY(file_for(drawing, organ, cases, err));
	return SR_OK;
}

/* --- DrawReview ------------------------------------------------------------------------------------- */

static enum sr_status put_drawn(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct drawing *drawing = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *requests = json_array();
	size_t index;
	json_t *one;

	json_array_foreach(drawing->requests, index, one)
		SR_TRY(sr_json_append(requests, json_incref(json_object_get(one, "request")), err));
	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s,s:O,s:s,s:I,s:O}", "review", drawing->review, "sample",
	                    drawing->sample, "population", drawing->digest, "population_size",
	                    (json_int_t)json_array_size(drawing->population), "requests", requests));
	return sr_act_record(act, txn, "review.drawn", SR_MOVE(fields), NULL, err);
}

static enum sr_status tell_drawn(struct drawing *drawing, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *shown = json_array();
	json_t *first = json_object_get(json_array_get(drawing->requests, 0), "request");
	size_t index;
	json_t *id;

	json_array_foreach(drawing->sample, index, id) {
		json_t *item = NULL;

		SR_TRY(SR_JSON_PACK(&item, err, "{s:O,s:O}", "case", id, "number",
		                    json_object_get(drawing->numbers, json_string_value(id))));
		SR_TRY(sr_json_append(shown, item, err));
	}
	return sr_act_reply(drawing->act, err, "{s:s,s:O,s:s,s:O,s:O,s:O?,s:O}", "review", drawing->review,
	                    "seed", json_object_get(drawing->record, "seed"), "population_digest",
	                    drawing->digest, "population", drawing->population, "sample", shown, "request",
	                    first, "requests", drawing->requests);
}

static enum sr_status draw(struct drawing *drawing, struct sr_err *err)
{
	struct sr_act *act = drawing->act;

	sr_act_set_work(act, drawing);
	SR_TRY(sr_act_read(act, look_up, err));
	SR_TRY(sr_case_each(act, false, take_case, drawing, err));
	if (json_array_size(drawing->population) == 0)
		return sr_fail(err, SR_INVALID,
		               "no case of that year and category is there to be reviewed; %s stays seeded",
		               drawing->review);
	SR_TRY(sr_review_population_digest(drawing->population, drawing->digest, err));
	SR_TRY(sr_review_draw(drawing->population, sr_json_text(drawing->record, "seed"),
	                      (size_t)json_integer_value(json_object_get(drawing->record, "count")),
	                      &drawing->sample, err));
	SR_TRY(file_requests(drawing, err));
	sr_act_set_work(act, drawing);
	SR_TRY(sr_act_write(act, NULL, put_drawn, err));
	return tell_drawn(drawing, err);
}

static enum sr_status draw_review(struct sr_act *act, struct sr_err *err)
{
	const char *review = sr_act_text(act, "review");
	SR_CLEANUP(drawing_dispose)
	struct drawing drawing = {
		.act = act,
		.full_names = json_object(),
		.population = json_array(),
		.numbers = json_object(),
		.organs = json_object(),
		.requests = json_array(),
	};
	struct seeding seeding = { 0 };

	if (review && (sr_act_value(act, "year") || sr_act_value(act, "count") || sr_act_value(act, "seed")))
		return sr_fail(err, SR_INVALID,
		               "/review: year, count and seed stand in the log already; leave them out");
	if (review && !sr_label_is_valid(review))
		return sr_fail(err, SR_INVALID, "/review: is no number of one");
	if (!review)
		SR_TRY(seed(act, &seeding, err));
	sr_label_copy(drawing.review, review ? review : seeding.review);
	return draw(&drawing, err);
}

static const struct sr_method methods[] = {
	{ "SeedReview", "year:count count:count seed:text category:text? reviewers:texts?", SR_BY(SUPERVISOR),
	  SR_DOOR_PEOPLE, 0, seed_review },
	{ "DrawReview",
	  "year:count? count:count? seed:text? category:text? reviewers:texts? review:text? days:count? "
	  "reason:prose?",
	  SR_BY(SUPERVISOR), SR_DOOR_PEOPLE, SR_METHOD_SLOW, draw_review },
};
const struct sr_method_family sr_review_methods = { methods, SR_COUNT(methods) };
