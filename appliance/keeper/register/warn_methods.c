/* SPDX-License-Identifier: Apache-2.0 */
/* Warnings: what is about to be late or out of order, before it is (docs/RULEBOOK.md, "Early warnings"). */
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
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/reading/reader_watch.h"
#include "appliance/keeper/register/register_view.h"
#include "appliance/keeper/requests/request_access.h"
#include "appliance/keeper/core/outside_checkpoint.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/register_row.h"

#define WAITING_WORKING_DAYS 3
#define RETENTION_DAYS 90
#define DEFECT_DAYS 90
#define FIXITY_DAYS 365
#define FINDING_DAYS 30
#define GRANT_NS (SR_DAY_S * SR_SECOND_NS)

/* In the order in which they are told. */
static const struct kind {
	const char *code, *article, *zh, *en;
} kinds[] = {
	{ "archive_overdue", "内蒙古 第二十三条", "逾期未归档", "archiving is overdue" },
	{ "archive_today", "内蒙古 第二十三条", "今日归档期限届满", "archiving is due today" },
	{ "archive_3", "内蒙古 第二十三条", "三日内归档期限届满", "archiving is due within 3 days" },
	{ "archive_10", "内蒙古 第二十三条", "十日内归档期限届满", "archiving is due within 10 days" },
	{ "publication_overdue", "阳泉 三（一）4（1）", "逾期未公示", "publication is overdue" },
	{ "publication_1", "阳泉 三（一）4（1）", "一日内公示期限届满", "publication is due within 1 day" },
	{ "publication_3", "阳泉 三（一）4（1）", "三日内公示期限届满", "publication is due within 3 days" },
	{ "request_waiting", "内蒙古 第二十四条", "调阅申请等待超过三个工作日",
	  "a request waits for over 3 working days" },
	{ "grant_ending", "内蒙古 第二十四条", "调阅授权将在一日内到期", "a grant ends within a day" },
	{ "correction_overdue", "内蒙古 第十八条", "责令改正到期未复查",
	  "the check of an ordered correction is overdue" },
	{ "sealed_with_defect", "内蒙古 第二十三条", "近期带程序缺陷归档", "sealed with a defect of late" },
	{ "retention_ending", "", "保管期限九十日内届满", "retention ends within 90 days" },
	{ "fixity_failed", "", "最近一次完整性校验未通过", "the last fixity check failed" },
	{ "fixity_overdue", "", "一年未作完整性校验", "no fixity check for a year" },
	{ "reader_outside_hours", "内蒙古 第六条", "非工作时间调阅", "readings out of hours" },
	{ "reader_above_usual", "内蒙古 第六条", "调阅量超过本人近90日中位数三倍",
	  "a reader opened over 3 times as much as is usual for them" },
	{ "finding_open", "阳泉 三（二）5", "评查问题逾三十日未整改",
	  "a finding of a review is not mended after 30 days" },
	{ "checkpoint_outside", "", "台账检查点七日未在机外留存核验",
	  "no checkpoint is known to lie outside for 7 days" },
	{ "yearly_report", "阳泉 三（一）4（2）", "上年度执法年报应于1月31日前报送",
	  "last year's report is due by 31 January" },
};

struct warning {
	struct sr_act *act;
	const json_t *holidays;
	int64_t now_ns, today;
	json_t *cases[SR_COUNT(kinds)];
};

static void warning_dispose(struct warning *warning)
{
	for (size_t i = 0; i < SR_COUNT(kinds); i++)
		json_decref(warning->cases[i]);
}

