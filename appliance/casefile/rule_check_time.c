/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_check_time.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/casefile/calendar.h"
#include "appliance/casefile/rule_value.h"
#include "appliance/casefile/timeline.h"

#define HOUR_S 3600ll
#define TEXT_BYTES 256

static bool moment_of(const struct sr_judging *j, const struct sr_field *field, struct sr_moment *out)
{
	struct sr_value value;

	if (!sr_value_get(field, &j->target, j->judged->judge.today_days, &value))
		return false;
	*out = value.moment;
	return true;
}

/* The rule's two times; where one is absent, which. */
static const struct sr_field *take_times(const struct sr_judging *j, struct sr_moment *from,
                                         struct sr_moment *to)
{
	if (!moment_of(j, &j->rule->fields[0], from))
		return &j->rule->fields[0];
	return moment_of(j, &j->rule->fields[1], to) ? NULL : &j->rule->fields[1];
}

static enum sr_status fill_times(const struct sr_judging *j, struct sr_filling *filling, struct sr_err *err)
{
	SR_TRY(sr_filling_begin(j, filling, err));
	SR_TRY(sr_filling_set_label(j, filling, "field", &j->rule->fields[0], err));
	SR_TRY(sr_filling_set_value(j, filling, "value", &j->rule->fields[0], err));
	SR_TRY(sr_filling_set_label(j, filling, "other", &j->rule->fields[1], err));
	return sr_filling_set_value(j, filling, "other_value", &j->rule->fields[1], err);
}

enum sr_status sr_check_order(const struct sr_judging *j, struct sr_filling *filling, struct sr_err *err)
{
	struct sr_moment from = { 0 }, to = { 0 };
	const struct sr_field *absent = take_times(j, &from, &to);

	if (absent)
		return sr_judging_add_absent(j, absent, err);
	if (sr_moment_compare(from, to) <= 0)
		return SR_OK;
	SR_TRY(fill_times(j, filling, err));
	return sr_judging_add_finding(j, &j->rule->fields[0], filling, err);
}

/* --- deadline ------------------------------------------------------------------------------------------- */

enum lateness {
	IN_TIME,
	LATE,
	UNCLEAR, /* hours, where one of the times is known to the day only */
	NO_TABLE,
};

struct elapsed {
	enum lateness lateness;
	int64_t took; /* in the rule's unit; hours in minutes */
	int no_year;
};

/* Hours between times of which one may be anywhere in its day: late when it is for certain. */
static enum lateness judge_hours(struct sr_moment from, struct sr_moment to, int64_t hours, int64_t *minutes)
{
	int64_t most = hours * HOUR_S * SR_SECOND_NS;
	int64_t from_first = from.has_time ? from.time_ns : sr_time_of_date(from.days);
	int64_t from_last = from.has_time ? from.time_ns : sr_time_of_date(from.days + 1);
	int64_t to_first = to.has_time ? to.time_ns : sr_time_of_date(to.days);
	int64_t to_last = to.has_time ? to.time_ns : sr_time_of_date(to.days + 1);

	*minutes = (to_first - from_last) / (60 * SR_SECOND_NS);
	if (to_first - from_last > most)
		return LATE;
	return to_last - from_first > most ? UNCLEAR : IN_TIME;
}

static struct elapsed judge_deadline(const struct sr_judging *j, struct sr_moment from, struct sr_moment to)
{
	struct elapsed out = { .took = to.days - from.days };

	switch (j->rule->unit) {
	case SR_UNIT_HOURS:
		out.lateness = judge_hours(from, to, j->rule->most, &out.took);
		return out;
	case SR_UNIT_DAYS:
		break;
	case SR_UNIT_WORKING_DAYS:
		if (!sr_calendar_count(j->judged->holidays, from.days, to.days, j->rule->most, &out.took,
		                       &out.no_year))
			out.lateness = NO_TABLE;
		break;
	}
	if (out.lateness != NO_TABLE)
		out.lateness = out.took > j->rule->most ? LATE : IN_TIME;
	return out;
}

static enum sr_status add_no_table(const struct sr_judging *j, int year, struct sr_err *err)
{
	char place[SR_PLACE_BYTES], zh[TEXT_BYTES], en[TEXT_BYTES];

	snprintf(zh, sizeof(zh), "规则包没有%d年的节假日安排，工作日期限无法计算", year);
	snprintf(en, sizeof(en), "the rulebook has no holidays of %d, so working days cannot be counted",
	         year);
	sr_field_place(&j->rule->fields[1], &j->target, place);
	return sr_judging_add_unjudgeable(
		j, place, zh, en,
		"请系统管理员按国务院办公厅该年度放假通知，补入 /etc/strongroom/rulebooks/holidays.json",
		"have the administrator put the State Council's notice for that year into "
		"/etc/strongroom/rulebooks/holidays.json",
		err);
}

