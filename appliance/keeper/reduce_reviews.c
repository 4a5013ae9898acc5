/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluation reviews: v/REVIEW, and c/REVIEW/CASE for what was found of a case. */
#include "appliance/keeper/reduce_kinds.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/record.h"
#include "appliance/keeper/scope.h"

static void review_key(const struct sr_event *event, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, "v/%.200s", sr_event_text(event, "review"));
}

static void case_key(const struct sr_event *event, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, "c/%.100s/%.100s", sr_event_text(event, "review"),
	         sr_event_text(event, "case"));
}

static enum sr_status get_review(const struct sr_event *event, json_t **out, struct sr_err *err)
{
	char key[SR_RECORD_KEY];

	review_key(event, key);
	return sr_record_get(event->txn, SR_DB_REVIEWS, key, "review", out, err);
}

enum sr_status sr_reduce_review_seeded(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "review", "year",       "category",        "count",
		                            "seed",   "population", "population_size", NULL };
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *review = json_object();
	const char *by = sr_event_user(event);
	char key[SR_RECORD_KEY];

	review_key(event, key);
	SR_TRY(sr_record_look(event->txn, SR_DB_REVIEWS, key, &known, err));
	if (known || !by)
		return sr_fail(err, SR_DENIED, "a review is seeded once, by a user");
	SR_TRY(sr_event_copy(event, keys, review, err));
	SR_TRY(sr_json_set(review, "by", json_string(by), err));
	return sr_record_put(event->txn, SR_DB_REVIEWS, key, review, err);
}

/* The seed stands in the log before what is drawn with it. */
enum sr_status sr_reduce_review_drawn(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *review = NULL;
	const json_t *sample = json_object_get(event->entry->root, "sample");
	char key[SR_RECORD_KEY];

	SR_TRY(get_review(event, &review, err));
	if (json_object_get(review, "sample"))
		return sr_fail(err, SR_DENIED, "the review was drawn already");
	if ((json_int_t)json_array_size(sample) > json_integer_value(json_object_get(review, "count")))
		return sr_fail(err, SR_DENIED, "more cases than the review was seeded for");
	SR_TRY(sr_json_set(review, "sample", json_deep_copy(sample), err));
	review_key(event, key);
	return sr_record_put(event->txn, SR_DB_REVIEWS, key, review, err);
}

enum sr_status sr_reduce_review_recorded(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "review", "case", "result", "score", "record", NULL };
	SR_CLEANUP(sr_json_decrefp) json_t *review = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *record = json_object();
	const char *result = sr_event_text(event, "result");
	char key[SR_RECORD_KEY];

	SR_TRY(get_review(event, &review, err));
	if (!sr_scope_lists(json_object_get(review, "sample"), sr_event_text(event, "case")))
		return sr_fail(err, SR_DENIED, "the case is not of the review's sample");
	SR_TRY(sr_event_copy(event, keys, record, err));
	SR_TRY(sr_json_set(record, "passed", json_boolean(strcmp(result, "passed") == 0), err));
	SR_TRY(sr_json_set(record, "day", json_integer(sr_date_of_time(event->entry->time_ns)), err));
	case_key(event, key);
	return sr_record_put(event->txn, SR_DB_REVIEWS, key, record, err);
}