/* One more under @code; @due (INT64_MIN: none) is a day. */
static enum sr_status warn(struct warning *warning, const char *code, const char *case_id, const char *number,
                           int64_t due, struct sr_err *err)
{
	char text[SR_TIME_TEXT] = "";
	json_t *item = NULL;
	size_t i = 0;

	while (i < SR_COUNT(kinds) && strcmp(kinds[i].code, code) != 0)
		i++;
	if (i == SR_COUNT(kinds))
		return sr_fail(err, SR_INVALID, "no kind of warning: %s", code);
	if (due != INT64_MIN)
		sr_date_format(due, text);
	SR_TRY(SR_JSON_PACK(&item, err, "{s:s?,s:s?,s:s?}", "case", case_id, "number", number, "due",
	                    text[0] ? text : NULL));
	if (!warning->cases[i])
		warning->cases[i] = json_array();
	return sr_json_append(warning->cases[i], item, err);
}

/* The item that was added last under @code. */
static json_t *last_of(const struct warning *warning, const char *code)
{
	size_t i = 0;

	while (i + 1 < SR_COUNT(kinds) && strcmp(kinds[i].code, code) != 0)
		i++;
	return json_array_get(warning->cases[i], json_array_size(warning->cases[i]) - 1);
}

static bool fact_day(const json_t *facts, const char *key, int64_t *day)
{
	const json_t *value = json_object_get(facts, key);

	*day = json_integer_value(value);
	return json_is_integer(value);
}

static const char *publication_code(const struct warning *warning, int64_t due)
{
	return due < warning->today        ? "publication_overdue"
	       : due <= warning->today + 1 ? "publication_1"
	                                   : "publication_3";
}

/* --- the register ------------------------------------------------------------------------------------ */

/* A decision that was not made public: 7 working days of a penalty, 20 of any other. */
static enum sr_status warn_of_row_publication(struct warning *warning, const json_t *record,
                                              struct sr_err *err)
{
	static const char undecided[] = "|declined|dismissed|transferred|";
	const json_t *row = json_object_get(record, "row");
	const char *category = sr_json_text(row, "category"), *outcome = sr_json_text(row, "outcome");
	int64_t decided, published, due;
	char word[32];
	int no_year;

	snprintf(word, sizeof(word), "|%.20s|", outcome ? outcome : "");
	if (!sr_register_day(row, "decided", &decided) || sr_register_day(row, "published_on", &published) ||
	    (outcome && strstr(undecided, word)) || !category ||
	    !sr_calendar_due(warning->holidays, decided, strcmp(category, "penalty") == 0 ? 7 : 20, &due,
	                     &no_year) ||
	    due > warning->today + 3)
		return SR_OK;
	return warn(warning, publication_code(warning, due), NULL, sr_json_text(record, "number"), due, err);
}

static enum sr_status warn_of_row(void *context, struct sr_txn *txn, const json_t *record, struct sr_err *err)
{
	struct warning *warning = context;
	struct sr_case_record sealed;
	int64_t due;
	bool found;

	SR_TRY(sr_register_case(warning->act, txn, record, &found, &sealed, err));
	if (found) /* its facts know more */
		return SR_OK;
	SR_TRY(warn_of_row_publication(warning, record, err));
	if (!sr_register_due(json_object_get(record, "row"), &due) || due > warning->today + 10)
		return SR_OK;
	const char *code = due < warning->today        ? "archive_overdue"
	                   : due == warning->today     ? "archive_today"
	                   : due <= warning->today + 3 ? "archive_3"
	                                               : "archive_10";
	return warn(warning, code, NULL, sr_json_text(record, "number"), due, err);
}

/* --- cases ------------------------------------------------------------------------------------------- */

struct told {
	char id[SR_UUID_TEXT];
	char number[256];
};

static enum sr_status warn_of_publication(struct warning *warning, const json_t *facts,
                                          const struct told *told, struct sr_err *err)
{
	const char *basis = sr_json_text(facts, "basis");
	int64_t decided, published, due;
	int no_year;

	if (!basis || strcmp(basis, "exempt") == 0 || fact_day(facts, "published", &published) ||
	    !fact_day(facts, "decided", &decided) ||
	    !sr_calendar_due(warning->holidays, decided, basis[0] == '7' ? 7 : 20, &due, &no_year) ||
	    due > warning->today + 3)
		return SR_OK;
	return warn(warning, publication_code(warning, due), told->id, told->number, due, err);
}

