/* SPDX-License-Identifier: Apache-2.0 */
/* What evaluation reviews (案卷评查) found: RecordReview. */
#include "appliance/keeper/reviews/methods.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/casefile/rulebook.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/review_people.h"
#include "appliance/keeper/state/scope.h"

#define FOLDER "reviews"

/* --- RecordReview ----------------------------------------------------------------------------------- */

struct recording {
	const json_t *record; /* as given */
	char case_id[SR_UUID_TEXT];
	char digest[SR_DIGEST_HEX];
	const char *result;
	int64_t score;
};

static const json_t *find_kind(const json_t *rows, const char *kind)
{
	size_t index;
	json_t *row;

	json_array_foreach(rows, index, row)
		if (kind && strcmp(sr_json_text(row, "kind"), kind) == 0)
			return row;
	return NULL;
}

/* Points of each item of the sheet; every one must be there, and none over what the sheet gives. */
static enum sr_status add_points(const json_t *sheet, const json_t *points, int64_t *score,
                                 struct sr_err *err)
{
	const json_t *items = json_object_get(sheet, "items");
	size_t index;
	json_t *item;

	*score = 0;
	json_array_foreach(items, index, item) {
		const char *kind = sr_json_text(item, "kind");
		const json_t *given = json_object_get(points, kind);
		json_int_t most = json_integer_value(json_object_get(item, "points"));

		if (!json_is_integer(given) || json_integer_value(given) < 0 ||
		    json_integer_value(given) > most)
			return sr_fail(err, SR_INVALID, "/record/points/%s: must be from 0 to %lld", kind,
			               (long long)most);
		*score += json_integer_value(given);
	}
	if (json_object_size(points) != json_array_size(items))
		return sr_fail(err, SR_INVALID, "/record/points: has items that the sheet does not know");
	return SR_OK;
}

static enum sr_status judge_sheet(struct recording *recording, struct sr_err *err)
{
	const char *name = sr_json_text(recording->record, "sheet");
	const json_t *vetoes = json_object_get(recording->record, "vetoes");
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *base = NULL;
	size_t index;
	json_t *veto;

	SR_TRY(sr_rulebook_load("base", &base, err));
	const json_t *sheet = find_kind(sr_rulebook_table(base, "score_sheets"), name);
	if (!sheet)
		return sr_fail(err, SR_INVALID, "/record/sheet: no score sheet of that name");
	json_array_foreach(vetoes, index, veto)
		if (!find_kind(json_object_get(sheet, "veto"), json_string_value(veto)))
			return sr_fail(err, SR_INVALID, "/record/vetoes/%zu: no veto item of the sheet",
			               index);
	SR_TRY(add_points(sheet, json_object_get(recording->record, "points"), &recording->score, err));
	bool passed = json_array_size(vetoes) == 0 &&
	              recording->score >= json_integer_value(json_object_get(sheet, "pass"));
	recording->result = passed ? "passed" : "failed";
	return SR_OK;
}

/* A whole sheet is judged here; without one, result and score are taken as they are given. */
static enum sr_status judge_record(struct recording *recording, struct sr_err *err)
{
	const json_t *score = json_object_get(recording->record, "score");
	const char *result = sr_json_text(recording->record, "result");

	if (json_object_get(recording->record, "sheet"))
		return judge_sheet(recording, err);
	if (!result || (strcmp(result, "passed") != 0 && strcmp(result, "failed") != 0))
		return sr_fail(err, SR_INVALID,
		               "/record/result: passed or failed, or a sheet with its points");
	recording->result = result;
	recording->score = json_is_integer(score) ? json_integer_value(score) : -1;
	if (score && (recording->score < 0 || recording->score > 100))
		return sr_fail(err, SR_INVALID, "/record/score: from 0 to 100");
	return SR_OK;
}

/* A review of the caller, a case of its sample that they did not handle. */
static enum sr_status check_recording(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct recording *recording = act->work;
	const char *review = sr_act_text(act, "review");
	const char *reference = sr_json_text(recording->record, "case");
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;
	struct sr_case_record record;
	char key[SR_RECORD_KEY];
	bool own;

	snprintf(key, sizeof(key), "v/%.200s", review);
	SR_TRY(sr_record_look(txn, SR_DB_REVIEWS, key, &known, err));
	if (!known || (strcmp(sr_json_text(known, "by"), act->caller.user) != 0 &&
	               !sr_scope_lists(json_object_get(known, "reviewers"), act->caller.user)))
		return sr_act_not_found(act, "review", review, err);
	if (!reference)
		return sr_fail(err, SR_INVALID, "/record/case: not there");
	SR_TRY(sr_case_view_find(act, txn, reference, &record, err));
	sr_case_id_format(&record.id, recording->case_id);
	if (!sr_scope_lists(json_object_get(known, "sample"), recording->case_id))
		return sr_fail(err, SR_INVALID, "the case is not of the sample of %s", review);
	SR_TRY(sr_review_is_own(txn, &record, act->caller.user, act->caller.full_name, &own, err));
	if (own)
		return sr_act_refuse(act, "NotYourRole", err,
		                     "you handled this case: somebody else reviews it");
	return SR_OK;
}

