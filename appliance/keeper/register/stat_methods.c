/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics: the figures of a year. */
#include "appliance/keeper/register/methods.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/casefile/calendar.h"
#include "appliance/casefile/rulebook.h"
#include "appliance/keeper/cases/case_each.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/register/figures.h"
#include "appliance/keeper/register/register_view.h"
#include "appliance/keeper/requests/request_access.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/register_row.h"

#define HOUR_NS (3600 * SR_SECOND_NS)
#define DAY_BEGINS_H 9 /* working hours of a working day */
#define DAY_ENDS_H 17
#define REQUEST_DAYS_MAX 400

struct counting {
	struct sr_act *act;
	struct sr_figures *figures;
	int year;
	const json_t *holidays;
	json_t *first; /* case: findings of its draft's first submission */
};

static bool is_of_year(const struct counting *counting, int64_t day)
{
	int year, month, of_month;

	sr_date_split(day, &year, &month, &of_month);
	return year == counting->year;
}

/* A day of the facts; false where it is not known. */
static bool fact_day(const json_t *facts, const char *key, int64_t *day)
{
	const json_t *value = json_object_get(facts, key);

	*day = json_integer_value(value);
	return json_is_integer(value);
}

static const char *verdict(int value)
{
	return value > 0 ? "yes" : value == 0 ? "no" : "unknown";
}

/* --- cases ------------------------------------------------------------------------------------------- */

static enum sr_status count_hearing(struct counting *counting, const json_t *facts,
                                    const struct sr_figure_subject *subject, struct sr_err *err)
{
	int64_t decided;

	if (!fact_day(facts, "decided", &decided) || !is_of_year(counting, decided) ||
	    !json_is_true(json_object_get(facts, "hearing")))
		return SR_OK;
	return sr_figures_count(counting->figures, "hearings", "held", subject, err);
}

static enum sr_status count_decision(struct counting *counting, const json_t *facts,
                                     const struct sr_figure_subject *subject, struct sr_err *err)
{
	const json_t *major = json_object_get(facts, "major");
	int64_t decided, reviewed;

	if (!fact_day(facts, "decided", &decided) || !is_of_year(counting, decided) || json_is_false(major))
		return SR_OK;
	if (!json_is_boolean(major))
		return sr_figures_count(counting->figures, "legal_review", "unknown", subject, err);
	bool passed = fact_day(facts, "reviewed", &reviewed) && reviewed <= decided;
	return sr_figures_count(counting->figures, "legal_review", passed ? "yes" : "no", subject, err);
}

static enum sr_status count_publication(struct counting *counting, const json_t *facts,
                                        const struct sr_figure_subject *subject, struct sr_err *err)
{
	const char *basis = sr_json_text(facts, "basis");
	int64_t decided, published, due;
	int no_year;

	if (!fact_day(facts, "decided", &decided) || (basis && strcmp(basis, "exempt") == 0))
		return SR_OK;
	if (!basis || !sr_calendar_due(counting->holidays, decided, basis[0] == '7' ? 7 : 20, &due, &no_year))
		return is_of_year(counting, decided)
		               ? sr_figures_count(counting->figures, "published_in_time", "unknown", subject,
		                                  err)
		               : SR_OK;
	if (!is_of_year(counting, due))
		return SR_OK;
	bool in_time = fact_day(facts, "published", &published) && published <= due;
	return sr_figures_count(counting->figures, "published_in_time", in_time ? "yes" : "no", subject, err);
}

/* [[DAY,1|0|-1]…] */
static enum sr_status count_list(struct counting *counting, const json_t *list, const char *name,
                                 const struct sr_figure_subject *subject, struct sr_err *err)
{
	size_t index;
	json_t *item;

	json_array_foreach(list, index, item)
		if (is_of_year(counting, json_integer_value(json_array_get(item, 0))))
			SR_TRY(sr_figures_count(counting->figures, name,
			                        verdict((int)json_integer_value(json_array_get(item, 1))),
			                        subject, err));
	return SR_OK;
}