static enum sr_status warn_of_facts(struct warning *warning, const json_t *facts, const struct told *told,
                                    struct sr_err *err)
{
	int64_t due, sealed;

	SR_TRY(warn_of_publication(warning, facts, told, err));
	if (fact_day(facts, "correction_due", &due) && due < warning->today &&
	    !json_is_true(json_object_get(facts, "corrected")))
		SR_TRY(warn(warning, "correction_overdue", told->id, told->number, due, err));
	if (json_array_size(json_object_get(facts, "defects")) > 0 && fact_day(facts, "sealed", &sealed) &&
	    sealed > warning->today - DEFECT_DAYS)
		SR_TRY(warn(warning, "sealed_with_defect", told->id, told->number, INT64_MIN, err));
	return SR_OK;
}

struct fixity_walk {
	bool any, failed;
	int64_t last_ns;
};

static enum sr_status look_at_fixity(void *context, const char *key, json_t *record, struct sr_err *err)
{
	struct fixity_walk *walk = context;
	const char *time = sr_json_text(record, "at");
	int64_t time_ns;

	(void)key;
	(void)err;
	if (!time || !sr_time_parse(time, &time_ns))
		return SR_OK;
	if (!walk->any || time_ns < walk->last_ns)
		walk->last_ns = time_ns;
	walk->any = true;
	walk->failed = walk->failed || json_is_false(json_object_get(record, "ok"));
	return SR_OK;
}

static enum sr_status warn_of_fixity(struct warning *warning, struct sr_txn *txn, int64_t sealed_ns,
                                     const struct told *told, struct sr_err *err)
{
	struct fixity_walk walk = { 0 };
	char prefix[SR_RECORD_KEY];

	snprintf(prefix, sizeof(prefix), "%s-", told->id);
	SR_TRY(sr_record_each(txn, SR_DB_FIXITY, prefix, look_at_fixity, &walk, err));
	int64_t due = sr_date_of_time(walk.any ? walk.last_ns : sealed_ns) + FIXITY_DAYS;
	if (walk.failed)
		return warn(warning, "fixity_failed", told->id, told->number, INT64_MIN, err);
	return due < warning->today ? warn(warning, "fixity_overdue", told->id, told->number, due, err)
	                            : SR_OK;
}

static enum sr_status warn_of_case(void *context, struct sr_txn *txn, const struct sr_case_record *record,
                                   struct sr_err *err)
{
	struct warning *warning = context;
	SR_CLEANUP(sr_json_decrefp) json_t *facts = NULL;
	struct told told;

	sr_case_id_format(&record->id, told.id);
	snprintf(told.number, sizeof(told.number), "%.*s", (int)record->number.size,
	         (const char *)record->number.data);
	if (record->retention_end_day != SR_NO_DAY &&
	    record->retention_end_day <= warning->today + RETENTION_DAYS)
		SR_TRY(warn(warning, "retention_ending", told.id, told.number, record->retention_end_day,
		            err));
	SR_TRY(warn_of_fixity(warning, txn, record->sealed_ns, &told, err));
	SR_TRY(sr_record_look(txn, SR_DB_FACTS, told.id, &facts, err));
	return facts ? warn_of_facts(warning, facts, &told, err) : SR_OK;
}

/* --- requests and grants ----------------------------------------------------------------------------- */

struct record_walk {
	struct warning *warning;
	struct sr_txn *txn;
};

/* A request's or grant's: one's own, and the organ's for those who decide and oversee, where they may know of
 * its cases. */
static enum sr_status concerns(const struct record_walk *walk, const json_t *record, const char *user,
                               bool *out, struct sr_err *err)
{
	struct sr_act *act = walk->warning->act;
	const char *organ = sr_json_text(record, "organ");

	*out = sr_act_is(act, SR_BY(AUDITOR)) || (user && strcmp(user, act->caller.user) == 0);
	if (*out || !organ || !sr_act_is(act, SR_BY(OFFICIAL) | SR_BY(SUPERVISOR)))
		return SR_OK;
	SR_TRY(sr_case_view_is_below(walk->txn, act->caller.organ,
	                             (struct sr_bytes){ (const uint8_t *)organ, strlen(organ) }, out, err));
	return *out ? sr_cases_within(act, walk->txn, json_object_get(record, "cases"), out, err) : SR_OK;
}

