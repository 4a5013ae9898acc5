/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/case_facts.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/scope.h"

#define STORE_NS (24ll * 3600 * SR_SECOND_NS) /* 内蒙古 第二十二条: stored within 24 hours */
#define TOLERANCE_NS (60 * SR_SECOND_NS)      /* of gaps, as docs/RULEBOOK.md says */

struct sr_case_facts {
	const json_t *description;
	json_t *root;
	json_t *clips; /* path: [from_ns, to_ns] */
};

void sr_case_facts_free(struct sr_case_facts *facts)
{
	if (!facts)
		return;
	json_decref(facts->root);
	json_decref(facts->clips);
	free(facts);
}

const json_t *sr_case_facts_root(const struct sr_case_facts *facts)
{
	return facts->root;
}

/* --- times ------------------------------------------------------------------------------------------- */

/* A time, or the first moment of a date; *is_date says which. */
static bool moment(const json_t *object, const char *key, int64_t *out_ns, bool *is_date)
{
	const char *text = sr_json_text(object, key);
	int64_t days;

	*is_date = text && sr_date_parse(text, &days);
	if (*is_date)
		*out_ns = sr_time_of_date(days);
	return *is_date || (text && sr_time_parse(text, out_ns));
}

static bool day(const json_t *object, const char *key, int64_t *out)
{
	bool is_date;
	int64_t ns;

	if (!moment(object, key, &ns, &is_date))
		return false;
	*out = sr_date_of_time(ns);
	return true;
}

static enum sr_status put_day(json_t *root, const char *key, const json_t *object, const char *from,
                              struct sr_err *err)
{
	int64_t days;

	return sr_json_set(root, key, day(object, from, &days) ? json_integer(days) : json_null(), err);
}

static enum sr_status put_text(json_t *root, const char *key, const json_t *object, const char *from,
                               struct sr_err *err)
{
	const char *text = sr_json_text(object, from);

	return text ? sr_json_set(root, key, json_string(text), err) : SR_OK;
}

/* --- the case ---------------------------------------------------------------------------------------- */

/* The day of the first review that passed. */
static enum sr_status put_reviewed(json_t *root, const json_t *reviews, struct sr_err *err)
{
	int64_t first = INT64_MAX, days;
	size_t index;
	json_t *review;

	json_array_foreach(reviews, index, review) {
		const char *result = sr_json_text(review, "result");

		if (result && strcmp(result, "passed") == 0 && day(review, "decided", &days) && days < first)
			first = days;
	}
	return sr_json_set(root, "reviewed", first == INT64_MAX ? json_null() : json_integer(first), err);
}

static enum sr_status put_decision(json_t *root, const json_t *description, struct sr_err *err)
{
	const json_t *decision = json_object_get(description, "decision");
	const json_t *publication = json_object_get(decision, "publication");
	const json_t *major = json_object_get(json_object_get(description, "major"), "is");

	SR_TRY(put_day(root, "decided", decision,
	               sr_json_text(decision, "signed_at") ? "signed_at" : "made_on", err));
	SR_TRY(sr_json_set(root, "major",
	                   json_is_boolean(major) ? json_boolean(json_is_true(major)) : json_null(), err));
	SR_TRY(put_reviewed(root, json_object_get(description, "legal_review"), err));
	SR_TRY(put_text(root, "basis", publication, "basis", err));
	SR_TRY(put_day(root, "published", publication, "published_on", err));
	SR_TRY(put_text(root, "fine", decision, "fine", err));
	SR_TRY(put_text(root, "confiscated", decision, "confiscated", err));
	return put_text(root, "recovered", decision, "recovered", err);
}

static enum sr_status note_person(json_t *people, const char *name, struct sr_err *err)
{
	if (!name || !*name || sr_scope_lists(people, name))
		return SR_OK;
	return sr_json_append(people, json_string(name), err);
}

/* Whose own case it is: officers, who is named as responsible, who arranged and checked it, who reviewed it
 * in law. */
static enum sr_status put_people(json_t *root, const json_t *description, struct sr_err *err)
{
	static const char *const named[][2] = { { "responsibility", "handler" },
		                                { "responsibility", "reviewer" },
		                                { "responsibility", "head" },
		                                { "archive", "arranged_by" },
		                                { "archive", "checked_by" } };
	json_t *people = json_array();
	size_t index, at;
	json_t *one, *reviewer;

	SR_TRY(sr_json_set(root, "people", people, err));
	json_array_foreach(json_object_get(description, "officers"), index, one)
		SR_TRY(note_person(people, sr_json_text(one, "name"), err));
	SR_TRY(sr_json_set(root, "officers", json_copy(people), err));
	for (size_t i = 0; i < SR_COUNT(named); i++)
		SR_TRY(note_person(
			people, sr_json_text(json_object_get(description, named[i][0]), named[i][1]), err));
	json_array_foreach(json_object_get(description, "legal_review"), index, one)
		json_array_foreach(json_object_get(one, "reviewers"), at, reviewer)
			SR_TRY(note_person(people, sr_json_text(reviewer, "name"), err));
	return SR_OK;
}

