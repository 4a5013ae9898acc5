/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/four_properties.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"

#define FORMAT "strongroom-four-properties/1"
#define STANDARD "DA/T 70-2018"
#define ITEMS_MAX 100

struct sr_property_report {
	json_t *items;
	const char *stage;
	char at[SR_TIME_TEXT];
	int count[3]; /* by enum sr_property_result */
};

static const char *const results[] = {
	[SR_PROPERTY_PASSED] = "passed",
	[SR_PROPERTY_FAILED] = "failed",
	[SR_PROPERTY_NOT_APPLICABLE] = "not_applicable",
};
static const char *const properties[] = { "authenticity", "integrity", "usability", "safety" };
static const char *const stages[] = { "archive", "export", "fixity" };

static size_t place_of(const char *const *words, size_t count, const char *word)
{
	size_t i = 0;

	while (i < count && (!word || strcmp(words[i], word) != 0))
		i++;
	return i;
}

enum sr_status sr_property_report_new(const char *stage, int64_t at_ns, struct sr_property_report **out,
                                      struct sr_err *err)
{
	SR_CLEANUP(sr_property_report_freep) struct sr_property_report *report = calloc(1, sizeof(*report));
	size_t place = place_of(stages, SR_COUNT(stages), stage);

	if (place == SR_COUNT(stages))
		return sr_fail(err, SR_INVALID, "no stage of a four-property report: %s", stage);
	if (!report || !(report->items = json_array()))
		return sr_fail(err, SR_NO_MEMORY, "no memory for a report");
	report->stage = stages[place];
	sr_time_format_utc(at_ns, report->at);
	*out = SR_MOVE(report);
	return SR_OK;
}

void sr_property_report_free(struct sr_property_report *report)
{
	if (!report)
		return;
	json_decref(report->items);
	free(report);
}

enum sr_status sr_property_add(struct sr_property_report *report, const char *item, const char *zh,
                               const char *en, enum sr_property_result result, const char *reason,
                               struct sr_err *err)
{
	json_t *object = NULL;

	if (item[0] < '1' || item[0] > '4' || item[1] != '-')
		return sr_fail(err, SR_INVALID, "no item of a four-property report: %s", item);
	SR_TRY(SR_JSON_PACK(&object, err, "{s:s,s:s,s:s,s:s,s:s,s:s}", "item", item, "property",
	                    properties[item[0] - '1'], "zh", zh, "en", en, "result", results[result],
	                    "reason", reason));
	report->count[result]++;
	return sr_json_append(report->items, object, err);
}

enum sr_status sr_property_judge(struct sr_property_report *report, const char *item, const char *zh,
                                 const char *en, bool passed, const char *reason, struct sr_err *err)
{
	return sr_property_add(report, item, zh, en, passed ? SR_PROPERTY_PASSED : SR_PROPERTY_FAILED, reason,
	                       err);
}

enum sr_status sr_property_skip(struct sr_property_report *report, const char *item, const char *zh,
                                const char *en, const char *reason, struct sr_err *err)
{
	return sr_property_add(report, item, zh, en, SR_PROPERTY_NOT_APPLICABLE, reason, err);
}

/* "1-4" before "1-14", and that before "2-1". */
static int by_item(const void *a, const void *b)
{
	const char *left = sr_json_text(*(json_t *const *)a, "item");
	const char *right = sr_json_text(*(json_t *const *)b, "item");

	if (left[0] != right[0])
		return left[0] < right[0] ? -1 : 1;
	long x = strtol(left + 2, NULL, 10), y = strtol(right + 2, NULL, 10);
	return (x > y) - (x < y);
}

/* Items in their order. */
static enum sr_status sort_items(const json_t *items, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *sorted = json_array();
	json_t *list[ITEMS_MAX];
	size_t count = json_array_size(items);

	if (count > SR_COUNT(list))
		return sr_fail(err, SR_LIMIT, "over %d items in a four-property report", ITEMS_MAX);
	for (size_t i = 0; i < count; i++)
		list[i] = json_array_get(items, i);
	if (count > 0)
		qsort(list, count, sizeof(json_t *), by_item);
	for (size_t i = 0; i < count; i++)
		SR_TRY(sr_json_append(sorted, json_incref(list[i]), err));
	*out = SR_MOVE(sorted);
	return SR_OK;
}