static enum sr_status warn_of_request(void *context, const char *key, json_t *request, struct sr_err *err)
{
	const struct record_walk *walk = context;
	const char *state = sr_json_text(request, "state"), *filed = sr_json_text(request, "filed");
	int64_t filed_ns, waited;
	int no_year;
	bool wanted;

	if (!state || (strcmp(state, "filed") != 0 && strcmp(state, "partly") != 0) || !filed ||
	    !sr_time_parse(filed, &filed_ns))
		return SR_OK;
	SR_TRY(concerns(walk, request, sr_json_text(request, "filed_by"), &wanted, err));
	if (!wanted ||
	    !sr_calendar_count(walk->warning->holidays, sr_date_of_time(filed_ns), walk->warning->today,
	                       WAITING_WORKING_DAYS, &waited, &no_year) ||
	    waited <= WAITING_WORKING_DAYS)
		return SR_OK;
	return warn(walk->warning, "request_waiting", NULL, key, sr_date_of_time(filed_ns), err);
}

static enum sr_status warn_of_grant(void *context, const char *key, json_t *grant, struct sr_err *err)
{
	const struct record_walk *walk = context;
	const char *state = sr_json_text(grant, "state"), *until = sr_json_text(grant, "until");
	int64_t until_ns;
	bool wanted;

	if (!state || strcmp(state, "live") != 0 || !until || !sr_time_parse(until, &until_ns) ||
	    until_ns <= walk->warning->now_ns || until_ns > walk->warning->now_ns + GRANT_NS)
		return SR_OK;
	SR_TRY(concerns(walk, grant, sr_json_text(grant, "reader"), &wanted, err));
	return wanted ? warn(walk->warning, "grant_ending", NULL, key + strlen("g/"),
	                     sr_date_of_time(until_ns), err)
	              : SR_OK;
}

/* --- findings of reviews, the log -------------------------------------------------------------------- */

static enum sr_status warn_of_finding(void *context, const char *key, json_t *finding, struct sr_err *err)
{
	const struct record_walk *walk = context;
	const char *state = sr_json_text(finding, "state"), *case_id = sr_json_text(finding, "case");
	int64_t day = json_integer_value(json_object_get(finding, "day"));
	struct sr_case_record record;
	struct sr_case_id id;
	bool may;

	if (!state || strcmp(state, "open") != 0 || day + FINDING_DAYS >= walk->warning->today || !case_id ||
	    !sr_case_id_parse(case_id, &id))
		return SR_OK;
	enum sr_status status = sr_case_store_get(walk->txn, &id, &record, err);
	if (status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	SR_TRY(sr_case_view_may_know(walk->warning->act, walk->txn, &record, &may, err));
	return may ? warn(walk->warning, "finding_open", case_id, key + strlen("f/"), day + FINDING_DAYS, err)
	           : SR_OK;
}

/* Whoever oversees the log. */
static enum sr_status warn_of_checkpoint(struct warning *warning, struct sr_txn *txn, struct sr_err *err)
{
	int64_t known_ns;