static enum sr_status put_case(json_t *root, const json_t *description, int64_t sealed_ns, struct sr_err *err)
{
	const json_t *dates = json_object_get(description, "dates");
	const json_t *execution = json_object_get(description, "execution");
	const json_t *correction = json_object_get(execution, "correction");

	SR_TRY(sr_json_set(root, "sealed", json_integer(sr_date_of_time(sealed_ns)), err));
	SR_TRY(sr_json_set(root, "sealed_ns", json_integer(sealed_ns), err));
	SR_TRY(put_text(root, "unit", json_object_get(description, "organ"), "unit", err));
	SR_TRY(put_text(root, "outcome", description, "outcome", err));
	SR_TRY(put_day(root, "started", dates, "started", err));
	SR_TRY(put_day(root, "closed", dates, "closed", err));
	SR_TRY(put_day(root, "ended", execution, "ended_on", err));
	SR_TRY(put_day(root, "correction_due", correction, "due", err));
	SR_TRY(sr_json_set(root, "corrected", json_boolean(sr_json_text(correction, "checked_at") != NULL),
	                   err));
	SR_TRY(sr_json_set(root, "hearing",
	                   json_boolean(sr_json_text(json_object_get(description, "hearing"), "at") != NULL),
	                   err));
	return put_decision(root, description, err);
}

static enum sr_status note_defect(json_t *codes, const char *severity, const char *code, struct sr_err *err)
{
	if (!severity || !code || strcmp(severity, sr_severity_name(SR_SEVERITY_DEFECT)) != 0 ||
	    sr_scope_lists(codes, code))
		return SR_OK;
	return sr_json_append(codes, json_string(code), err);
}

enum sr_status sr_case_facts_defects(const struct sr_findings *findings, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *codes = json_array();

	for (size_t i = 0; i < sr_findings_count(findings); i++) {
		const struct sr_finding *finding = sr_findings_at(findings, i);

		SR_TRY(note_defect(codes, sr_severity_name(finding->severity), finding->code, err));
	}
	*out = SR_MOVE(codes);
	return SR_OK;
}

enum sr_status sr_case_facts_defects_json(const json_t *findings, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *codes = json_array();
	size_t index;
	json_t *finding;

	json_array_foreach(findings, index, finding)
		SR_TRY(note_defect(codes, sr_json_text(finding, "severity"), sr_json_text(finding, "code"),
		                   err));
	*out = SR_MOVE(codes);
	return SR_OK;
}

enum sr_status sr_case_facts_new(const json_t *description, const json_t *defects, const json_t *applied,
                                 int64_t sealed_ns, struct sr_case_facts **out, struct sr_err *err)
{
	SR_CLEANUP(sr_case_facts_freep) struct sr_case_facts *facts = calloc(1, sizeof(*facts));

	if (!facts || !(facts->root = json_pack("{s:[],s:[]}", "recordings", "acts")) ||
	    !(facts->clips = json_object()))
		return sr_fail(err, SR_NO_MEMORY, "no memory for the facts of a case");
	facts->description = description;
	SR_TRY(sr_json_set(facts->root, "defects", defects ? json_deep_copy(defects) : json_array(), err));
	SR_TRY(sr_json_set(facts->root, "applied", applied ? json_deep_copy(applied) : json_array(), err));
	SR_TRY(put_case(facts->root, description, sealed_ns, err));
	SR_TRY(put_people(facts->root, description, err));
	*out = SR_MOVE(facts);
	return SR_OK;
}

/* --- recordings -------------------------------------------------------------------------------------- */

/* Stored within 24 hours of its end, or of the return of who was away for a reason; a date without a time is
 * in time where it may be. */
static int stored_in_time(const json_t *member, int64_t ended_ns)
{
	const json_t *away = json_object_get(member, "away");
	bool is_date = false, ignored;
	int64_t stored_ns, from_ns = ended_ns, back_ns;

	if (!moment(member, "stored_at", &stored_ns, &is_date))
		return -1;
	if (sr_json_text(away, "reason") && moment(away, "returned_at", &back_ns, &ignored) &&
	    back_ns > from_ns)
		from_ns = back_ns;
	return stored_ns <= from_ns + STORE_NS;
}

enum sr_status sr_case_facts_add(struct sr_case_facts *facts, const json_t *member, struct sr_err *err)
{
	const char *class = sr_json_text(member, "class");
	const char *path = sr_json_text(member, "path");
	int64_t from_ns, to_ns;
	bool from_date, to_date;
	json_t *item = NULL;

	if (!class || strcmp(class, "medium") != 0 || !path ||
	    !moment(member, "recorded_to", &to_ns, &to_date))
		return SR_OK;
	SR_TRY(SR_JSON_PACK(&item, err, "[I,i]", (json_int_t)sr_date_of_time(to_ns),
	                    stored_in_time(member, to_ns)));
	SR_TRY(sr_json_append(json_object_get(facts->root, "recordings"), item, err));
	if (!moment(member, "recorded_from", &from_ns, &from_date) || from_date || to_date)
		return SR_OK;
	SR_TRY(SR_JSON_PACK(&item, err, "[I,I]", (json_int_t)from_ns, (json_int_t)to_ns));
	return sr_json_set(facts->clips, path, item, err);
}

