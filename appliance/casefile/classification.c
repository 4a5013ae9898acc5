/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/classification.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"

static bool holds(const json_t *list, const char *word)
{
	size_t index;
	json_t *value;

	json_array_foreach(list, index, value) {
		if (json_is_string(value) && strcmp(json_string_value(value), word) == 0)
			return true;
	}
	return false;
}

void sr_classification_text(const json_t *list, char out[SR_CLASSIFICATION_TEXT])
{
	static const char *const words[] = { "privacy", "commercial", "state-secret" };
	size_t used = 0;

	for (size_t i = 0; i < SR_COUNT(words); i++) {
		if (holds(list, words[i]))
			used += (size_t)snprintf(out + used, SR_CLASSIFICATION_TEXT - used, "%s%s",
			                         used > 0 ? "," : "", words[i]);
	}
	if (used == 0)
		snprintf(out, SR_CLASSIFICATION_TEXT, "none");
}