	if (!sr_act_is(warning->act, SR_BY(AUDITOR) | SR_BY(OFFICIAL)))
		return SR_OK;
	SR_TRY(sr_outside_checkpoint_ns(txn, &known_ns, err));
	int64_t due = sr_date_of_time(known_ns) + SR_OUTSIDE_WARN_DAYS;
	return due < warning->today ? warn(warning, "checkpoint_outside", NULL, NULL, due, err) : SR_OK;
}

static enum sr_status warn_of_readers(struct warning *warning, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = NULL;
	size_t index;
	json_t *one;

	if (!sr_act_is(warning->act, SR_BY(OFFICIAL) | SR_BY(SUPERVISOR) | SR_BY(AUDITOR)))
		return SR_OK;
	SR_TRY(sr_reader_watch(warning->act, warning->holidays, warning->now_ns, &list, err));
	json_array_foreach(list, index, one) {
		json_t *told = NULL;

		SR_TRY(warn(warning, sr_json_text(one, "code"), NULL, sr_json_text(one, "reader"),
		            json_integer_value(json_object_get(one, "day")), err));
		told = last_of(warning, sr_json_text(one, "code"));
		SR_TRY(sr_json_set(told, "count", json_incref(json_object_get(one, "count")), err));
		if (json_object_get(one, "usual"))
			SR_TRY(sr_json_set(told, "usual", json_incref(json_object_get(one, "usual")), err));
	}
	return SR_OK;
}

static enum sr_status warn_of_records(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct record_walk walk = { .warning = act->work, .txn = txn };

	SR_TRY(sr_register_each(act, txn, warn_of_row, act->work, err));
	SR_TRY(sr_record_each(txn, SR_DB_REQUESTS, "R", warn_of_request, &walk, err));
	SR_TRY(sr_record_each(txn, SR_DB_GRANTS, "g/", warn_of_grant, &walk, err));
	SR_TRY(sr_record_each(txn, SR_DB_REVIEWS, "f/", warn_of_finding, &walk, err));
	return warn_of_checkpoint(act->work, txn, err);
}

/* --- the command ------------------------------------------------------------------------------------- */

static enum sr_status warn_of_report(struct warning *warning, struct sr_err *err)
{
	int year, month, day;

	sr_date_split(warning->today, &year, &month, &day);
	if (month != 1 || !sr_act_is(warning->act, SR_BY(ARCHIVIST) | SR_BY(OFFICIAL) | SR_BY(SUPERVISOR)))
		return SR_OK;
	return warn(warning, "yearly_report", NULL, NULL, sr_date_join(year, 1, 31), err);
}

static enum sr_status tell(const struct warning *warning, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();

	for (size_t i = 0; i < SR_COUNT(kinds); i++) {
		json_t *item = NULL;

		if (!warning->cases[i])
			continue;
		SR_TRY(SR_JSON_PACK(&item, err, "{s:s,s:s,s:s,s:s?,s:O}", "code", kinds[i].code, "zh",
		                    kinds[i].zh, "en", kinds[i].en, "article",
		                    kinds[i].article[0] ? kinds[i].article : NULL, "cases",
		                    warning->cases[i]));
		SR_TRY(sr_json_append(list, item, err));
	}
	return SR_JSON_PACK(out, err, "{s:O}", "warnings", list);
}

static enum sr_status warnings(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *base = NULL;
	SR_CLEANUP(warning_dispose) struct warning warning = { .act = act };

	SR_TRY(sr_rulebook_load("base", &base, err));
	warning.holidays = sr_rulebook_table(base, "holidays");
	warning.now_ns = sr_keeper_now_ns(act->keeper);
	warning.today = sr_date_of_time(warning.now_ns);
	sr_act_set_work(act, &warning);
	SR_TRY(sr_act_read(act, warn_of_records, err));
	SR_TRY(sr_case_each(act, false, warn_of_case, &warning, err));
	SR_TRY(warn_of_readers(&warning, err));
	SR_TRY(warn_of_report(&warning, err));
	return tell(&warning, &act->answer, err);
}

static const struct sr_method methods[] = {
	{ "Warnings", "",
	  SR_BY(HANDLER) | SR_BY(ARCHIVIST) | SR_BY(OFFICIAL) | SR_BY(SUPERVISOR) | SR_BY(AUDITOR),
	  SR_DOOR_PEOPLE, SR_METHOD_SLOW, warnings },
};
const struct sr_method_family sr_warn_methods = { methods, SR_COUNT(methods) };
