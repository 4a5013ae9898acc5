/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/operations/ledger_filter.h"

#include <string.h>

#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/reading/readings.h"
#include "appliance/ledger/entry_type.h"

static bool is(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static enum sr_status take_time(struct sr_act *act, const char *key, int64_t otherwise, int64_t *out,
                                struct sr_err *err)
{
	const char *text = sr_act_text(act, key);

	*out = otherwise;
	if (text && !sr_time_parse(text, out))
		return sr_act_refuse(act, "Invalid", err, "/%s: is no time like 2025-03-13T00:00:00+08:00",
		                     key);
	return SR_OK;
}

enum sr_status sr_ledger_filter_take(struct sr_act *act, struct sr_ledger_filter *out, struct sr_err *err)
{
	struct sr_ledger_filter filter = { .type = sr_act_text(act, "type"),
		                           .who = sr_act_text(act, "who"),
		                           .about = sr_act_text(act, "about") };

	if (filter.type && !sr_entry_type_find(filter.type))
		return sr_act_refuse(act, "Invalid", err, "/type: there is no type of entry %.64s",
		                     filter.type);
	SR_TRY(take_time(act, "since", INT64_MIN, &filter.since_ns, err));
	SR_TRY(take_time(act, "until", INT64_MAX, &filter.until_ns, err));
	*out = filter;
	return SR_OK;
}

bool sr_ledger_filter_is_open(const struct sr_ledger_filter *filter)
{
	return !filter->type && !filter->who && !filter->about && filter->since_ns == INT64_MIN &&
	       filter->until_ns == INT64_MAX;
}

static bool acts(const struct sr_entry *entry, const char *who)
{
	return is(sr_json_text(entry->actor, "user"), who) || is(sr_json_text(entry->actor, "login"), who) ||
	       is(sr_json_text(entry->actor, "pass"), who);
}

static bool holds(const json_t *value, const char *text)
{
	const json_t *one;
	size_t index;

	if (is(json_string_value(value), text))
		return true;
	json_array_foreach(value, index, one)
		if (is(json_string_value(one), text))
			return true;
	return false;
}

static bool mentions(const struct sr_entry *entry, const char *text)
{
	json_t *root = entry->root, *value;
	const char *key;

	json_object_foreach(root, key, value)
		if (holds(value, text))
			return true;
	return false;
}

bool sr_ledger_filter_wants(const struct sr_ledger_filter *filter, const struct sr_entry *entry)
{
	return (!filter->type || is(entry->type, filter->type)) && entry->time_ns >= filter->since_ns &&
	       entry->time_ns < filter->until_ns && (!filter->who || acts(entry, filter->who)) &&
	       (!filter->about || mentions(entry, filter->about));
}

enum sr_status sr_ledger_filter_begin(const struct sr_ledger_filter *filter, struct sr_txn *txn,
                                      uint64_t *from, struct sr_err *err)
{
	uint64_t first = 0;

	if (filter->since_ns != INT64_MIN)
		SR_TRY(sr_readings_first_at(txn, filter->since_ns, &first, err));
	*from = first > *from ? first : *from;
	return SR_OK;
}