static enum sr_status add_article(json_t *articles, const char *code, struct sr_err *err)
{
	char article[SR_ARTICLE_BYTES];

	sr_rulebook_article(code, article);
	return sr_json_set(articles, article, json_true(), err);
}

/* Articles under which a case lacks something: a defect that was sealed in, or a blocker of its first
 * submission. */
static enum sr_status lacking_articles(const struct counting *counting, const json_t *facts, const char *id,
                                       json_t *articles, struct sr_err *err)
{
	const json_t *first = json_object_get(counting->first, id);
	size_t index;
	json_t *code, *finding;

	json_array_foreach(json_object_get(facts, "defects"), index, code)
		SR_TRY(add_article(articles, json_string_value(code), err));
	json_array_foreach(first, index, finding) {
		const char *of = sr_json_text(finding, "code"), *severity = sr_json_text(finding, "severity");

		if (of && severity && strcmp(severity, "blocker") == 0 && of[0] != 'X')
			SR_TRY(add_article(articles, of, err));
	}
	return SR_OK;
}

/* An article applied where a rule of it did, at the sealing or, as its finding shows, before. */
static enum sr_status count_articles(struct counting *counting, const json_t *facts,
                                     const struct sr_figure_subject *subject, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *lacking = json_object();
	SR_CLEANUP(sr_json_decrefp) json_t *applied = json_object();
	const char *article;
	size_t index;
	json_t *value;

	SR_TRY(lacking_articles(counting, facts, subject->case_id, lacking, err));
	json_array_foreach(json_object_get(facts, "applied"), index, value)
		SR_TRY(sr_json_set(applied, json_string_value(value), json_true(), err));
	json_object_foreach(lacking, article, value)
		SR_TRY(sr_json_set(applied, article, json_true(), err));
	json_object_foreach(applied, article, value)
		SR_TRY(sr_figures_article(counting->figures, article,
		                          json_object_get(lacking, article) != NULL, subject, err));
	json_array_foreach(json_object_get(facts, "officers"), index, value)
		SR_TRY(sr_figures_officer(counting->figures, json_string_value(value),
		                          json_object_size(lacking) > 0, subject, err));
	return SR_OK;
}

static enum sr_status count_sealed(struct counting *counting, const json_t *facts,
                                   const struct sr_figure_subject *subject, struct sr_err *err)
{
	int year, month, of_month;
	int64_t sealed;
	char label[16];

	if (!fact_day(facts, "sealed", &sealed) || !is_of_year(counting, sealed))
		return SR_OK;
	sr_date_split(sealed, &year, &month, &of_month);
	snprintf(label, sizeof(label), "%d", month);
	SR_TRY(sr_figures_count(counting->figures, "sealed_by_month", label, subject, err));
	SR_TRY(sr_figures_count(counting->figures, "sealed_by_category",
	                        subject->category[0] ? subject->category : "unknown", subject, err));
	return count_articles(counting, facts, subject, err);
}

static void text_of(struct sr_bytes bytes, char *out, size_t size)
{
	snprintf(out, size, "%.*s", (int)bytes.size, (const char *)bytes.data);
}

static enum sr_status count_case(void *context, struct sr_txn *txn, const struct sr_case_record *record,
                                 struct sr_err *err)
{
	struct counting *counting = context;
	char id[SR_UUID_TEXT], number[256], organ[256], unit[256], category[256];
	const struct sr_figure_subject subject = {
		.case_id = id, .number = number, .organ = organ, .unit = unit, .category = category
	};
	SR_CLEANUP(sr_json_decrefp) json_t *facts = NULL;

	sr_case_id_format(&record->id, id);
	text_of(record->number, number, sizeof(number));
	text_of(record->organ, organ, sizeof(organ));
	text_of(record->unit, unit, sizeof(unit));
	text_of(record->category, category, sizeof(category));
	SR_TRY(sr_record_look(txn, SR_DB_FACTS, id, &facts, err));
	if (!facts)
		return sr_figures_count(counting->figures, "not_counted", "unknown", &subject, err);
	SR_TRY(count_sealed(counting, facts, &subject, err));
	SR_TRY(count_decision(counting, facts, &subject, err));
	SR_TRY(count_hearing(counting, facts, &subject, err));
	SR_TRY(count_publication(counting, facts, &subject, err));
	SR_TRY(count_list(counting, json_object_get(facts, "recordings"), "stored_in_time", &subject, err));
	return count_list(counting, json_object_get(facts, "acts"), "recorded_whole", &subject, err);
}