/* A day alone does not say whether hours have passed. */
static enum sr_status add_unclear(const struct sr_judging *j, const struct sr_field *field,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_listing_dispose) struct sr_listing label = { 0 };
	char place[SR_PLACE_BYTES], zh[TEXT_BYTES], en[TEXT_BYTES];
	const char *name_zh, *name_en;

	SR_TRY(sr_listing_add_label(j, &label, field, err));
	SR_TRY(sr_buf_text(&label.zh, &name_zh, err));
	SR_TRY(sr_buf_text(&label.en, &name_en, err));
	snprintf(zh, sizeof(zh), "“%.120s”只填写了日期，%lld小时的期限无法检查", name_zh,
	         (long long)j->rule->most);
	snprintf(en, sizeof(en), "%.120s is a date only, so a limit of %lld hours cannot be judged", name_en,
	         (long long)j->rule->most);
	sr_field_place(field, &j->target, place);
	return sr_judging_add_unjudgeable(j, place, zh, en, "补填到时、分", "fill in the time of day", err);
}

static enum sr_status fill_lateness(const struct sr_judging *j, const struct elapsed *elapsed,
                                    struct sr_filling *filling, struct sr_err *err)
{
	static const char *const units_zh[] = { "小时", "日", "个工作日" };
	static const char *const units_en[] = { "hours", "days", "working days" };
	char zh[TEXT_BYTES], en[TEXT_BYTES];

	snprintf(zh, sizeof(zh), "%lld%s", (long long)j->rule->most, units_zh[j->rule->unit]);
	snprintf(en, sizeof(en), "%lld %s", (long long)j->rule->most, units_en[j->rule->unit]);
	SR_TRY(sr_filling_set(filling, "limit", zh, en, err));
	switch (j->rule->unit) {
	case SR_UNIT_HOURS:
		snprintf(zh, sizeof(zh), "%lld小时%02lld分", (long long)elapsed->took / 60,
		         (long long)elapsed->took % 60);
		snprintf(en, sizeof(en), "%lld h %02lld min", (long long)elapsed->took / 60,
		         (long long)elapsed->took % 60);
		break;
	case SR_UNIT_DAYS:
		snprintf(zh, sizeof(zh), "%lld日", (long long)elapsed->took);
		snprintf(en, sizeof(en), "%lld days", (long long)elapsed->took);
		break;
	case SR_UNIT_WORKING_DAYS: /* counting stopped behind the limit */
		snprintf(zh, sizeof(zh), "超过%lld个工作日", (long long)j->rule->most);
		snprintf(en, sizeof(en), "over %lld working days", (long long)j->rule->most);
		break;
	}
	return sr_filling_set(filling, "took", zh, en, err);
}

enum sr_status sr_check_deadline(struct sr_judging *j, struct sr_filling *filling, struct sr_err *err)
{
	struct sr_moment from = { 0 }, to = { 0 };
	const struct sr_field *absent = take_times(j, &from, &to);

	assert(j->rule->fields != NULL);
	if (absent)
		return sr_judging_add_absent(j, absent, err);
	struct elapsed elapsed = judge_deadline(j, from, to);
	if (elapsed.lateness == IN_TIME)
		return SR_OK;
	if (elapsed.lateness == NO_TABLE)
		return add_no_table(j, elapsed.no_year, err);
	if (elapsed.lateness == UNCLEAR)
		return add_unclear(j, &j->rule->fields[from.has_time ? 1 : 0], err);
	SR_TRY(fill_times(j, filling, err));
	SR_TRY(fill_lateness(j, &elapsed, filling, err));
	if (j->rule->reason.path && sr_field_get(&j->rule->reason, &j->target)) {
		j->severity = SR_SEVERITY_WARNING;
		SR_TRY(sr_filling_set_value(j, filling, "reason", &j->rule->reason, err));
	}
	return sr_judging_add_finding(j, &j->rule->fields[j->rule->fields[1].entry ? 1 : 0], filling, err);
}

/* --- gate ----------------------------------------------------------------------------------------------- */

/* When the stage was first passed; an element of which nobody can say is remembered as missing. */
struct passing {
	bool passed, unknown;
	struct sr_moment at;
	struct sr_missing missing;
};

