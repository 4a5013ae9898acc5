/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/approval.h"

#include <stdbool.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/label.h"
#include "appliance/keeper/state/scope.h"

#define RULES_MAX 200u
#define WORDS_MAX 32u
#define APPROVALS_MAX 3

/* --- what a table may say -------------------------------------------------------------------------- */

static const char *const classes[] = { "handler", "archivist", "official", "supervisor", "auditor",
	                               "party",   "lawyer",    "court",    "other",      NULL };
static const char *const channels[] = { "fs", "web", "copy", NULL };
static const char *const classifications[] = { "privacy", "commercial", "state-secret", NULL };

/* Lists of a rule; where @words is NULL (purposes and papers are data) any label will do. */
static const struct {
	const char *key;
	const char *const *words;
} lists[] = { { "class", classes },
	      { "purpose", NULL },
	      { "channels", channels },
	      { "classification", classifications },
	      { "papers", NULL } };

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static enum sr_status check_words(const json_t *list, size_t rule, const char *key, const char *const *words,
                                  struct sr_err *err)
{
	size_t index;
	json_t *word;

	if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > WORDS_MAX)
		return sr_fail(err, SR_INVALID, "/rules/%zu/%s: must be a list of 1 to %u words", rule, key,
		               WORDS_MAX);
	json_array_foreach(list, index, word) {
		const char *text = json_string_value(word);

		if (!text || !sr_label_is_valid(text))
			return sr_fail(err, SR_INVALID, "/rules/%zu/%s/%zu: must be a word of 1 to 63 bytes",
			               rule, key, index);
		if (words && !is_one_of(text, words))
			return sr_fail(err, SR_INVALID, "/rules/%zu/%s/%zu: nothing is called %s", rule, key,
			               index, text);
	}
	return SR_OK;
}

static enum sr_status check_key(const json_t *value, size_t rule, const char *key, struct sr_err *err)
{
	json_int_t approvals = json_integer_value(value);

	if (strcmp(key, "approvals") == 0) {
		if (!json_is_integer(value) || approvals < 1 || approvals > APPROVALS_MAX)
			return sr_fail(err, SR_INVALID, "/rules/%zu/approvals: must be 1 to %d", rule,
			               APPROVALS_MAX);
		return SR_OK;
	}
	for (size_t i = 0; i < SR_COUNT(lists); i++)
		if (strcmp(key, lists[i].key) == 0)
			return check_words(value, rule, key, lists[i].words, err);
	return sr_fail(err, SR_INVALID, "/rules/%zu/%.40s: a rule has no such key", rule, key);
}

static enum sr_status check_size(const json_t *table, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_json_write(table, &text, err));
	if (text.size > SR_APPROVAL_TABLE_BYTES)
		return sr_fail(err, SR_INVALID, "the approval table has more than %u bytes",
		               SR_APPROVAL_TABLE_BYTES);
	return SR_OK;
}

enum sr_status sr_approval_check_table(const json_t *table, struct sr_err *err)
{
	const json_t *rules = json_object_get(table, "rules");
	size_t index;
	json_t *rule;
	const char *key;
	json_t *value;

	if (!json_is_array(rules) || json_object_size(table) != 1 || json_array_size(rules) > RULES_MAX)
		return sr_fail(err, SR_INVALID, "/rules: must be a list of at most %u rules, and alone",
		               RULES_MAX);
	json_array_foreach(rules, index, rule) {
		if (!json_is_object(rule) || !json_object_get(rule, "approvals"))
			return sr_fail(err, SR_INVALID, "/rules/%zu/approvals: must be 1 to %d", index,
			               APPROVALS_MAX);
		json_object_foreach(rule, key, value)
			SR_TRY(check_key(value, index, key, err));
	}
	return check_size(table, err);
}

/* --- what it asks ---------------------------------------------------------------------------------- */

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