enum sr_status sr_property_report_json(const struct sr_property_report *report, json_t **out,
                                       struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *items = NULL;

	SR_TRY(sort_items(report->items, &items, err));
	return SR_JSON_PACK(out, err, "{s:s,s:s,s:s,s:s,s:O,s:i,s:i,s:i}", "format", FORMAT, "stage",
	                    report->stage, "at", report->at, "standard", STANDARD, "items", items, "passed",
	                    report->count[SR_PROPERTY_PASSED], "failed", report->count[SR_PROPERTY_FAILED],
	                    "not_applicable", report->count[SR_PROPERTY_NOT_APPLICABLE]);
}

/* --- formats ----------------------------------------------------------------------------------------- */

static bool has_extension(const char *path, const char *const *list, size_t count)
{
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; i < count; i++)
		if (dot && strcasecmp(dot + 1, list[i]) == 0)
			return true;
	return false;
}

bool sr_property_format_is_kept(const char *path)
{
	static const char *const kept[] = { "pdf", "ofd",  "tif", "tiff", "jpg",  "jpeg", "png",
		                            "txt", "md",   "xml", "csv",  "wav",  "mp3",  "mp4",
		                            "mpg", "mpeg", "avi", "mxf",  "flac", "json" };

	return has_extension(path, kept, SR_COUNT(kept));
}

bool sr_property_format_is_packed(const char *path)
{
	static const char *const packed[] = { "zip", "rar", "7z",  "gz",  "tgz", "bz2",
		                              "xz",  "tar", "age", "gpg", "p7m" };

	return has_extension(path, packed, SR_COUNT(packed));
}

/* --- reading one ------------------------------------------------------------------------------------- */

static enum sr_status check_item(const json_t *item, size_t index, int count[3], struct sr_err *err)
{
	static const char *const keys[] = { "item", "property", "zh", "en", "result", "reason" };

	for (size_t i = 0; i < SR_COUNT(keys); i++)
		if (!sr_json_text(item, keys[i]))
			return sr_fail(err, SR_CORRUPT, "/items/%zu/%s: not there", index, keys[i]);
	size_t result = place_of(results, SR_COUNT(results), sr_json_text(item, "result"));
	size_t property = place_of(properties, SR_COUNT(properties), sr_json_text(item, "property"));
	if (result == SR_COUNT(results) || property == SR_COUNT(properties) ||
	    json_object_size(item) != SR_COUNT(keys))
		return sr_fail(err, SR_CORRUPT, "/items/%zu: a word or key that this version does not know",
		               index);
	count[result]++;
	return SR_OK;
}

enum sr_status sr_property_report_check(const json_t *report, struct sr_err *err)
{
	static const char *const texts[] = { "format", "stage", "at", "standard" };
	const char *format = sr_json_text(report, "format");
	json_t *items;
	int count[3] = { 0 };
	int64_t ignored;

	for (size_t i = 0; i < SR_COUNT(texts); i++)
		if (!sr_json_text(report, texts[i]))
			return sr_fail(err, SR_CORRUPT, "/%s: not there", texts[i]);
	if (strcmp(format, FORMAT) != 0 || !sr_time_parse(sr_json_text(report, "at"), &ignored) ||
	    place_of(stages, SR_COUNT(stages), sr_json_text(report, "stage")) == SR_COUNT(stages))
		return sr_fail(err, SR_CORRUPT, "format, stage or time are none of a four-property report");
	SR_TRY(sr_json_need_array(report, "items", &items, err));
	if (json_array_size(items) > ITEMS_MAX)
		return sr_fail(err, SR_LIMIT, "/items: over %d", ITEMS_MAX);
	for (size_t i = 0; i < json_array_size(items); i++)
		SR_TRY(check_item(json_array_get(items, i), i, count, err));
	for (size_t i = 0; i < SR_COUNT(results); i++) {
		const json_t *value = json_object_get(report, results[i]);

		if (!json_is_integer(value) || json_integer_value(value) != count[i])
			return sr_fail(err, SR_CORRUPT, "/%s: not what the items count", results[i]);
	}
	if (json_object_size(report) != SR_COUNT(texts) + 1 + SR_COUNT(results))
		return sr_fail(err, SR_CORRUPT, "the report has keys that this version does not know");
	return SR_OK;
}
