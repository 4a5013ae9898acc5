/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluation reviews: v/REVIEW, c/REVIEW/CASE for what was judged of a case, f/REVIEW-N for a finding. */
#include "appliance/keeper/state/reduce_kinds.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/scope.h"

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
	static const char *const keys[] = { "review",          "year",      "category",
		                            "count",           "seed",      "population",
		                            "population_size", "reviewers", NULL };
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

static enum sr_status check_drawn_by(const struct sr_event *event, const json_t *review, struct sr_err *err)
{
	const char *by = sr_event_user(event);

	/* A population of its own: of the entry that seeded the review, or of this one. */
	if (!json_object_get(review, "population") == !json_object_get(event->entry->root, "population"))
		return sr_fail(err, SR_DENIED, "a review has one population");
	if (!by || strcmp(by, sr_json_text(review, "by")) != 0)
		return sr_fail(err, SR_DENIED, "a review is drawn by whoever seeded it");
	return SR_OK;
}

/* The seed stands in the log before what is drawn with it. */
enum sr_status sr_reduce_review_drawn(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *review = NULL;
	static const char *const keys[] = { "sample",          "request",  "population",
		                            "population_size", "requests", NULL };
	const json_t *sample = json_object_get(event->entry->root, "sample");
	char key[SR_RECORD_KEY];

	SR_TRY(get_review(event, &review, err));
	if (json_object_get(review, "sample"))
		return sr_fail(err, SR_DENIED, "the review was drawn already");
	if ((json_int_t)json_array_size(sample) > json_integer_value(json_object_get(review, "count")))
		return sr_fail(err, SR_DENIED, "more cases than the review was seeded for");
	SR_TRY(check_drawn_by(event, review, err));
	SR_TRY(sr_event_copy(event, keys, review, err));
	review_key(event, key);
	return sr_record_put(event->txn, SR_DB_REVIEWS, key, review, err);
}

/* --- findings: open → mended → closed, or open again ------------------------------------------------- */

static void finding_key(const char *finding, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, "f/%.200s", finding);
}

/* Findings of a case that are still open give way to those of a later record of it. */
static enum sr_status supersede(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *keys = NULL;
	char prefix[SR_RECORD_KEY];
	size_t index;
	json_t *key;

	snprintf(prefix, sizeof(prefix), "f/%.200s-", sr_event_text(event, "review"));
	SR_TRY(sr_record_keys(event->txn, SR_DB_REVIEWS, prefix, &keys, err));
	json_array_foreach(keys, index, key) {
		SR_CLEANUP(sr_json_decrefp) json_t *finding = NULL;
		const char *name = json_string_value(key);

		SR_TRY(sr_record_get(event->txn, SR_DB_REVIEWS, name, "finding", &finding, err));
		if (strcmp(sr_json_text(finding, "case"), sr_event_text(event, "case")) != 0 ||
		    strcmp(sr_json_text(finding, "state"), "open") != 0)
			continue;
		SR_TRY(sr_json_set(finding, "state", json_string("superseded"), err));
		SR_TRY(sr_record_put(event->txn, SR_DB_REVIEWS, name, finding, err));
	}
	return SR_OK;
}

/* {"by","at",…}: who did it, when, and what they said. */
static enum sr_status step_of(const struct sr_event *event, json_t **out, struct sr_err *err)
{
	static const char *const keys[] = { "text", "part", "papers", NULL };
	SR_CLEANUP(sr_json_decrefp) json_t *step = NULL;
	const char *by = sr_event_user(event);
	char at[SR_TIME_TEXT];

	if (!by)
		return sr_fail(err, SR_DENIED, "a finding is dealt with by somebody");
	sr_time_format_utc(event->entry->time_ns, at);
	SR_TRY(SR_JSON_PACK(&step, err, "{s:s,s:s}", "by", by, "at", at));
	SR_TRY(sr_event_copy(event, keys, step, err));
	*out = SR_MOVE(step);
	return SR_OK;
}

