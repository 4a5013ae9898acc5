/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/clearance.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/index/case_record.h"

static const struct {
	const char *word;
	uint8_t bit;
} words[] = { { "privacy", SR_CLASS_PRIVACY },
	      { "commercial", SR_CLASS_COMMERCIAL },
	      { "state-secret", SR_CLASS_STATE_SECRET } };

/* 0 where it is no word. */
static uint8_t bit_of(const json_t *word)
{
	const char *text = json_string_value(word);

	for (size_t i = 0; text && i < SR_COUNT(words); i++)
		if (strcmp(words[i].word, text) == 0)
			return words[i].bit;
	return 0;
}

uint8_t sr_clearances_of(const json_t *list)
{
	uint8_t bits = 0;
	size_t index;
	json_t *word;

	json_array_foreach(list, index, word)
		bits |= bit_of(word);
	return bits;
}

enum sr_status sr_clearances_parse(const json_t *list, uint8_t *out, struct sr_err *err)
{
	size_t index;
	json_t *word;

	json_array_foreach(list, index, word)
		if (!bit_of(word))
			return sr_fail(err, SR_INVALID,
			               "%s is no clearance; there are privacy, commercial and state-secret",
			               json_is_string(word) ? json_string_value(word) : "this");
	*out = sr_clearances_of(list);
	return SR_OK;
}

enum sr_status sr_clearances_list(uint8_t bits, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();

	for (size_t i = 0; i < SR_COUNT(words); i++)
		if (bits & words[i].bit)
			SR_TRY(sr_json_append(list, json_string(words[i].word), err));
	*out = SR_MOVE(list);
	return SR_OK;
}