/* --- acts -------------------------------------------------------------------------------------------- */

static int64_t clip_time(const json_t *clip, size_t end)
{
	return json_integer_value(json_array_get(clip, end));
}

/* From @at on: the first moment that no recording covers (@covered false: that one covers), or @end. */
static int64_t covered_until(const struct sr_case_facts *facts, const json_t *recordings, int64_t at,
                             int64_t end)
{
	bool moved = true;

	while (moved && at < end) {
		size_t index;
		json_t *path;

		moved = false;
		json_array_foreach(recordings, index, path) {
			const json_t *clip = json_object_get(
				facts->clips, json_string_value(path) ? json_string_value(path) : "");

			if (clip && clip_time(clip, 0) <= at && clip_time(clip, 1) > at) {
				at = clip_time(clip, 1);
				moved = true;
			}
		}
	}
	return at < end ? at : end;
}

static int64_t next_clip(const struct sr_case_facts *facts, const json_t *recordings, int64_t at, int64_t end)
{
	int64_t next = end;
	size_t index;
	json_t *path;

	json_array_foreach(recordings, index, path) {
		const json_t *clip =
			json_object_get(facts->clips, json_string_value(path) ? json_string_value(path) : "");

		if (clip && clip_time(clip, 0) > at && clip_time(clip, 0) < next)
			next = clip_time(clip, 0);
	}
	return next;
}

/* The first moment from @at on that no row of @act with a reason covers, or @end. */
static int64_t explained_until(const json_t *act, int64_t at, int64_t end)
{
	bool moved = true, a, b;

	while (moved && at < end) {
		size_t index;
		json_t *row;
		int64_t from, to;

		moved = false;
		json_array_foreach(json_object_get(act, "gaps"), index, row)
			if (!sr_text_is_blank(sr_json_text(row, "reason")) &&
			    moment(row, "from", &from, &a) && moment(row, "to", &to, &b) && from <= at &&
			    to > at) {
				at = to;
				moved = true;
			}
	}
	return at < end ? at : end;
}

static int64_t next_explained(const json_t *act, int64_t at, int64_t end)
{
	int64_t next = end, from, to;
	bool a, b;
	size_t index;
	json_t *row;

	json_array_foreach(json_object_get(act, "gaps"), index, row)
		if (!sr_text_is_blank(sr_json_text(row, "reason")) && moment(row, "from", &from, &a) &&
		    moment(row, "to", &to, &b) && to > from && from > at && from < next)
			next = from;
	return next;
}

/* A gap of recording is explained where rows with a reason leave no piece of it over the tolerance, or the
 * recording was abandoned for a reason and the gap lasts to the end of the act: as timeline.c judges it. */
static bool is_explained(const json_t *act, int64_t from, int64_t to, int64_t end)
{
	if (to >= end && !sr_text_is_blank(sr_json_text(json_object_get(act, "abandoned"), "reason")))
		return true;
	for (int64_t at = from; at < to;) {
		at = explained_until(act, at, to);
		int64_t next = next_explained(act, at, to);

		if (next - at > TOLERANCE_NS)
			return false;
		at = next;
	}
	return true;
}

static int recorded_as_a_whole(const struct sr_case_facts *facts, const json_t *act)
{
	const json_t *recordings = json_object_get(act, "recordings");
	int64_t at, end;
	bool a, b;

	if (!moment(act, "from", &at, &a) || !moment(act, "to", &end, &b) || a || b || end < at)
		return -1;
	while (at < end) {
		at = covered_until(facts, recordings, at, end);
		int64_t next = next_clip(facts, recordings, at, end);

		if (at < end && next - at > TOLERANCE_NS && !is_explained(act, at, next, end))
			return 0;
		at = next;
	}
	return 1;
}

enum sr_status sr_case_facts_finish(struct sr_case_facts *facts, struct sr_err *err)
{
	size_t index;
	json_t *act, *item = NULL;

	json_array_foreach(json_object_get(facts->description, "acts"), index, act) {
		int64_t days;

		if (json_array_size(json_object_get(act, "full_basis")) == 0 ||
		    (!day(act, "to", &days) && !day(act, "from", &days)))
			continue;
		SR_TRY(SR_JSON_PACK(&item, err, "[I,i]", (json_int_t)days, recorded_as_a_whole(facts, act)));
		SR_TRY(sr_json_append(json_object_get(facts->root, "acts"), item, err));
	}
	return SR_OK;
}

enum sr_status sr_case_facts_put(const struct sr_case_facts *facts, struct sr_txn *txn, const char *case_id,
                                 struct sr_err *err)
{
	return sr_record_put(txn, SR_DB_FACTS, case_id, facts->root, err);
}