/* --- the register ------------------------------------------------------------------------------------ */

static enum sr_status count_archived(struct counting *counting, struct sr_txn *txn, const json_t *record,
                                     const struct sr_figure_subject *known, struct sr_err *err)
{
	struct sr_figure_subject subject = *known;
	struct sr_case_record sealed;
	char id[SR_UUID_TEXT];
	int64_t due;
	bool found;

	if (!sr_register_due(json_object_get(record, "row"), &due) || !is_of_year(counting, due))
		return SR_OK;
	SR_TRY(sr_register_case(counting->act, txn, record, &found, &sealed, err));
	if (found) {
		sr_case_id_format(&sealed.id, id);
		subject.case_id = id;
	}
	bool in_time = found && sr_date_of_time(sealed.sealed_ns) <= due;
	return sr_figures_count(counting->figures, "archived_in_time", in_time ? "yes" : "no", &subject, err);
}

static enum sr_status count_report(struct counting *counting, const json_t *row,
                                   const struct sr_figure_subject *subject, struct sr_err *err)
{
	static const char *const flags[] = { "reconsideration", "litigation", "reversed" };
	static const char *const money[] = { "fine", "confiscated", "recovered" };
	const char *outcome = sr_json_text(row, "outcome");
	int64_t decided;

	if (!sr_register_day(row, "decided", &decided) || !is_of_year(counting, decided))
		return SR_OK;
	SR_TRY(sr_figures_count(counting->figures, "outcomes", outcome ? outcome : "unknown", subject, err));
	for (size_t i = 0; i < SR_COUNT(flags); i++)
		if (sr_register_says_yes(row, flags[i]))
			SR_TRY(sr_figures_count(counting->figures, "disputes", flags[i], subject, err));
	for (size_t i = 0; i < SR_COUNT(money); i++)
		SR_TRY(sr_figures_sum(counting->figures, money[i], sr_json_text(row, money[i]), err));
	return SR_OK;
}

static enum sr_status count_row(void *context, struct sr_txn *txn, const json_t *record, struct sr_err *err)
{
	struct counting *counting = context;
	const json_t *row = json_object_get(record, "row");
	const struct sr_figure_subject subject = {
		.number = sr_json_text(record, "number"),
		.organ = sr_json_text(record, "organ"),
		.unit = sr_json_text(row, "unit"),
		.category = sr_json_text(row, "category"),
	};

	SR_TRY(count_archived(counting, txn, record, &subject, err));
	return count_report(counting, row, &subject, err);
}

/* --- requests and reviews ---------------------------------------------------------------------------- */

/* Hours between nine and five of working days; false without a table of the year. */
static bool working_hours(const json_t *holidays, int64_t from_ns, int64_t to_ns, double *hours)
{
	int64_t first = sr_date_of_time(from_ns), last = sr_date_of_time(to_ns), sum_ns = 0;

	if (last - first > REQUEST_DAYS_MAX)
		return false;
	for (int64_t day = first; day <= last; day++) {
		int64_t begin = sr_time_of_date(day) + DAY_BEGINS_H * HOUR_NS;
		int64_t end = sr_time_of_date(day) + DAY_ENDS_H * HOUR_NS;
		bool working;

		if (!sr_calendar_is_working_day(holidays, day, &working))
			return false;
		begin = begin > from_ns ? begin : from_ns;
		end = end < to_ns ? end : to_ns;
		sum_ns += working && end > begin ? end - begin : 0;
	}
	*hours = (double)sum_ns / (double)HOUR_NS;
	return true;
}

