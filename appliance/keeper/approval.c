/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/approval.h"

#include <stdbool.h>
#include <string.h>

#include "appliance/base/json.h"
#include "appliance/keeper/scope.h"

/* A list that is left out matches everything. */
static bool matches_word(const json_t *rule, const char *key, const char *word)
{
	const json_t *list = json_object_get(rule, key);

	return !list || (word && sr_scope_lists(list, word));
}

static bool matches_any(const json_t *rule, const char *key, const json_t *words)
{
	const json_t *list = json_object_get(rule, key);
	size_t index;
	json_t *word;

	if (!list)
		return true;
	json_array_foreach(words, index, word)
		if (json_is_string(word) && sr_scope_lists(list, json_string_value(word)))
			return true;
	return false;
}

static bool matches(const json_t *rule, const struct sr_approval_question *question)
{
	return matches_word(rule, "class", question->class) &&
	       matches_word(rule, "purpose", question->purpose) &&
	       matches_any(rule, "channels", question->channels) &&
	       matches_any(rule, "classification", question->classification);
}

unsigned sr_approval_officials(const json_t *table, const struct sr_approval_question *question)
{
	unsigned most = 1;
	size_t index;
	json_t *rule;

	json_array_foreach(json_object_get(table, "rules"), index, rule) {
		unsigned approvals = (unsigned)json_integer_value(json_object_get(rule, "approvals"));

		if (approvals > most && matches(rule, question))
			most = approvals;
	}
	return most;
}

static bool has_paper(const json_t *papers, const char *kind)
{
	size_t index;
	json_t *paper;

	json_array_foreach(papers, index, paper) {
		const char *has = sr_json_text(paper, "kind");

		if (has && strcmp(has, kind) == 0)
			return true;
	}
	return false;
}

const char *sr_approval_missing_paper(const json_t *table, const struct sr_approval_question *question,
                                      const json_t *papers)
{
	size_t index, at;
	json_t *rule, *kind;

	json_array_foreach(json_object_get(table, "rules"), index, rule) {
		if (!matches(rule, question))
			continue;
		json_array_foreach(json_object_get(rule, "papers"), at, kind)
			if (json_is_string(kind) && !has_paper(papers, json_string_value(kind)))
				return json_string_value(kind);
	}
	return NULL;
}
