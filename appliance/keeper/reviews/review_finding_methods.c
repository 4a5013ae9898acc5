/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of an evaluation review: ListReviews, ShowReview, and its findings on their way, MendFinding,
 * CloseFinding, ReopenFinding (docs/RULEBOOK.md, "Evaluation review").
 */
#include "appliance/keeper/reviews/methods.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/requests/papers.h"
#include "appliance/keeper/state/classes.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/scope.h"
#include "appliance/keeper/state/state.h"

#define TEXT_BYTES 2048

/* --- who sees what ---------------------------------------------------------------------------------- */

/* Whoever drew it, its other reviewers, and the auditor (without the cases' own words). */
static bool sees_review(const struct sr_act *act, const json_t *review)
{
	const char *by = sr_json_text(review, "by");

	return sr_act_is(act, SR_BY(AUDITOR)) || (by && strcmp(by, act->caller.user) == 0) ||
	       sr_scope_lists(json_object_get(review, "reviewers"), act->caller.user);
}

struct listing {
	struct sr_act *act;
	struct sr_txn *txn;
	const char *review; /* of which; NULL: of any */
	json_t *out;
};

/* The number of a case, where the caller may know of it; *may says whether they may. */
static enum sr_status number_of(struct sr_act *act, struct sr_txn *txn, const char *case_id, json_t **out,
                                bool *may, struct sr_err *err)
{
	struct sr_case_record record;
	struct sr_case_id id;

	*out = NULL;
	*may = sr_act_is(act, SR_BY(AUDITOR));
	if (*may || !case_id || !sr_case_id_parse(case_id, &id))
		return SR_OK;
	enum sr_status status = sr_case_store_get(txn, &id, &record, err);
	if (status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	SR_TRY(sr_case_view_may_know(act, txn, &record, may, err));
	if (*may)
		*out = json_stringn((const char *)record.number.data, record.number.size);
	return SR_OK;
}

/* Findings of cases that the caller may know of. */
static enum sr_status add_finding(void *context, const char *key, json_t *record, struct sr_err *err)
{
	const struct listing *listing = context;
	const char *review = sr_json_text(record, "review");
	json_t *number = NULL;
	bool may;

	(void)key;
	if (listing->review && strcmp(review, listing->review) != 0)
		return SR_OK;
	SR_TRY(number_of(listing->act, listing->txn, sr_json_text(record, "case"), &number, &may, err));
	if (!may)
		return SR_OK;
	SR_TRY(sr_json_set(record, "number", number ? number : json_null(), err));
	json_object_del(record, "day");
	return sr_json_append(listing->out, json_incref(record), err);
}

/* Whether the caller may know of whatever could be drawn: they drew it, or see as far as whoever did. */
static enum sr_status knows_population(const struct listing *listing, const json_t *review, bool *out,
                                       struct sr_err *err)
{
	const struct sr_caller *caller = &listing->act->caller;
	const char *by = sr_json_text(review, "by");
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;

	*out = sr_act_is(listing->act, SR_BY(AUDITOR)) || strcmp(by, caller->user) == 0;
	if (*out)
		return SR_OK;
	SR_TRY(sr_state_user(listing->txn, by, &person, err));
	const char *organ = sr_json_text(person, "organ");
	if (!organ || (sr_classes_of(json_object_get(person, "clearances")) & ~caller->clearances))
		return SR_OK;
	return sr_case_view_is_below(listing->txn, caller->organ,
	                             (struct sr_bytes){ (const uint8_t *)organ, strlen(organ) }, out, err);
}

/* What would tell of cases that the caller may not know of is left out. */
static enum sr_status leave_out(const struct listing *listing, json_t *review, struct sr_err *err)
{
	bool knows;

	SR_TRY(knows_population(listing, review, &knows, err));
	if (knows)
		return SR_OK;
	json_object_del(review, "population");
	json_object_del(review, "population_size");
	json_object_del(review, "requests");
	return SR_OK;
}

/* How many cases of a sample the caller may know of. */
static enum sr_status count_known(const struct listing *listing, const json_t *sample, json_int_t *out,
                                  struct sr_err *err)
{
	size_t index;
	json_t *id;

	*out = 0;
	json_array_foreach(sample, index, id) {
		json_t *number = NULL;
		bool may;

		SR_TRY(number_of(listing->act, listing->txn, json_string_value(id), &number, &may, err));
		json_decref(number);
		*out += may;
	}
	return SR_OK;
}

static enum sr_status add_review(void *context, const char *key, json_t *record, struct sr_err *err)
{
	static const char *const keys[] = {
		"review", "year",       "category",        "count",    "seed",
		"by",     "population", "population_size", "requests", "reviewers"
	};
	const struct listing *listing = context;
	json_t *shown = json_object();
	json_int_t drawn;

	(void)key;
	SR_TRY(sr_json_append(listing->out, shown, err));
	if (!sees_review(listing->act, record)) {
		json_array_remove(listing->out, json_array_size(listing->out) - 1);
		return SR_OK;
	}
	for (size_t i = 0; i < SR_COUNT(keys); i++) {
		json_t *value = json_object_get(record, keys[i]);

		if (value)
			SR_TRY(sr_json_set(shown, keys[i], json_incref(value), err));
	}
	SR_TRY(count_known(listing, json_object_get(record, "sample"), &drawn, err));
	SR_TRY(leave_out(listing, shown, err));
	return sr_json_set(shown, "drawn", json_integer(drawn), err);
}

struct lists {
	json_t *reviews, *findings;
};

static void lists_dispose(struct lists *lists)
{
	json_decref(lists->reviews);
	json_decref(lists->findings);
}

static enum sr_status gather(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct lists *lists = act->work;
	struct listing listing = { .act = act, .txn = txn, .out = lists->reviews };

	SR_TRY(sr_record_each(txn, SR_DB_REVIEWS, "v/", add_review, &listing, err));
	listing.out = lists->findings;
	return sr_record_each(txn, SR_DB_REVIEWS, "f/", add_finding, &listing, err);
}

/* A handler or archivist finds here what they have to mend. */
static enum sr_status list_reviews(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(lists_dispose) struct lists lists = { json_array(), json_array() };

	sr_act_set_work(act, &lists);
	SR_TRY(sr_act_read(act, gather, err));
	return sr_act_reply(act, err, "{s:O,s:O}", "reviews", lists.reviews, "findings", lists.findings);
}

/* --- ShowReview -------------------------------------------------------------------------------------- */

struct showing {
	json_t *review, *cases, *findings;
};

static void showing_dispose(struct showing *showing)
{
	json_decref(showing->review);
	json_decref(showing->cases);
	json_decref(showing->findings);
}

/* The drawn cases that the caller may know of, each with what was judged of it. */
static enum sr_status add_cases(struct sr_act *act, struct sr_txn *txn, const struct showing *showing,
                                struct sr_err *err)
{
	static const char *const keys[] = { "result", "score", "record" };
	size_t index;
	json_t *id;

	json_array_foreach(json_object_get(showing->review, "sample"), index, id) {
		SR_CLEANUP(sr_json_decrefp) json_t *judged = NULL;
		json_t *number = NULL, *one = NULL;
		char key[SR_RECORD_KEY];
		bool may;

		SR_TRY(number_of(act, txn, json_string_value(id), &number, &may, err));
		if (!may)
			continue;
		one = json_object();
		SR_TRY(sr_json_append(showing->cases, one, err));
		SR_TRY(sr_json_set(one, "case", json_incref(id), err));
		SR_TRY(sr_json_set(one, "number", number ? number : json_null(), err));
		snprintf(key, sizeof(key), "c/%.100s/%.100s", sr_act_text(act, "review"),
		         json_string_value(id));
		SR_TRY(sr_record_look(txn, SR_DB_REVIEWS, key, &judged, err));
		for (size_t i = 0; i < SR_COUNT(keys); i++) {
			json_t *value = json_object_get(judged, keys[i]);

			SR_TRY(sr_json_set(one, keys[i], value ? json_incref(value) : json_null(), err));
		}
	}
	return SR_OK;
}

static enum sr_status look_up(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct showing *showing = act->work;
	const char *review = sr_act_text(act, "review");
	struct listing listing = { .act = act, .txn = txn, .review = review, .out = showing->findings };
	char key[SR_RECORD_KEY];

	snprintf(key, sizeof(key), "v/%.200s", review);
	SR_TRY(sr_record_look(txn, SR_DB_REVIEWS, key, &showing->review, err));
	if (!showing->review || !sees_review(act, showing->review))
		return sr_act_not_found(act, "review", review, err);
	SR_TRY(add_cases(act, txn, showing, err));
	SR_TRY(leave_out(&listing, showing->review, err));
	snprintf(key, sizeof(key), "f/%.200s-", review);
	return sr_record_each(txn, SR_DB_REVIEWS, key, add_finding, &listing, err);
}

static enum sr_status show_review(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(showing_dispose)
	struct showing showing = { .cases = json_array(), .findings = json_array() };

	sr_act_set_work(act, &showing);
	SR_TRY(sr_act_read(act, look_up, err));
	json_object_del(showing.review, "sample");
	SR_TRY(sr_json_set(showing.review, "cases", json_incref(showing.cases), err));
	SR_TRY(sr_json_set(showing.review, "findings", json_incref(showing.findings), err));
	act->answer = json_incref(showing.review);
	return SR_OK;
}

/* --- mended, closed, reopened ------------------------------------------------------------------------ */

struct moving {
	const char *type;  /* of the entry */
	const char *state; /* that the finding must have */
	bool by_reviewer;
	json_t *papers;
	json_t *finding;
};

static void moving_dispose(struct moving *moving)
{
	json_decref(moving->papers);
	json_decref(moving->finding);
}

/* A finding of a case that the caller may know of; closing is the reviewers'. */
static enum sr_status check_moving(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct moving *moving = act->work;
	const char *id = sr_act_text(act, "finding");
	SR_CLEANUP(sr_json_decrefp) json_t *review = NULL;
	json_t *number = NULL;
	char key[SR_RECORD_KEY];
	bool may = false;

	json_decref(moving->finding);
	moving->finding = NULL;
	snprintf(key, sizeof(key), "f/%.200s", id);
	SR_TRY(sr_record_look(txn, SR_DB_REVIEWS, key, &moving->finding, err));
	if (moving->finding)
		SR_TRY(number_of(act, txn, sr_json_text(moving->finding, "case"), &number, &may, err));
	json_decref(number);
	if (!may)
		return sr_act_not_found(act, "finding", id, err);
	if (moving->by_reviewer) {
		snprintf(key, sizeof(key), "v/%.200s", sr_json_text(moving->finding, "review"));
		SR_TRY(sr_record_get(txn, SR_DB_REVIEWS, key, "review", &review, err));
		if (!sees_review(act, review))
			return sr_act_refuse(act, "NotYourRole", err,
			                     "a finding is closed or opened again by the review's own "
			                     "reviewers");
	}
	if (strcmp(sr_json_text(moving->finding, "state"), moving->state) != 0)
		return sr_act_refuse(act, "WrongState", err, "%s is %s, not %s", id,
		                     sr_json_text(moving->finding, "state"), moving->state);
	return SR_OK;
}

static enum sr_status put_moved(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct moving *moving = act->work;
	const char *text = sr_act_text(act, "text");
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;

	SR_TRY(SR_JSON_PACK(&fields, err, "{s:O,s:s,s:O}", "review",
	                    json_object_get(moving->finding, "review"), "finding",
	                    sr_act_text(act, "finding"), "case", json_object_get(moving->finding, "case")));
	if (text)
		SR_TRY(sr_json_set(fields, "text", json_string(text), err));
	if (sr_act_value(act, "part"))
		SR_TRY(sr_json_set(fields, "part", json_integer(sr_act_count(act, "part", 0)), err));
	if (moving->papers)
		SR_TRY(sr_json_set(fields, "papers", json_incref(moving->papers), err));
	return sr_act_record(act, txn, moving->type, SR_MOVE(fields), NULL, err);
}

static enum sr_status move(struct sr_act *act, struct moving *moving, const char *to, struct sr_err *err)
{
	const char *text = sr_act_text(act, "text");

	if (text && (sr_text_is_blank(text) || strlen(text) > TEXT_BYTES))
		return sr_fail(err, SR_INVALID, "/text: say in up to %d bytes what was done", TEXT_BYTES);
	sr_act_set_work(act, moving);
	SR_TRY(sr_act_read(act, check_moving, err));
	SR_TRY(sr_papers_take(act, sr_act_value(act, "papers"), &moving->papers, err));
	SR_TRY(sr_act_write(act, check_moving, put_moved, err));
	return sr_act_reply(act, err, "{s:s,s:s}", "finding", sr_act_text(act, "finding"), "state", to);
}

static enum sr_status mend_finding(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(moving_dispose) struct moving moving = { .type = "review.mended", .state = "open" };

	return move(act, &moving, "mended", err);
}

static enum sr_status close_finding(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(moving_dispose)
	struct moving moving = { .type = "review.closed", .state = "mended", .by_reviewer = true };

	return move(act, &moving, "closed", err);
}

static enum sr_status reopen_finding(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(moving_dispose)
	struct moving moving = { .type = "review.reopened", .state = "mended", .by_reviewer = true };

	return move(act, &moving, "open", err);
}

#define MENDERS (SR_BY(HANDLER) | SR_BY(ARCHIVIST))

static const struct sr_method methods[] = {
	{ "ListReviews", "", MENDERS | SR_BY(OFFICIAL) | SR_BY(SUPERVISOR) | SR_BY(AUDITOR), SR_DOOR_PEOPLE,
	  0, list_reviews },
	{ "ShowReview", "review:text", SR_BY(SUPERVISOR) | SR_BY(AUDITOR), SR_DOOR_PEOPLE, 0, show_review },
	{ "MendFinding", "finding:text text:prose part:count? papers:objects?", MENDERS, SR_DOOR_PEOPLE, 0,
	  mend_finding },
	{ "CloseFinding", "finding:text text:prose?", SR_BY(SUPERVISOR), SR_DOOR_PEOPLE, 0, close_finding },
	{ "ReopenFinding", "finding:text text:prose", SR_BY(SUPERVISOR), SR_DOOR_PEOPLE, 0, reopen_finding },
};
const struct sr_method_family sr_review_finding_methods = { methods, SR_COUNT(methods) };
