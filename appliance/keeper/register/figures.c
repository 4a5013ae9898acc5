/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/register/figures.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

struct sr_figures {
	int year;
	bool anonymous; /* counts alone: an auditor's */
	json_t *figures, *groups, *sums;
	json_t *articles;    /* article: {"applied","lacking"} */
	json_t *officers;    /* "organ\nname": {"officer","organ","cases","lacking"} */
	struct sr_buf hours; /* double */
};

enum sr_status sr_figures_new(struct sr_act *act, int year, struct sr_figures **out, struct sr_err *err)
{
	SR_CLEANUP(sr_figures_freep) struct sr_figures *figures = calloc(1, sizeof(*figures));

	if (!figures || !(figures->figures = json_object()) || !(figures->groups = json_object()) ||
	    !(figures->sums = json_object()) || !(figures->articles = json_object()) ||
	    !(figures->officers = json_object()))
		return sr_fail(err, SR_NO_MEMORY, "no memory for figures");
	figures->year = year;
	figures->anonymous = sr_act_is(act, SR_BY(AUDITOR));
	*out = SR_MOVE(figures);
	return SR_OK;
}

void sr_figures_free(struct sr_figures *figures)
{
	if (!figures)
		return;
	json_decref(figures->figures);
	json_decref(figures->groups);
	json_decref(figures->sums);
	json_decref(figures->articles);
	json_decref(figures->officers);
	sr_buf_dispose(&figures->hours);
	free(figures);
}

/* --- counting ---------------------------------------------------------------------------------------- */

static enum sr_status raise(json_t *object, const char *key, struct sr_err *err)
{
	json_int_t now = json_integer_value(json_object_get(object, key));

	return sr_json_set(object, key, json_integer(now + 1), err);
}

static enum sr_status find_row(json_t *figures, const char *name, const char *label, json_t **out,
                               struct sr_err *err)
{
	json_t *rows = json_object_get(figures, name);
	size_t index;
	json_t *row;

	if (!rows) {
		rows = json_array();
		SR_TRY(sr_json_set(figures, name, rows, err));
	}
	json_array_foreach(rows, index, row)
		if (strcmp(sr_json_text(row, "label"), label) == 0) {
			*out = row;
			return SR_OK;
		}
	SR_TRY(SR_JSON_PACK(&row, err, "{s:s,s:i,s:[]}", "label", label, "value", 0, "cases"));
	*out = row;
	return sr_json_append(rows, row, err);
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static enum sr_status add_case(json_t *cases, const struct sr_figure_subject *subject, struct sr_err *err)
{
	const json_t *last = json_array_get(cases, json_array_size(cases) - 1);
	json_t *item = NULL;

	if (last && same(sr_json_text(last, "case"), subject->case_id) &&
	    same(sr_json_text(last, "number"), subject->number))
		return SR_OK;
	SR_TRY(SR_JSON_PACK(&item, err, "{s:s?,s:s?}", "case", subject->case_id, "number", subject->number));
	return sr_json_append(cases, item, err);
}

/* By figure, organ, unit and category. */
static enum sr_status count_group(struct sr_figures *figures, const char *name, const char *label,
                                  const struct sr_figure_subject *subject, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf key = { 0 };
	const char *text;

	SR_TRY(sr_buf_printf(&key, err, "%s\n%s\n%s\n%s", name, subject->organ ? subject->organ : "",
	                     subject->unit ? subject->unit : "", subject->category ? subject->category : ""));
	SR_TRY(sr_buf_text(&key, &text, err));
	json_t *group = json_object_get(figures->groups, text);
	if (!group) {
		SR_TRY(SR_JSON_PACK(&group, err, "{s:s,s:s?,s:s?,s:s?}", "figure", name, "organ",
		                    subject->organ, "unit", subject->unit, "category", subject->category));
		SR_TRY(sr_json_set(figures->groups, text, group, err));
	}
	return raise(group, label, err);
}

enum sr_status sr_figures_count(struct sr_figures *figures, const char *name, const char *label,
                                const struct sr_figure_subject *subject, struct sr_err *err)
{
	json_t *row;

	SR_TRY(find_row(figures->figures, name, label, &row, err));
	SR_TRY(raise(row, "value", err));
	if (!figures->anonymous && (subject->case_id || subject->number))
		SR_TRY(add_case(json_object_get(row, "cases"), subject, err));
	return count_group(figures, name, label, subject, err);
}

/* --- articles and officers ---------------------------------------------------------------------------- */

enum sr_status sr_figures_article(struct sr_figures *figures, const char *article, bool lacking,
                                  const struct sr_figure_subject *subject, struct sr_err *err)
{
	json_t *row = json_object_get(figures->articles, article);

	if (!row) {
		SR_TRY(SR_JSON_PACK(&row, err, "{s:i,s:i}", "applied", 0, "lacking", 0));
		SR_TRY(sr_json_set(figures->articles, article, row, err));
	}
	SR_TRY(raise(row, "applied", err));
	SR_TRY(count_group(figures, "articles_applied", article, subject, err));
	if (!lacking)
		return SR_OK;
	SR_TRY(raise(row, "lacking", err));
	return sr_figures_count(figures, "article_defects", article, subject, err);
}

enum sr_status sr_figures_officer(struct sr_figures *figures, const char *officer, bool lacking,
                                  const struct sr_figure_subject *subject, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf key = { 0 };
	const char *text;

	SR_TRY(sr_buf_printf(&key, err, "%s\n%s", subject->organ ? subject->organ : "", officer));
	SR_TRY(sr_buf_text(&key, &text, err));
	json_t *row = json_object_get(figures->officers, text);
	if (!row) {
		SR_TRY(SR_JSON_PACK(&row, err, "{s:s,s:s?,s:i,s:i}", "officer", officer, "organ",
		                    subject->organ, "cases", 0, "lacking", 0));
		SR_TRY(sr_json_set(figures->officers, text, row, err));
	}
	SR_TRY(raise(row, "cases", err));
	return lacking ? raise(row, "lacking", err) : SR_OK;
}

static double share(const json_t *row, const char *part, const char *whole)
{
	return (double)json_integer_value(json_object_get(row, part)) /
	       (double)json_integer_value(json_object_get(row, whole));
}

static enum sr_status put_rates(json_t *rows, const char *whole, struct sr_err *err)
{
	const char *name;
	json_t *row;

