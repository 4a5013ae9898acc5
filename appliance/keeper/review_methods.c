/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluation reviews (案卷评查): DrawReview, RecordReview. */
#include "appliance/keeper/families.h"

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
#include "appliance/casefile/rulebook.h"
#include "appliance/keeper/act.h"
#include "appliance/keeper/case_each.h"
#include "appliance/keeper/counter.h"
#include "appliance/keeper/keeper_parts.h"
#include "appliance/keeper/record.h"
#include "appliance/keeper/review_draw.h"
#include "appliance/keeper/scope.h"

#define SAMPLE_MAX 500
#define POPULATION_MAX 50000u
#define FOLDER "reviews"

/* --- DrawReview ------------------------------------------------------------------------------------- */

struct drawing {
	struct sr_act *act;
	int64_t year;
	const char *category; /* NULL: any */
	json_t *population;   /* [{"case","stratum"}] */
	json_t *numbers;      /* case: number */
	char digest[SR_DIGEST_HEX];
	char review[SR_LABEL_BYTES];
	json_t *sample;
};

static void drawing_dispose(struct drawing *drawing)
{
	json_decref(drawing->population);
	json_decref(drawing->numbers);
	json_decref(drawing->sample);
}

static bool says(struct sr_bytes bytes, const char *text)
{
	return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

/* Nobody reviews a case that they handled. */
static bool handled(const struct sr_act *act, const struct sr_case_record *record)
{
	return says(record->handler, act->caller.user) ||
	       (act->caller.full_name[0] && says(record->handler, act->caller.full_name));
}

static enum sr_status take_case(void *context, struct sr_txn *txn, const struct sr_case_record *record,
                                struct sr_err *err)
{
	struct drawing *drawing = context;
	char id[SR_UUID_TEXT], stratum[512];
	int year, month, day;
	json_t *item = NULL;

	(void)txn;
	sr_date_split(sr_date_of_time(record->sealed_ns), &year, &month, &day);
	if (year != drawing->year || handled(drawing->act, record) ||
	    (drawing->category && !says(record->category, drawing->category)))
		return SR_OK;
	if (json_array_size(drawing->population) == POPULATION_MAX)
		return sr_fail(err, SR_LIMIT, "over %u cases to draw from: draw by category", POPULATION_MAX);
	sr_case_id_format(&record->id, id);
	snprintf(stratum, sizeof(stratum), "%.*s/%.*s", (int)record->organ.size,
	         (const char *)record->organ.data, (int)record->category.size,
	         (const char *)record->category.data);
	SR_TRY(SR_JSON_PACK(&item, err, "{s:s,s:s}", "case", id, "stratum", stratum));
	SR_TRY(sr_json_append(drawing->population, item, err));
	return sr_json_set(drawing->numbers, id,
	                   json_stringn((const char *)record->number.data, record->number.size), err);
}

static enum sr_status put_seeded(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct drawing *drawing = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;

	SR_TRY(sr_counter_next(txn, 'V', drawing->review, err));
	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s,s:I,s:I,s:s,s:s,s:I}", "review", drawing->review, "year",
	                    (json_int_t)drawing->year, "count", (json_int_t)sr_act_count(act, "count", 0),
	                    "seed", sr_act_text(act, "seed"), "population", drawing->digest,
	                    "population_size", (json_int_t)json_array_size(drawing->population)));
	if (drawing->category)
		SR_TRY(sr_json_set(fields, "category", json_string(drawing->category), err));
	return sr_act_record(act, txn, "review.seeded", SR_MOVE(fields), NULL, err);
}

static enum sr_status put_drawn(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct drawing *drawing = act->work;

	return sr_act_record(act, txn, "review.drawn",
	                     json_pack("{s:s,s:O}", "review", drawing->review, "sample", drawing->sample),
	                     NULL, err);
}

static enum sr_status tell_drawn(struct drawing *drawing, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *shown = json_array();
	size_t index;
	json_t *id;

	json_array_foreach(drawing->sample, index, id) {
		json_t *item = NULL;

		SR_TRY(SR_JSON_PACK(&item, err, "{s:O,s:O}", "case", id, "number",
		                    json_object_get(drawing->numbers, json_string_value(id))));
		SR_TRY(sr_json_append(shown, item, err));
	}
	return sr_act_reply(drawing->act, err, "{s:s,s:s,s:s,s:O,s:O}", "review", drawing->review, "seed",
	                    sr_act_text(drawing->act, "seed"), "population_digest", drawing->digest,
	                    "population", drawing->population, "sample", shown);
}