/* A finding lies at a member, on pages of it ("3", "3-5") or at a time of a recording ("00:31:05"). */
static enum sr_status check_findings(const json_t *record, struct sr_err *err)
{
	const json_t *findings = json_object_get(record, "findings");
	size_t index;
	json_t *finding;

	if (findings && !json_is_array(findings))
		return sr_fail(err, SR_INVALID, "/record/findings: must be a list");
	json_array_foreach(findings, index, finding) {
		const json_t *member = json_object_get(finding, "member");

		if (sr_text_is_blank(sr_json_text(finding, "text")))
			return sr_fail(err, SR_INVALID, "/record/findings/%zu/text: not there", index);
		if (member && (!json_is_integer(member) || json_integer_value(member) < 1))
			return sr_fail(err, SR_INVALID,
			               "/record/findings/%zu/member: must be a member's number", index);
		if ((json_object_get(finding, "page") && !sr_json_text(finding, "page")) ||
		    (json_object_get(finding, "at") && !sr_json_text(finding, "at")))
			return sr_fail(err, SR_INVALID,
			               "/record/findings/%zu: page and at are text, such as \"3-5\" and "
			               "\"00:31:05\"",
			               index);
	}
	return SR_OK;
}

static enum sr_status put_finding(struct sr_act *act, struct sr_txn *txn, const json_t *finding,
                                  struct sr_err *err)
{
	const struct recording *recording = act->work;
	static const char *const places[] = { "member", "page", "at" };
	const char *code = sr_json_text(finding, "code"), *text = sr_json_text(finding, "text");
	const char *review = sr_act_text(act, "review");
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *before = NULL;
	char key[SR_RECORD_KEY];

	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s,s:s,s:s,s:s}", "review", review, "case", recording->case_id,
	                    "code", code ? code : "other", "text", text));
	for (size_t i = 0; i < SR_COUNT(places); i++) {
		json_t *value = json_object_get(finding, places[i]);

		if (value)
			SR_TRY(sr_json_set(fields, places[i], json_incref(value), err));
	}
	snprintf(key, sizeof(key), "f/%.200s-", review);
	SR_TRY(sr_record_keys(txn, SR_DB_REVIEWS, key, &before, err));
	snprintf(key, sizeof(key), "%.200s-%zu", review, json_array_size(before) + 1);
	SR_TRY(sr_json_set(fields, "finding", json_string(key), err));
	return sr_act_record(act, txn, "review.finding", SR_MOVE(fields), NULL, err);
}

static enum sr_status put_recorded(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct recording *recording = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;
	size_t index;
	json_t *finding;

	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s,s:s,s:s,s:s}", "review", sr_act_text(act, "review"), "case",
	                    recording->case_id, "result", recording->result, "record", recording->digest));
	if (recording->score >= 0)
		SR_TRY(sr_json_set(fields, "score", json_integer(recording->score), err));
	SR_TRY(sr_act_record(act, txn, "review.recorded", SR_MOVE(fields), NULL, err));
	json_array_foreach(json_object_get(recording->record, "findings"), index, finding)
		SR_TRY(put_finding(act, txn, finding, err));
	return SR_OK;
}

/* The sheet itself, as DATA/reviews/V00001-CASE.json: the log has its digest. */
static enum sr_status keep_sheet(struct sr_act *act, const struct recording *recording,
                                 const struct sr_buf *text, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	char name[128];

	if (mkdirat(act->keeper->data->dir_fd, FOLDER, 0700) < 0 && errno != EEXIST)
		return sr_fail_errno(err, "make the folder " FOLDER);
	fd = openat(act->keeper->data->dir_fd, FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return sr_fail_errno(err, "open the folder " FOLDER);
	snprintf(name, sizeof(name), "%.40s-%s.json", sr_act_text(act, "review"), recording->case_id);
	return sr_fd_write_file(fd, name, 0600, text->data, text->size, err);
}

static enum sr_status record_review(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct recording recording = { .record = sr_act_value(act, "record"), .score = -1 };
	struct sr_digest digest;

	SR_TRY(judge_record(&recording, err));
	SR_TRY(check_findings(recording.record, err));
	SR_TRY(sr_json_write(recording.record, &text, err));
	SR_TRY(sr_digest_of(text.data, text.size, &digest, err));
	sr_digest_to_hex(&digest, recording.digest);
	sr_act_set_work(act, &recording);
	SR_TRY(sr_act_write(act, check_recording, put_recorded, err));
	SR_TRY(keep_sheet(act, &recording, &text, err));
	return sr_act_reply(act, err, "{s:s,s:s,s:s,s:o,s:s}", "review", sr_act_text(act, "review"), "case",
	                    recording.case_id, "result", recording.result, "score",
	                    recording.score >= 0 ? json_integer(recording.score) : json_null(), "record",
	                    recording.digest);
}

static const struct sr_method methods[] = {
	{ "RecordReview", "review:text record:object", SR_BY(SUPERVISOR), SR_DOOR_PEOPLE, 0, record_review },
};
const struct sr_method_family sr_review_record_methods = { methods, SR_COUNT(methods) };