enum sr_status sr_reduce_review_finding(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "review",  "case", "code", "text", "member",
		                            "finding", "page", "at",   NULL };
	const char *id = sr_event_text(event, "finding");
	SR_CLEANUP(sr_json_decrefp) json_t *review = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *finding = json_object();
	json_t *step = NULL;
	char key[SR_RECORD_KEY];

	if (!id) /* of a log from before findings had numbers: it stands in the log alone */
		return SR_OK;
	SR_TRY(get_review(event, &review, err));
	if (!sr_scope_lists(json_object_get(review, "sample"), sr_event_text(event, "case")))
		return sr_fail(err, SR_DENIED, "the case is not of the review's sample");
	finding_key(id, key);
	SR_TRY(sr_record_look(event->txn, SR_DB_REVIEWS, key, &known, err));
	if (known)
		return sr_fail(err, SR_DENIED, "the finding %s is there already", id);
	SR_TRY(sr_event_copy(event, keys, finding, err));
	SR_TRY(step_of(event, &step, err));
	json_object_del(step, "text");
	SR_TRY(sr_json_set(finding, "found", step, err));
	SR_TRY(sr_json_set(finding, "day", json_integer(sr_date_of_time(event->entry->time_ns)), err));
	SR_TRY(sr_json_set(finding, "state", json_string("open"), err));
	return sr_record_put(event->txn, SR_DB_REVIEWS, key, finding, err);
}

/* One step on: @from is the state that it starts in. */
static enum sr_status move_finding(const struct sr_event *event, const char *from, const char *to,
                                   const char *step_key, struct sr_err *err)
{
	const char *id = sr_event_text(event, "finding");
	SR_CLEANUP(sr_json_decrefp) json_t *finding = NULL;
	json_t *step = NULL;
	char key[SR_RECORD_KEY];

	finding_key(id, key);
	SR_TRY(sr_record_get(event->txn, SR_DB_REVIEWS, key, "finding", &finding, err));
	if (strcmp(sr_json_text(finding, "state"), from) != 0 ||
	    strcmp(sr_json_text(finding, "review"), sr_event_text(event, "review")) != 0 ||
	    strcmp(sr_json_text(finding, "case"), sr_event_text(event, "case")) != 0)
		return sr_fail(err, SR_DENIED, "the finding %s is %s", id, sr_json_text(finding, "state"));
	SR_TRY(step_of(event, &step, err));
	SR_TRY(sr_json_set(finding, step_key, step, err));
	SR_TRY(sr_json_set(finding, "state", json_string(to), err));
	return sr_record_put(event->txn, SR_DB_REVIEWS, key, finding, err);
}

enum sr_status sr_reduce_review_mended(const struct sr_event *event, struct sr_err *err)
{
	return move_finding(event, "open", "mended", "mended", err);
}

/* Whoever mended it does not judge that. */
static enum sr_status check_judge(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *finding = NULL;
	const char *by = sr_event_user(event);
	char key[SR_RECORD_KEY];

	finding_key(sr_event_text(event, "finding"), key);
	SR_TRY(sr_record_get(event->txn, SR_DB_REVIEWS, key, "finding", &finding, err));
	const char *mended_by = sr_json_text(json_object_get(finding, "mended"), "by");
	if (!by || (mended_by && strcmp(by, mended_by) == 0))
		return sr_fail(err, SR_DENIED, "nobody judges what they mended themselves");
	return SR_OK;
}

enum sr_status sr_reduce_review_closed(const struct sr_event *event, struct sr_err *err)
{
	SR_TRY(check_judge(event, err));
	return move_finding(event, "mended", "closed", "closed", err);
}

enum sr_status sr_reduce_review_reopened(const struct sr_event *event, struct sr_err *err)
{
	SR_TRY(check_judge(event, err));
	return move_finding(event, "mended", "open", "reopened", err);
}

/* --- records ------------------------------------------------------------------------------------------ */

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
	SR_TRY(supersede(event, err));
	SR_TRY(sr_event_copy(event, keys, record, err));
	SR_TRY(sr_json_set(record, "passed", json_boolean(strcmp(result, "passed") == 0), err));
	SR_TRY(sr_json_set(record, "day", json_integer(sr_date_of_time(event->entry->time_ns)), err));
	case_key(event, key);
	return sr_record_put(event->txn, SR_DB_REVIEWS, key, record, err);
}
