/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases made up by chance, filed in the index, and the same questions answered by looking at every case. What
 * matches is worked out from the characters alone, without the code under test.
 */
#pragma once

#include "tests/unit/unit.h"

#include <stdlib.h>

#include "appliance/base/clock.h"
#include "appliance/base/text.h"
#include "appliance/index/case_store.h"
#include "appliance/index/search.h"
#include "appliance/index/terms.h"
#include "tests/unit/index/database.h"

#define CASES 5000u
#define TEXTS 8u
#define TEXT_CHARACTERS 48u
#define ORGANS 7u

/* A text as characters, already in lower case; the encoded form has capitals and full-width forms in it. */
struct text_of {
	uint32_t characters[TEXT_CHARACTERS];
	size_t length;
	uint8_t classes; /* that a reader needs, the case's included */
};

struct known_case {
	struct sr_case_id id;
	char number[96];
	char category[16];
	unsigned organ;
	unsigned handler;
	int64_t day;
	uint8_t classes;
	struct text_of texts[TEXTS]; /* 0 title, 1 and 2 parties, 3 number, others of members */
	uint64_t ordinal;
};

static struct known_case *cases;

/* --- chance ------------------------------------------------------------------------------------- */

static uint64_t chance_state = 88172645463325252u;

static inline unsigned chance(unsigned below)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 7;
	chance_state ^= chance_state << 17;
	return (unsigned)(chance_state >> 11) % below;
}

static const uint32_t characters[] = U"某药店医保基金串换品骗取呼和浩特市中心院诊所王李张大同济平安堂码𠮷";
static const char *const words[] = { "2024", "2025", "12", "7", "yb", "gsp", "icu", "1234567890123456" };

static inline void add_character(struct text_of *text, uint32_t c)
{
	if (text->length < TEXT_CHARACTERS)
		text->characters[text->length++] = c;
}

static inline void add_word(struct text_of *text)
{
	add_character(text, ' ');
	for (const char *c = words[chance(SR_COUNT(words))]; *c; c++)
		add_character(text, (uint32_t)*c);
	add_character(text, ' ');
}

static inline void make_text(struct text_of *text, unsigned length, uint8_t classes)
{
	text->length = 0;
	text->classes = classes;
	while (text->length < length) {
		if (chance(12) == 0)
			add_word(text);
		else if (chance(10) == 0)
			add_character(text, chance(2) ? 0x3014 : '-');
		else /* rare and common characters */
			add_character(text, characters[chance(chance(2) ? 6 : SR_COUNT(characters) - 1)]);
	}
}

static inline size_t encode(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = size - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)((0xf0u << (4 - size)) | c);
	return size;
}

/* With capitals and full-width forms, which must make no difference. */
static inline struct sr_bytes write_text(const struct text_of *text, char *out)
{
	size_t size = 0;

	for (size_t i = 0; i < text->length; i++) {
		uint32_t c = text->characters[i];

		if (c >= 'a' && c <= 'z' && chance(3) == 0)
			c -= 32;
		if (c > ' ' && c < 0x7f && chance(4) == 0)
			c += 0xfee0;
		size += encode(c, out + size);
	}
	return (struct sr_bytes){ (const uint8_t *)out, size };
}

/* --- filing ------------------------------------------------------------------------------------- */

static inline void make_case(struct known_case *c, unsigned i)
{
	static const uint8_t classes[] = { 0, 0, 0, 1, 1, 2, 3, 4 };
	static const char *const categories[] = { "penalty", "inspection", "coercion" };

	memset(c->id.bytes, 0x5a, sizeof(c->id.bytes));
	memcpy(c->id.bytes, &(uint32_t){ i }, 4);
	c->classes = classes[chance(SR_COUNT(classes))];
	c->organ = chance(ORGANS);
	c->handler = chance(20);
	c->day = sr_date_join(2019, 1, 1) + chance(365 * 6 + 1);
	snprintf(c->category, sizeof(c->category), "%s", categories[chance(3)]);
	snprintf(c->number, sizeof(c->number), "呼医保罚〔%u〕%u号", 2019 + chance(6), i);
	make_text(&c->texts[0], 6 + chance(20), c->classes);
	make_text(&c->texts[1], 2 + chance(10), c->classes);
	make_text(&c->texts[2], chance(3) ? 0 : 2 + chance(10), c->classes);
	c->texts[3] = (struct text_of){ .classes = c->classes };
	for (const uint8_t *at = (const uint8_t *)c->number; *at;) {
		uint32_t character = 0;

		at += sr_utf8_decode(at, strlen((const char *)at), &character);
		add_character(&c->texts[3], character);
	}
	for (unsigned t = 4; t < TEXTS; t++)
		make_text(&c->texts[t], chance(16),
		          (uint8_t)(c->classes | classes[chance(SR_COUNT(classes))]));
}

static char organ_codes[ORGANS][16];