static enum sr_status may_count(struct counting *counting, struct sr_txn *txn, const json_t *request,
                                bool *out, struct sr_err *err)
{
	const char *organ = sr_json_text(request, "organ");
	const char *by = sr_json_text(request, "filed_by");

	*out = sr_act_is(counting->act, SR_BY(AUDITOR));
	if (*out || !organ)
		return SR_OK;
	if (sr_act_is(counting->act, SR_BY(SUPERVISOR) | SR_BY(ARCHIVIST) | SR_BY(OFFICIAL)))
		return sr_case_view_is_below(txn, counting->act->caller.organ,
		                             (struct sr_bytes){ (const uint8_t *)organ, strlen(organ) }, out,
		                             err);
	*out = by && strcmp(by, counting->act->caller.user) == 0;
	return SR_OK;
}

struct request_walk {
	struct counting *counting;
	struct sr_txn *txn;
};

static enum sr_status count_request(void *context, const char *key, json_t *request, struct sr_err *err)
{
	const struct request_walk *walk = context;
	const json_t *decisions = json_object_get(request, "decisions");
	const json_t *last = json_array_get(decisions, json_array_size(decisions) - 1);
	const char *state = sr_json_text(request, "state"), *filed = sr_json_text(request, "filed");
	const char *decided = sr_json_text(last, "time");
	const struct sr_figure_subject subject = { .number = key, .organ = sr_json_text(request, "organ") };
	int64_t filed_ns, decided_ns;
	double hours;
	bool may;

	if (!state || !filed || !decided || !sr_time_parse(filed, &filed_ns) ||
	    !sr_time_parse(decided, &decided_ns) || !is_of_year(walk->counting, sr_date_of_time(decided_ns)))
		return SR_OK;
	bool approved = strcmp(state, "approved") == 0, refused = strcmp(state, "refused") == 0;
	SR_TRY(may_count(walk->counting, walk->txn, request, &may, err));
	if (may && !sr_act_is(walk->counting->act, SR_BY(AUDITOR)))
		SR_TRY(sr_cases_within(walk->counting->act, walk->txn, json_object_get(request, "cases"),
		                       &may, err));
	if (!may || (!approved && !refused))
		return SR_OK;
	SR_TRY(sr_figures_count(walk->counting->figures, "requests_approved", approved ? "yes" : "no",
	                        &subject, err));
	if (!working_hours(walk->counting->holidays, filed_ns, decided_ns, &hours))
		return SR_OK;
	return sr_figures_hours(walk->counting->figures, hours, err);
}

/* The record of a sealed case, with *may false where there is none or the caller may not know of it. */
static enum sr_status look_at_sealed(const struct request_walk *walk, const struct sr_case_id *id,
                                     struct sr_case_record *out, bool *may, struct sr_err *err)
{
	enum sr_status status = sr_case_store_get(walk->txn, id, out, err);

	*may = status == SR_OK;
	if (status == SR_NOT_FOUND)
		return SR_OK;
	if (status != SR_OK || sr_act_is(walk->counting->act, SR_BY(AUDITOR)))
		return status;
	return sr_case_view_may_know(walk->counting->act, walk->txn, out, may, err);
}

static enum sr_status count_review(void *context, const char *key, json_t *record, struct sr_err *err)
{
	const struct request_walk *walk = context;
	const char *id = sr_json_text(record, "case");
	struct sr_figure_subject subject = { .case_id = id };
	struct sr_case_record sealed;
	char number[256], organ[256], unit[256], category[256];
	struct sr_case_id case_id;
	bool may;

	(void)key;
	if (!id || !is_of_year(walk->counting, json_integer_value(json_object_get(record, "day"))) ||
	    !sr_case_id_parse(id, &case_id))
		return SR_OK;
	SR_TRY(look_at_sealed(walk, &case_id, &sealed, &may, err));
	if (!may)
		return SR_OK;
	text_of(sealed.number, number, sizeof(number));
	text_of(sealed.organ, organ, sizeof(organ));
	text_of(sealed.unit, unit, sizeof(unit));
	text_of(sealed.category, category, sizeof(category));
	subject.number = number;
	subject.organ = organ;
	subject.unit = unit;
	subject.category = category;
	return sr_figures_count(walk->counting->figures, "reviews_passed",
	                        json_is_true(json_object_get(record, "passed")) ? "yes" : "no", &subject,
	                        err);
}

