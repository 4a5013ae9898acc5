/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/requests/request_scope.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/scope.h"

#define NUMBER_MATCHES 64 /* organs that may have a case of one number */

/* --- cases and members by what people call them ---------------------------------------------------- */

/* The list's own spelling of an id; NULL when it is not in it. */
static const char *find_id(const json_t *cases, const char *id)
{
	size_t index;
	json_t *value;

	json_array_foreach(cases, index, value)
		if (strcmp(json_string_value(value), id) == 0)
			return json_string_value(value);
	return NULL;
}

enum sr_status sr_request_case_among(struct sr_txn *txn, const json_t *cases, const char *reference,
                                     const char **id, struct sr_err *err)
{
	struct sr_case_id ids[NUMBER_MATCHES];
	char text[SR_UUID_TEXT];
	const char *found = find_id(cases, reference);
	size_t count = 0;

	if (!found && !sr_case_id_parse(reference, &ids[0])) {
		enum sr_status status = sr_case_store_by_number(
			txn, (struct sr_bytes){ (const uint8_t *)reference, strlen(reference) }, ids,
			NUMBER_MATCHES, &count, err);
		if (status != SR_OK && status != SR_INVALID && status != SR_NOT_FOUND)
			return status;
		count = status == SR_OK ? count : 0;
	}
	for (size_t i = 0; i < count && i < NUMBER_MATCHES && !found; i++) {
		sr_case_id_format(&ids[i], text);
		found = find_id(cases, text);
	}
	if (!found)
		return sr_fail(err, SR_NOT_FOUND, "the request has no case %s", reference);
	*id = found;
	return SR_OK;
}

static enum sr_status member_count(struct sr_txn *txn, const char *id, uint32_t *out, struct sr_err *err)
{
	struct sr_case_record record;
	struct sr_case_id key;

	if (!sr_case_id_parse(id, &key))
		return sr_fail(err, SR_CORRUPT, "%s is no case id", id);
	SR_TRY(sr_case_store_get(txn, &key, &record, err));
	*out = record.member_count;
	return SR_OK;
}

static int compare_numbers(const void *a, const void *b)
{
	const json_int_t one = *(const json_int_t *)a, other = *(const json_int_t *)b;

	return (one > other) - (one < other);
}

/* Numbers in order, each once, all of them members. */
static enum sr_status take_numbers(const json_t *given, const char *reference, uint32_t members, json_t *into,
                                   struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf memory = { 0 };
	size_t index, count = 0;
	json_int_t *numbers;
	json_t *value;

	if (!json_is_array(given) || json_array_size(given) == 0)
		return sr_fail(err, SR_INVALID, "/members: members of %s must be a list of numbers",
		               reference);
	json_array_foreach(given, index, value) {
		json_int_t number = json_integer_value(value);

		if (!json_is_integer(value) || number < 1 || number > (json_int_t)members)
			return sr_fail(err, SR_INVALID, "the case %s has no member %lld; it has 1 to %u",
			               reference, (long long)number, members);
		SR_TRY(sr_buf_add(&memory, &number, sizeof(number), err));
	}
	numbers = (json_int_t *)(void *)memory.data;
	assert(numbers != NULL);
	count = memory.size / sizeof(*numbers);
	qsort(numbers, count, sizeof(*numbers), compare_numbers);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || numbers[i] != numbers[i - 1])
			SR_TRY(sr_json_append(into, json_integer(numbers[i]), err));
	return SR_OK;
}

static enum sr_status take_element(struct sr_txn *txn, const json_t *cases, const json_t *element,
                                   json_t *scope, struct sr_err *err)
{
	const char *reference = sr_json_text(element, "case");
	SR_CLEANUP(sr_json_decrefp) json_t *numbers = json_array();
	const char *id = NULL;
	uint32_t members;

	if (!reference && json_array_size(cases) == 1)
		reference = json_string_value(json_array_get(cases, 0));
	if (!reference)
		return sr_fail(err, SR_INVALID, "/members: say of which case: {\"case\",\"members\"}");
	enum sr_status status = sr_request_case_among(txn, cases, reference, &id, err);
	if (status == SR_NOT_FOUND)
		return sr_fail(err, SR_INVALID, "/members: %s is not among the cases", reference);
	SR_TRY(status);
	assert(id != NULL);
	for (size_t i = 0; i < json_array_size(scope); i++)
		if (strcmp(sr_json_text(json_array_get(scope, i), "case"), id) == 0)
			return sr_fail(err, SR_INVALID, "/members: %s is there twice", reference);
	SR_TRY(member_count(txn, id, &members, err));
	SR_TRY(take_numbers(json_object_get(element, "members"), reference, members, numbers, err));
	return sr_json_append(scope, json_pack("{s:s,s:O}", "case", id, "members", numbers), err);
}

