/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/classes.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/index/case_record.h"

static const struct {
	const char *word;
	uint8_t bit;
} words[] = {
	{ "privacy", SR_CLASS_PRIVACY },
	{ "commercial", SR_CLASS_COMMERCIAL },
	{ "state-secret", SR_CLASS_STATE_SECRET },
};

uint8_t sr_classes_of(const json_t *list)
{
	uint8_t classes = 0;
	size_t index;
	json_t *value;

	json_array_foreach(list, index, value) {
		for (size_t i = 0; i < SR_COUNT(words); i++)
			if (json_is_string(value) && strcmp(words[i].word, json_string_value(value)) == 0)
				classes |= words[i].bit;
	}
	return classes;
}

uint8_t sr_classes_of_text(const char *text)
{
	uint8_t classes = 0;

	while (*text) {
		size_t size = strcspn(text, ",");

		for (size_t i = 0; i < SR_COUNT(words); i++)
			if (strlen(words[i].word) == size && memcmp(words[i].word, text, size) == 0)
				classes |= words[i].bit;
		text += size + (text[size] == ',');
	}
	return classes;
}

enum sr_status sr_classes_to_json(uint8_t classes, bool none, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();

	for (size_t i = 0; i < SR_COUNT(words); i++)
		if (classes & words[i].bit)
			SR_TRY(sr_json_append(list, json_string(words[i].word), err));
	if (classes == 0 && none)
		SR_TRY(sr_json_append(list, json_string("none"), err));
	*out = SR_MOVE(list);
	return SR_OK;
}