	json_object_foreach(rows, name, row)
		SR_TRY(sr_json_set(row, "rate", json_real(share(row, "lacking", whole)), err));
	return SR_OK;
}

/* Whoever has few cases is not judged by a rate: such a row says how many cases, no more.  An auditor sees no
 * names. */
static enum sr_status officers(struct sr_figures *figures, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	const char *key;
	json_t *row;

	json_object_foreach(figures->officers, key, row) {
		bool few = json_integer_value(json_object_get(row, "cases")) < SR_FIGURES_OFFICER_CASES;

		if (figures->anonymous)
			continue;
		SR_TRY(sr_json_set(row, "rate", few ? json_null() : json_real(share(row, "lacking", "cases")),
		                   err));
		if (few)
			SR_TRY(sr_json_set(row, "lacking", json_null(), err));
		SR_TRY(sr_json_append(list, json_incref(row), err));
	}
	*out = SR_MOVE(list);
	return SR_OK;
}

/* --- sums -------------------------------------------------------------------------------------------- */

/* Hundredths; amounts were checked for their form. */
static int64_t hundredths(const char *amount)
{
	const char *dot = strchr(amount, '.');
	int64_t whole = strtoll(amount, NULL, 10);
	int64_t part = 0;

	if (dot && dot[1])
		part = (dot[1] - '0') * 10 + (dot[2] ? dot[2] - '0' : 0);
	return whole * 100 + part;
}

enum sr_status sr_figures_sum(struct sr_figures *figures, const char *name, const char *amount,
                              struct sr_err *err)
{
	int64_t now = json_integer_value(json_object_get(figures->sums, name));

	return sr_json_set(figures->sums, name, json_integer(now + (amount ? hundredths(amount) : 0)), err);
}

enum sr_status sr_figures_hours(struct sr_figures *figures, double hours, struct sr_err *err)
{
	return sr_buf_add(&figures->hours, &hours, sizeof(hours), err);
}

/* --- the answer -------------------------------------------------------------------------------------- */

static json_int_t value_of(const json_t *rows, const char *label)
{
	size_t index;
	json_t *row;

	json_array_foreach(rows, index, row)
		if (strcmp(sr_json_text(row, "label"), label) == 0)
			return json_integer_value(json_object_get(row, "value"));
	return 0;
}

/* yes ÷ (yes + no); null where there is neither. */
static enum sr_status rates(json_t *figures, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_object();
	const char *name;
	json_t *rows;

	json_object_foreach(figures, name, rows) {
		json_int_t yes = value_of(rows, "yes"), no = value_of(rows, "no");

		if (yes + no > 0)
			SR_TRY(sr_json_set(list, name, json_real((double)yes / (double)(yes + no)), err));
		else if (value_of(rows, "unknown") > 0)
			SR_TRY(sr_json_set(list, name, json_null(), err));
	}
	*out = SR_MOVE(list);
	return SR_OK;
}

static enum sr_status sums(json_t *hundredths_by_name, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_object();
	const char *name;
	json_t *value;

	json_object_foreach(hundredths_by_name, name, value) {
		json_int_t all = json_integer_value(value);
		char text[32];

		snprintf(text, sizeof(text), "%" PRId64 ".%02d", (int64_t)(all / 100), (int)(all % 100));
		SR_TRY(sr_json_set(list, name, json_string(text), err));
	}
	*out = SR_MOVE(list);
	return SR_OK;
}

static int by_size(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* The median (of two middle ones their mean) and the 90th percentile by nearest rank. */
static enum sr_status spread(struct sr_buf *hours, json_t **out, struct sr_err *err)
{
	size_t count = hours->size / sizeof(double);
	double *list = (double *)(void *)hours->data;

	if (count == 0)
		return SR_JSON_PACK(out, err, "{s:i,s:n,s:n}", "count", 0, "median", "p90");
	qsort(list, count, sizeof(*list), by_size);
	double median = count % 2 ? list[count / 2] : (list[count / 2 - 1] + list[count / 2]) / 2;
	return SR_JSON_PACK(out, err, "{s:I,s:f,s:f}", "count", (json_int_t)count, "median", median, "p90",
	                    list[(count * 9 + 9) / 10 - 1]);
}

enum sr_status sr_figures_json(struct sr_figures *figures, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *groups = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *shares = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *money = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *hours = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *people = NULL;
	const char *key;
	json_t *group;

	json_object_foreach(figures->groups, key, group)
		SR_TRY(sr_json_append(groups, json_incref(group), err));
	SR_TRY(rates(figures->figures, &shares, err));
	SR_TRY(sums(figures->sums, &money, err));
	SR_TRY(spread(&figures->hours, &hours, err));
	SR_TRY(put_rates(figures->articles, "applied", err));
	SR_TRY(officers(figures, &people, err));
	return SR_JSON_PACK(out, err, "{s:i,s:O,s:O,s:O,s:O,s:O,s:O,s:O}", "year", figures->year, "figures",
	                    figures->figures, "rates", shares, "sums", money, "hours", hours, "groups",
	                    groups, "articles", figures->articles, "officers", people);
}