enum sr_status sr_request_members(struct sr_txn *txn, const json_t *cases, const json_t *given, json_t **out,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *scope = json_array();
	size_t index;
	json_t *element;

	*out = NULL;
	if (!given || json_array_size(given) == 0)
		return SR_OK;
	json_array_foreach(given, index, element)
		SR_TRY(take_element(txn, cases, element, scope, err));
	*out = SR_MOVE(scope);
	return SR_OK;
}

/* --- what they are classified as ------------------------------------------------------------------- */

static void count_row(const struct sr_reach *reach, const struct sr_member_row *row, uint8_t *out)
{
	if ((reach->sub_volume || !row->sub_volume) && !(row->classes & ~reach->clearances))
		*out |= row->classes;
}

static enum sr_status all_classes(struct sr_txn *txn, const struct sr_case_id *key, struct sr_bytes parts,
                                  const struct sr_reach *reach, uint8_t *out, struct sr_err *err)
{
	struct sr_cursor walk = sr_case_walk(parts);
	struct sr_case_part part;

	while (sr_case_part_next(&walk, &part)) {
		struct sr_members rows;
		struct sr_member_row row;

		SR_TRY(sr_case_store_members(txn, key, part.number, &rows, err));
		for (uint32_t i = 0; i < rows.count; i++) {
			SR_TRY(sr_members_get(&rows, rows.first_number + i, &row, err));
			count_row(reach, &row, out);
		}
	}
	return SR_OK;
}

static const json_t *numbers_of(const json_t *members, const char *id)
{
	size_t index;
	json_t *element;

	json_array_foreach(members, index, element)
		if (strcmp(sr_json_text(element, "case"), id) == 0)
			return json_object_get(element, "members");
	return NULL;
}

enum sr_status sr_request_classes(struct sr_txn *txn, const json_t *cases, const json_t *members,
                                  const struct sr_reach *reach, uint8_t *out, struct sr_err *err)
{
	size_t index, at;
	json_t *value, *number;

	*out = 0;
	json_array_foreach(cases, index, value) {
		struct sr_case_record record;
		struct sr_case_part part;
		struct sr_member_row row;
		struct sr_case_id key;

		if (!sr_case_id_parse(json_string_value(value), &key))
			return sr_fail(err, SR_CORRUPT, "%s is no case id", json_string_value(value));
		SR_TRY(sr_case_store_get(txn, &key, &record, err));
		*out |= record.classes;
		if (!members)
			SR_TRY(all_classes(txn, &key, record.parts, reach, out, err));
		json_array_foreach(numbers_of(members, json_string_value(value)), at, number) {
			SR_TRY(sr_case_store_member(txn, &key, (uint32_t)json_integer_value(number), &part,
			                            &row, err));
			count_row(reach, &row, out);
		}
	}
	return SR_OK;
}

enum sr_status sr_request_named_classes(struct sr_txn *txn, const json_t *members, bool sub_volume,
                                        uint8_t *out, struct sr_err *err)
{
	size_t index, at;
	json_t *element, *number;

	*out = 0;
	json_array_foreach(members, index, element) {
		struct sr_case_id key;

		if (!sr_case_id_parse(sr_json_text(element, "case"), &key))
			return sr_fail(err, SR_CORRUPT, "a scope names no case");
		json_array_foreach(json_object_get(element, "members"), at, number) {
			struct sr_case_part part;
			struct sr_member_row row;

			SR_TRY(sr_case_store_member(txn, &key, (uint32_t)json_integer_value(number), &part,
			                            &row, err));
			if (row.sub_volume && !sub_volume)
				return sr_fail(err, SR_INVALID,
				               "member %u lies in the sub volume (副卷), which this request "
				               "does not reach",
				               row.number);
			*out |= row.classes;
		}
	}
	return SR_OK;
}