static enum sr_status draw_review(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(drawing_dispose)
	struct drawing drawing = {
		.act = act,
		.year = sr_act_count(act, "year", 0),
		.category = sr_act_text(act, "category"),
		.population = json_array(),
		.numbers = json_object(),
	};
	int64_t count = sr_act_count(act, "count", 0);

	if (count < 1 || count > SAMPLE_MAX)
		return sr_fail(err, SR_INVALID, "/count: from 1 to %d", SAMPLE_MAX);
	SR_TRY(sr_case_each(act, false, take_case, &drawing, err));
	if (json_array_size(drawing.population) == 0)
		return sr_fail(err, SR_INVALID, "no case of that year and category is there to be reviewed");
	SR_TRY(sr_review_population_digest(drawing.population, drawing.digest, err));
	act->work = &drawing;
	SR_TRY(sr_act_write(act, NULL, put_seeded, err));
	SR_TRY(sr_review_draw(drawing.population, sr_act_text(act, "seed"), (size_t)count, &drawing.sample,
	                      err));
	SR_TRY(sr_act_write(act, NULL, put_drawn, err));
	return tell_drawn(&drawing, err);
}

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

	snprintf(key, sizeof(key), "v/%.200s", review);
	SR_TRY(sr_record_look(txn, SR_DB_REVIEWS, key, &known, err));
	if (!known || strcmp(sr_json_text(known, "by"), act->caller.user) != 0)
		return sr_act_not_found(act, "review", review, err);
	if (!reference)
		return sr_fail(err, SR_INVALID, "/record/case: not there");
	SR_TRY(sr_case_view_find(act, txn, reference, &record, err));
	sr_case_id_format(&record.id, recording->case_id);
	if (!sr_scope_lists(json_object_get(known, "sample"), recording->case_id))
		return sr_fail(err, SR_INVALID, "the case is not of the sample of %s", review);
	if (handled(act, &record))
		return sr_act_refuse(act, "NotYourRole", err,
		                     "you handled this case: somebody else reviews it");
	return SR_OK;
}

static enum sr_status put_finding(struct sr_act *act, struct sr_txn *txn, const json_t *finding,
                                  struct sr_err *err)
{
	const struct recording *recording = act->work;
	const char *code = sr_json_text(finding, "code"), *text = sr_json_text(finding, "text");
	json_t *member = json_object_get(finding, "member");
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;

	if (!text)
		return sr_fail(err, SR_INVALID, "/record/findings: each has a text");
	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s,s:s,s:s,s:s}", "review", sr_act_text(act, "review"), "case",
	                    recording->case_id, "code", code ? code : "other", "text", text));
	if (json_is_integer(member))
		SR_TRY(sr_json_set(fields, "member", json_incref(member), err));
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
	SR_TRY(sr_json_write(recording.record, &text, err));
	SR_TRY(sr_digest_of(text.data, text.size, &digest, err));
	sr_digest_to_hex(&digest, recording.digest);
	act->work = &recording;
	SR_TRY(sr_act_write(act, check_recording, put_recorded, err));
	SR_TRY(keep_sheet(act, &recording, &text, err));
	return sr_act_reply(act, err, "{s:s,s:s,s:s,s:o,s:s}", "review", sr_act_text(act, "review"), "case",
	                    recording.case_id, "result", recording.result, "score",
	                    recording.score >= 0 ? json_integer(recording.score) : json_null(), "record",
	                    recording.digest);
}

static const struct sr_method methods[] = {
	{ "DrawReview", "year:count count:count seed:text category:text?", SR_BY(SUPERVISOR), SR_DOOR_PEOPLE,
	  SR_METHOD_SLOW, draw_review },
	{ "RecordReview", "review:text record:object", SR_BY(SUPERVISOR), SR_DOOR_PEOPLE, 0, record_review },
};
const struct sr_method_family sr_review_methods = { methods, SR_COUNT(methods) };