/* --- first submissions -------------------------------------------------------------------------------- */

static enum sr_status note_first(void *context, const char *key, json_t *draft, struct sr_err *err)
{
	struct counting *counting = context;
	const char *case_id = sr_json_text(draft, "case");
	json_t *findings = json_object_get(json_object_get(draft, "first"), "findings");

	(void)key;
	if (!case_id || !findings)
		return SR_OK;
	return sr_json_set(counting->first, case_id, json_incref(findings), err);
}

static enum sr_status read_first(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	return sr_record_each(txn, SR_DB_DRAFTS, "D", note_first, act->work, err);
}

/* What a review found of a sealed case, and how far that has come: by the day it was found. */
static enum sr_status count_finding(void *context, const char *key, json_t *record, struct sr_err *err)
{
	const struct request_walk *walk = context;
	const char *state = sr_json_text(record, "state"), *id = sr_json_text(record, "case");
	struct sr_figure_subject subject = { .case_id = id };
	struct sr_case_record sealed;
	char number[256], organ[256];
	struct sr_case_id case_id;
	bool may;

	(void)key;
	if (!state || strcmp(state, "superseded") == 0 || !id || !sr_case_id_parse(id, &case_id) ||
	    !is_of_year(walk->counting, json_integer_value(json_object_get(record, "day"))))
		return SR_OK;
	SR_TRY(look_at_sealed(walk, &case_id, &sealed, &may, err));
	if (!may)
		return SR_OK;
	text_of(sealed.number, number, sizeof(number));
	text_of(sealed.organ, organ, sizeof(organ));
	subject.number = number;
	subject.organ = organ;
	return sr_figures_count(walk->counting->figures, "review_findings", state, &subject, err);
}

static enum sr_status count_records(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct request_walk walk = { .counting = act->work, .txn = txn };

	SR_TRY(sr_register_each(act, txn, count_row, act->work, err));
	SR_TRY(sr_record_each(txn, SR_DB_REVIEWS, "c/", count_review, &walk, err));
	SR_TRY(sr_record_each(txn, SR_DB_REVIEWS, "f/", count_finding, &walk, err));
	return sr_record_each(txn, SR_DB_REQUESTS, "R", count_request, &walk, err);
}

/* --- the command ------------------------------------------------------------------------------------- */

static enum sr_status statistics(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *base = NULL;
	SR_CLEANUP(sr_figures_freep) struct sr_figures *figures = NULL;
	int64_t year = sr_act_count(act, "year", 0);

	if (year < 1900 || year > 9999)
		return sr_fail(err, SR_INVALID, "/year: from 1900 to 9999");
	SR_TRY(sr_figures_new(act, (int)year, &figures, err));
	SR_TRY(sr_rulebook_load("base", &base, err));
	struct counting counting = { .act = act,
		                     .figures = figures,
		                     .year = (int)year,
		                     .holidays = sr_rulebook_table(base, "holidays"),
		                     .first = json_object() };
	SR_CLEANUP(sr_json_decrefp) json_t *first = counting.first;

	if (!first)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the figures");
	sr_act_set_work(act, &counting);
	SR_TRY(sr_act_read(act, read_first, err));
	SR_TRY(sr_case_each(act, sr_act_is(act, SR_BY(AUDITOR)), count_case, &counting, err));
	SR_TRY(sr_act_read(act, count_records, err));
	return sr_figures_json(figures, &act->answer, err);
}

#define READERS (SR_BY(HANDLER) | SR_BY(ARCHIVIST) | SR_BY(OFFICIAL) | SR_BY(SUPERVISOR) | SR_BY(AUDITOR))

static const struct sr_method methods[] = {
	{ "Statistics", "year:count", READERS, SR_DOOR_PEOPLE, SR_METHOD_SLOW, statistics },
};
const struct sr_method_family sr_stat_methods = { methods, SR_COUNT(methods) };
