/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/question.h"

#include "appliance/base/cleanup.h"
#include "appliance/index/fold.h"
#include "appliance/index/terms.h"

void sr_question_dispose(struct sr_question *question)
{
	sr_buf_dispose(&question->bytes);
	sr_buf_dispose(&question->alternatives);
}

const struct sr_alternative *sr_question_alternative(const struct sr_question *question, size_t index)
{
	return (const struct sr_alternative *)(const void *)question->alternatives.data + index;
}

enum sr_status sr_question_begin(struct sr_question *question, struct sr_err *err)
{
	if (question->condition_count == SR_CONDITIONS)
		return sr_fail(err, SR_INVALID, "too many conditions; use fewer or shorter words");
	question->conditions[question->condition_count++] = (struct sr_condition){
		.first = question->alternatives.size / sizeof(struct sr_alternative),
	};
	return SR_OK;
}

enum sr_status sr_question_add(struct sr_question *question, char kind, struct sr_bytes text, bool is_prefix,
                               struct sr_err *err)
{
	struct sr_alternative alternative = { .at = question->bytes.size,
		                              .size = 1 + text.size,
		                              .is_prefix = is_prefix };

	if (alternative.size > SR_TERM_BYTES)
		return sr_fail(err, SR_INVALID, "a word or code of the question is too long");
	SR_TRY(sr_buf_add(&question->bytes, &kind, 1, err));
	SR_TRY(sr_buf_add(&question->bytes, text.data, text.size, err));
	SR_TRY(sr_buf_add(&question->alternatives, &alternative, sizeof(alternative), err));
	question->conditions[question->condition_count - 1].count++;
	return SR_OK;
}

static enum sr_status add_exact(struct sr_question *question, char kind, struct sr_bytes text,
                                struct sr_err *err)
{
	SR_TRY(sr_question_begin(question, err));
	return sr_question_add(question, kind, text, false, err);
}

struct words {
	struct sr_question *question;
	size_t terms;
};

static enum sr_status add_word(void *context, struct sr_bytes word, struct sr_err *err)
{
	struct words *words = context;

	if (++words->terms > SR_SEARCH_TERMS)
		return sr_fail(err, SR_INVALID, "the words to find have over %u characters in all",
		               SR_SEARCH_TERMS);
	return add_exact(words->question, SR_TERM_WORD, word, err);
}

/* Words are parted by blanks, U+3000 too. */
static size_t count_words(struct sr_bytes text)
{
	size_t count = 0;
	bool inside = false;

	for (size_t i = 0; i < text.size; i++) {
		bool wide = text.size - i >= 3 && text.data[i] == 0xe3 && text.data[i + 1] == 0x80 &&
		            text.data[i + 2] == 0x80;
		bool blank = wide || text.data[i] <= ' ';

		count += !blank && !inside;
		inside = !blank;
		i += wide ? 2 : 0;
	}
	return count;
}

/* Words of punctuation alone ask for nothing that was filed, so nothing answers. */
static enum sr_status add_words(struct sr_question *question, struct sr_bytes text, struct sr_err *err)
{
	struct words words = { .question = question };
	size_t count = count_words(text);

	if (count > SR_SEARCH_WORDS)
		return sr_fail(err, SR_INVALID, "more than %u words to find", SR_SEARCH_WORDS);
	SR_TRY(sr_cut(text, true, add_word, &words, err));
	return count > 0 && words.terms == 0 ? sr_question_begin(question, err) : SR_OK;
}

static enum sr_status add_scopes(struct sr_question *question, const struct sr_scope *scopes, size_t count,
                                 struct sr_err *err)
{
	static const char kinds[] = {
		[SR_SCOPE_ORGAN] = SR_TERM_ORGAN,
		[SR_SCOPE_SUBTREE] = SR_TERM_SUBTREE,
		[SR_SCOPE_HANDLER] = SR_TERM_HANDLER,
	};

	if (count > SR_SEARCH_SCOPES)
		return sr_fail(err, SR_INVALID, "more than %u organs; name the one above them",
		               SR_SEARCH_SCOPES);
	SR_TRY(sr_question_begin(question, err));
	for (size_t i = 0; i < count; i++)
		SR_TRY(sr_question_add(question, kinds[scopes[i].kind], scopes[i].code, false, err));
	return SR_OK;
}

static enum sr_status add_number(struct sr_question *question, struct sr_bytes number, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf folded = { 0 };

	SR_TRY(sr_fold(number, ' ', &folded, err));
	return add_exact(question, SR_TERM_NUMBER, sr_buf_bytes(&folded), err);
}

static enum sr_status add_party(struct sr_question *question, struct sr_bytes name, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf folded = { 0 };
	struct sr_party_key key;

	SR_TRY(sr_fold(name, 0, &folded, err));
	SR_TRY(sr_question_begin(question, err));
	if (folded.size == 0)
		return SR_OK; /* punctuation alone: no name begins so */
	SR_TRY(sr_party_key(sr_buf_bytes(&folded), &key, err));
	struct sr_bytes text = { key.bytes + 1, key.size - 1 };
	return sr_question_add(question, (char)key.bytes[0], text, key.is_prefix, err);
}

static enum sr_status check_bounds(const struct sr_search *search, struct sr_err *err)
{
	if (search->clearances > SR_CLASS_ALL)
		return sr_fail(err, SR_INVALID, "no such clearance");
	if (search->limit > SR_SEARCH_PAGE)
		return sr_fail(err, SR_INVALID, "a page has at most %u cases", SR_SEARCH_PAGE);
	if (search->words.size > SR_SEARCH_BYTES || search->number.size > SR_CASE_NAME_BYTES ||
	    search->party.size > SR_SEARCH_BYTES || search->category.size > SR_CASE_NAME_BYTES)
		return sr_fail(err, SR_INVALID, "a text of the question is over %u bytes", SR_SEARCH_BYTES);
	return SR_OK;
}

enum sr_status sr_question_make(const struct sr_search *search, struct sr_question *out, struct sr_err *err)
{
	SR_TRY(check_bounds(search, err));
	if (!search->everywhere)
		SR_TRY(add_scopes(out, search->scopes, search->scope_count, err));
	if (search->within_count > 0)
		SR_TRY(add_scopes(out, search->within, search->within_count, err));
	if (search->words.size > 0)
		SR_TRY(add_words(out, search->words, err));
	if (search->number.size > 0)
		SR_TRY(add_number(out, search->number, err));
	if (search->party.size > 0)
		SR_TRY(add_party(out, search->party, err));
	if (search->category.size > 0)
		SR_TRY(add_exact(out, SR_TERM_CATEGORY, search->category, err));
	/* Every case is in one of these; also where a question has no other condition. */
	if (out->condition_count == 0)
		SR_TRY(add_exact(out, SR_TERM_ALL, (struct sr_bytes){ 0 }, err));
	out->from_day = search->has_from ? search->from_day : INT64_MIN;
	out->to_day = search->has_to ? search->to_day : INT64_MAX;
	return SR_OK;
}