static void look_at_element(const struct sr_judging *j, size_t index, const json_t *element,
                            struct passing *out)
{
	const struct sr_field *at = &j->rule->fields[1];
	const struct sr_target target = { .root = j->target.root,
		                          .element = element,
		                          .list = j->rule->list,
		                          .index = index,
		                          .outer = &j->target };
	enum sr_verdict verdict = sr_condition_judge(j->rule->that, &target, &j->judged->judge);
	struct sr_value value;

	if (verdict == SR_VERDICT_NO)
		return;
	if (verdict == SR_VERDICT_UNKNOWN) {
		out->unknown = true;
		out->missing = j->judged->judge.missing;
		return;
	}
	if (!sr_value_get(at, &target, j->judged->judge.today_days, &value)) {
		out->unknown = true;
		sr_missing_set(&out->missing, at, &target);
		return;
	}
	if (!out->passed || sr_moment_compare(value.moment, out->at) < 0)
		out->at = value.moment;
	out->passed = true;
}

enum sr_status sr_check_gate(const struct sr_judging *j, struct sr_filling *filling, struct sr_err *err)
{
	const struct sr_field *before = &j->rule->fields[0];
	struct passing passing = { 0 };
	struct sr_moment limit;
	char text[SR_TIME_TEXT] = "";
	size_t index;
	json_t *element;

	if (!moment_of(j, before, &limit))
		return sr_judging_add_absent(j, before, err);
	json_array_foreach(json_object_get(j->target.root, j->rule->list), index, element) {
		if (json_is_object(element))
			look_at_element(j, index, element, &passing);
	}
	if (passing.passed && sr_moment_compare(passing.at, limit) <= 0)
		return SR_OK;
	if (passing.unknown)
		return sr_judging_add_unjudged(j, &passing.missing, err);
	if (passing.passed)
		sr_date_format(passing.at.days, text);
	SR_TRY(sr_filling_begin(j, filling, err));
	SR_TRY(sr_filling_set_label(j, filling, "field", before, err));
	SR_TRY(sr_filling_set_value(j, filling, "value", before, err));
	SR_TRY(sr_filling_set(filling, "passed", passing.passed ? text : "未通过",
	                      passing.passed ? text : "never", err));
	return sr_judging_add_finding(j, before, filling, err);
}

/* --- coverage ------------------------------------------------------------------------------------------- */

static enum sr_status add_gap(const struct sr_timeline_gap *gap, struct sr_listing *gaps, struct sr_err *err)
{
	char from[SR_TIME_TEXT], to[SR_TIME_TEXT], zh[TEXT_BYTES], en[TEXT_BYTES];
	long long seconds = (long long)((gap->to_ns - gap->from_ns) / SR_SECOND_NS);

	sr_time_format_local(gap->from_ns, from);
	sr_time_format_local(gap->to_ns, to);
	snprintf(zh, sizeof(zh), "%s至%s（%lld分%02lld秒）", from, to, seconds / 60, seconds % 60);
	snprintf(en, sizeof(en), "%s to %s (%lld min %02lld s)", from, to, seconds / 60, seconds % 60);
	return sr_listing_add(gaps, zh, en, err);
}

enum sr_status sr_check_coverage(const struct sr_judging *j, struct sr_filling *filling, struct sr_err *err)
{
	SR_CLEANUP(sr_timeline_dispose) struct sr_timeline timeline = { 0 };
	SR_CLEANUP(sr_listing_dispose) struct sr_listing gaps = { 0 };
	struct sr_missing missing;
	int64_t total_ns = 0;
	char seconds[24];
	enum sr_status status =
		sr_timeline_make(j->judged->judge.description, j->target.index, j->rule->tolerance_s,
	                         &timeline, missing.place, missing.full_path, err);

	if (status == SR_NOT_FOUND)
		return sr_judging_add_unjudged(j, &missing, err);
	SR_TRY(status);
	for (size_t i = 0; i < timeline.gap_count; i++) {
		if (timeline.gaps[i].reasoned)
			continue;
		SR_TRY(add_gap(&timeline.gaps[i], &gaps, err));
		total_ns += timeline.gaps[i].to_ns - timeline.gaps[i].from_ns;
	}
	if (gaps.count == 0)
		return SR_OK;
	snprintf(seconds, sizeof(seconds), "%lld", (long long)(total_ns / SR_SECOND_NS));
	SR_TRY(sr_filling_begin(j, filling, err));
	SR_TRY(sr_listing_fill(&gaps, filling, "gaps", err));
	SR_TRY(sr_filling_set(filling, "seconds", seconds, seconds, err));
	return sr_judging_add_finding(j, &j->rule->fields[0], filling, err);
}