/* Organ 0 is above 1 to 3, 1 above 2; the others stand alone. */
static inline bool is_below(unsigned organ, unsigned above)
{
	return organ == above || (above == 0 && organ <= 3) || (above == 1 && organ == 2);
}

static inline void file_case(struct sr_txn *txn, struct known_case *c, struct sr_gather *gather)
{
	SR_CLEANUP(sr_terms_freep) struct sr_terms *terms = NULL;
	SR_CLEANUP(sr_members_packer_dispose) struct sr_members_packer packer = { .first_number = 1 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf parties = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf parts = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf members = { 0 };
	struct sr_case_filing filing = { .gather = gather };
	struct sr_case_part part = {
		.number = 1, .first_member = 1, .classes = c->classes, .archive = text("2025/a.tar")
	};
	char buffer[TEXTS][TEXT_CHARACTERS * 4];
	char handler[16];
	struct sr_err err;

	snprintf(handler, sizeof(handler), "u%u", c->handler);
	struct sr_case_record record = { .id = c->id,
		                         .classes = c->classes,
		                         .listed_day = c->day,
		                         .number = text(c->number),
		                         .organ = text(organ_codes[c->organ]),
		                         .category = text(c->category),
		                         .handler = text(handler),
		                         .part_count = 1,
		                         .party_count = c->texts[2].length ? 2 : 1 };
	record.title = write_text(&c->texts[0], buffer[0]);
	for (unsigned i = 0; i < record.party_count; i++)
		assert_ok(sr_case_pack_party(&parties, write_text(&c->texts[1 + i], buffer[1 + i]), &err));
	record.parties = sr_buf_bytes(&parties);
	assert_ok(sr_case_pack_part(&parts, &part, &err));
	record.parts = sr_buf_bytes(&parts);

	assert_ok(sr_terms_new(c->classes, &terms, &err));
	assert_ok(sr_terms_add_record(terms, &record, &err));
	for (unsigned above = 0; above < ORGANS; above++) {
		if (is_below(c->organ, above))
			assert_ok(sr_terms_add_subtree(terms, text(organ_codes[above]), &err));
	}
	for (unsigned t = 4; t < TEXTS; t++)
		assert_ok(sr_terms_add_text(terms, c->texts[t].classes, write_text(&c->texts[t], buffer[t]),
		                            &err));
	assert_ok(sr_terms_pack(terms, &filing.terms, &err));
	assert_ok(sr_members_finish(&packer, &members, &err));
	filing.members = sr_buf_bytes(&members);
	assert_ok(sr_case_store_add(txn, &record, &filing, &c->ordinal, &err));
}

/* --- looking at every case ------------------------------------------------------------------------ */

struct naive {
	struct sr_search search;
	uint32_t words[3][8]; /* NUL-ended: all ideographs, or all letters */
	unsigned word_count;
	uint32_t party[16];
	const char *number;
	int organ; /* of the one scope; -1: everywhere */
};

static inline bool is_letter(uint32_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

static inline bool is_ideograph(uint32_t c)
{
	return c >= 0x4e00 && !(c >= 0xff00 && c < 0x10000);
}

/* Whether @count characters occur together; a word of letters as a whole word. */
static inline bool occurs(const struct text_of *text, const uint32_t *wanted, size_t count)
{
	for (size_t at = 0; at + count <= text->length; at++) {
		if (memcmp(text->characters + at, wanted, count * sizeof(*wanted)) != 0)
			continue;
		if (!is_letter(wanted[0]))
			return true;
		bool begins = at == 0 || !is_letter(text->characters[at - 1]);
		bool ends = at + count == text->length || !is_letter(text->characters[at + count]);
		if (begins && ends)
			return true;
	}
	return false;
}

static inline bool case_has(const struct known_case *c, uint8_t clearances, const uint32_t *wanted,
                            size_t count)
{
	for (unsigned t = 0; t < TEXTS; t++) {
		if ((c->texts[t].classes & ~clearances) == 0 && occurs(&c->texts[t], wanted, count))
			return true;
	}
	return false;
}

/* A word of ideographs is there when each pair of neighbours is. */
static inline bool case_has_word(const struct known_case *c, uint8_t clearances, const uint32_t *word)
{
	size_t length = 0;

	while (word[length] != 0)
		length++;
	if (is_letter(word[0]) || length == 1)
		return case_has(c, clearances, word, length);
	for (size_t i = 0; i + 1 < length; i++) {
		if (!case_has(c, clearances, word + i, 2))
			return false;
	}
	return true;
}

static inline bool party_begins(const struct text_of *name, const uint32_t *prefix)
{
	size_t at = 0;

	for (; *prefix; prefix++, at++) {
		while (at < name->length && !is_letter(name->characters[at]) &&
		       !is_ideograph(name->characters[at]))
			at++;
		if (at == name->length || name->characters[at] != *prefix)
			return false;
	}
	return true;
}

static inline bool naive_matches(const struct naive *naive, const struct known_case *c)
{
	const struct sr_search *search = &naive->search;

	if ((c->classes & ~search->clearances) != 0)
		return false;
	if (naive->organ >= 0 && search->scopes[0].kind == SR_SCOPE_SUBTREE &&
	    !is_below(c->organ, (unsigned)naive->organ))
		return false;
	if (naive->organ >= 0 && search->scopes[0].kind == SR_SCOPE_ORGAN &&
	    c->organ != (unsigned)naive->organ)
		return false;
	if ((search->has_from && c->day < search->from_day) || (search->has_to && c->day > search->to_day))
		return false;
	if (search->category.size > 0 &&
	    memcmp(c->category, search->category.data, search->category.size) != 0)
		return false;
	if (naive->number && strcmp(naive->number, c->number) != 0)
		return false;
	if (naive->party[0] && !party_begins(&c->texts[1], naive->party) &&
	    !party_begins(&c->texts[2], naive->party))
		return false;
	for (unsigned i = 0; i < naive->word_count; i++) {
		if (!case_has_word(c, search->clearances, naive->words[i]))
			return false;
	}
	return true;
}

static inline int by_ordinal_falling(const void *a, const void *b)
{
	uint64_t x = (*(const struct known_case *const *)a)->ordinal;
	uint64_t y = (*(const struct known_case *const *)b)->ordinal;

	return (x < y) - (x > y);
}

static inline size_t naive_run(const struct naive *naive, const struct known_case **out)
{
	size_t count = 0;

	for (unsigned i = 0; i < CASES; i++) {
		if (naive_matches(naive, &cases[i]))
			out[count++] = &cases[i];
	}
	qsort(out, count, sizeof(*out), by_ordinal_falling);
	return count;
}

/* --- questions by chance -------------------------------------------------------------------------- */

/* Mostly something that some case has. */
static inline void choose_word(uint32_t word[8])
{
	const struct known_case *c = &cases[chance(CASES)];
	const struct text_of *from = &c->texts[chance(TEXTS)];
	size_t length = 0;

	memset(word, 0, 8 * sizeof(*word));
	if (chance(8) == 0) {
		for (const char *at = words[chance(5)]; *at; at++)
			word[length++] = (uint32_t)*at;
		return;
	}
	size_t at = from->length ? chance((unsigned)from->length) : 0;
	size_t wanted = 1 + chance(4);
	while (at < from->length && length < wanted && is_ideograph(from->characters[at]))
		word[length++] = from->characters[at++];
	if (length == 0)
		word[0] = characters[chance(SR_COUNT(characters) - 1)];
}

static inline void choose_party(uint32_t party[16])
{
	const struct text_of *name = &cases[chance(CASES)].texts[1];
	size_t wanted = 1 + chance(12);
	size_t length = 0;

	for (size_t i = 0; i < name->length && length < wanted; i++) {
		if (is_letter(name->characters[i]) || is_ideograph(name->characters[i]))
			party[length++] = name->characters[i];
	}
}

static inline void choose_question(struct naive *naive, struct sr_scope *scope)
{
	memset(naive, 0, sizeof(*naive));
	naive->organ = -1;
	naive->search.clearances = (uint8_t)chance(8);
	naive->search.everywhere = chance(2);
	if (!naive->search.everywhere) {
		naive->organ = (int)chance(ORGANS);
		*scope = (struct sr_scope){ chance(2) ? SR_SCOPE_ORGAN : SR_SCOPE_SUBTREE,
			                    text(organ_codes[naive->organ]) };
		naive->search.scopes = scope;
		naive->search.scope_count = 1;
	}
	naive->word_count = chance(4);
	for (unsigned i = 0; i < naive->word_count; i++)
		choose_word(naive->words[i]);
	if (chance(4) == 0)
		choose_party(naive->party);
	if (chance(5) == 0)
		naive->search.category = text("penalty");
	if (chance(20) == 0) {
		naive->number = cases[chance(CASES)].number;
		naive->search.number = text(naive->number);
	}
	naive->search.has_from = chance(3) == 0;
	naive->search.has_to = chance(3) == 0;
	naive->search.from_day = sr_date_join(2019, 1, 1) + chance(365 * 5);
	naive->search.to_day = naive->search.from_day + (int)chance(600) - 20;
}

static inline void write_question(struct naive *naive, char *words_out, char *party_out)
{
	struct sr_bytes words_text = { (const uint8_t *)words_out, 0 };
	struct sr_bytes party_text = { (const uint8_t *)party_out, 0 };

	for (unsigned i = 0; i < naive->word_count; i++) {
		for (const uint32_t *c = naive->words[i]; *c; c++)
			words_text.size += encode(*c, words_out + words_text.size);
		words_out[words_text.size++] = ' ';
	}
	for (const uint32_t *c = naive->party; *c; c++)
		party_text.size += encode(*c, party_out + party_text.size);
	naive->search.words = words_text;
	naive->search.party = party_text;
}
