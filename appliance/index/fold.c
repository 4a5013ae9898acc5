/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/fold.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"

enum kind {
	KIND_GAP,       /* space, punctuation, symbols */
	KIND_IDEOGRAPH, /* written without spaces: each character counts */
	KIND_LETTER,    /* letters and digits, in words */
};

struct span {
	uint32_t first, last;
};

/* Sorted by nothing but sense; a character in none of the two tables is a letter. */
static const struct span ideographs[] = {
	{ 0x4e00, 0x9fff }, { 0x3400, 0x4dbf },
	{ 0xd7, 0xd7 }, /* × in names that are withheld */
	{ 0x3005, 0x3007 }, { 0x3041, 0x30ff },
	{ 0xe000, 0xf8ff }, /* private use: rare characters in names */
	{ 0xf900, 0xfaff }, { 0x20000, 0x3ffff },
};
static const struct span gaps[] = {
	{ 0x80, 0xbf },     { 0xf7, 0xf7 },     { 0x1800, 0x180a }, { 0x2000, 0x200b }, { 0x200e, 0x2bff },
	{ 0x3000, 0x3004 }, { 0x3008, 0x3040 }, { 0xfe10, 0xfe6f }, { 0xff00, 0xffff },
};

static bool is_in(const struct span *spans, size_t count, uint32_t c)
{
	for (size_t i = 0; i < count; i++) {
		if (c >= spans[i].first && c <= spans[i].last)
			return true;
	}
	return false;
}

static enum kind kind_of(uint32_t c)
{
	if (c < 0x80) /* folded already: no capitals */
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ? KIND_LETTER : KIND_GAP;
	if (is_in(ideographs, SR_COUNT(ideographs), c))
		return KIND_IDEOGRAPH;
	return is_in(gaps, SR_COUNT(gaps), c) ? KIND_GAP : KIND_LETTER;
}

/* Width, then the case of the alphabets that occur: Latin, Greek, Cyrillic. */
static uint32_t fold(uint32_t c)
{
	if (c >= 0xff01 && c <= 0xff5e)
		c -= 0xfee0;
	if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) ||
	    (c >= 0x410 && c <= 0x42f))
		return c + 0x20;
	if (c >= 0x400 && c <= 0x40f)
		return c + 0x50;
	return c;
}

static size_t utf8_encode(uint32_t c, uint8_t out[4])
{
	size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = { 0, 0x00, 0xc0, 0xe0, 0xf0 };

	for (size_t i = size; i > 1; i--) {
		out[i - 1] = (uint8_t)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	out[0] = (uint8_t)(lead[size] | c);
	return size;
}

struct character {
	enum kind kind;
	uint8_t bytes[4]; /* folded */
	size_t size;
};

/* The next character of *text; false at the end. */
static bool next_character(struct sr_bytes *text, struct character *out)
{
	uint32_t c = 0;

	if (text->size == 0)
		return false;
	size_t taken = sr_utf8_decode(text->data, text->size, &c);
	c = taken > 0 ? fold(c) : 0;
	taken = taken > 0 ? taken : 1;
	text->data += taken;
	text->size -= taken;
	out->kind = kind_of(c);
	out->size = utf8_encode(c, out->bytes);
	return true;
}

enum sr_status sr_fold(struct sr_bytes text, char gap, struct sr_buf *out, struct sr_err *err)
{
	struct character c;
	bool any = false;
	bool pending = false;

	while (next_character(&text, &c)) {
		if (c.kind == KIND_GAP) {
			pending = any && gap != 0;
			continue;
		}
		if (pending)
			SR_TRY(sr_buf_add(out, &gap, 1, err));
		SR_TRY(sr_buf_add(out, c.bytes, c.size, err));
		any = true;
		pending = false;
	}
	return SR_OK;
}

size_t sr_fold_prefix(struct sr_bytes folded, size_t length, size_t *got)
{
	size_t size = 0;

	for (*got = 0; *got < length && size < folded.size; (*got)++) {
		size++;
		while (size < folded.size && (folded.data[size] & 0xc0) == 0x80)
			size++;
	}
	return size;
}

typedef enum sr_status word_function(void *context, struct sr_bytes word, struct sr_err *err);

/* Two characters are kept: the pair's first and second. */
struct cutter {
	word_function *each;
	void *context;
	bool question;
	uint8_t word[SR_WORD_BYTES + 4];
	size_t word_size;
	uint8_t pair[8];
	size_t first_size; /* of the ideograph before, 0: none */
	bool paired;       /* it was the second of a pair already */
};

static enum sr_status end_word(struct cutter *cutter, struct sr_err *err)
{
	struct sr_bytes word = { cutter->word, cutter->word_size };

	cutter->word_size = 0;
	return word.size > 0 ? cutter->each(cutter->context, word, err) : SR_OK;
}

/* In a question a single character counts only where it stands alone. */
static enum sr_status end_ideographs(struct cutter *cutter, struct sr_err *err)
{
	struct sr_bytes alone = { cutter->pair, cutter->first_size };
	bool give = cutter->question && cutter->first_size > 0 && !cutter->paired;

	cutter->first_size = 0;
	cutter->paired = false;
	return give ? cutter->each(cutter->context, alone, err) : SR_OK;
}

static enum sr_status cut_ideograph(struct cutter *cutter, const struct character *c, struct sr_err *err)
{
	size_t before = cutter->first_size;

	memcpy(cutter->pair + before, c->bytes, c->size);
	if (before > 0)
		SR_TRY(cutter->each(cutter->context, (struct sr_bytes){ cutter->pair, before + c->size },
		                    err));
	if (!cutter->question)
		SR_TRY(cutter->each(cutter->context, (struct sr_bytes){ c->bytes, c->size }, err));
	cutter->paired = before > 0;
	memcpy(cutter->pair, c->bytes, c->size);
	cutter->first_size = c->size;
	return SR_OK;
}

static void cut_letter(struct cutter *cutter, const struct character *c)
{
	if (cutter->word_size + c->size > SR_WORD_BYTES)
		return;
	memcpy(cutter->word + cutter->word_size, c->bytes, c->size);
	cutter->word_size += c->size;
}

enum sr_status sr_cut(struct sr_bytes text, bool question, word_function *each, void *context,
                      struct sr_err *err)
{
	struct cutter cutter = { .each = each, .context = context, .question = question };
	struct character c;

	while (next_character(&text, &c)) {
		if (c.kind != KIND_LETTER)
			SR_TRY(end_word(&cutter, err));
		if (c.kind != KIND_IDEOGRAPH)
			SR_TRY(end_ideographs(&cutter, err));
		if (c.kind == KIND_IDEOGRAPH)
			SR_TRY(cut_ideograph(&cutter, &c, err));
		else if (c.kind == KIND_LETTER)
			cut_letter(&cutter, &c);
	}
	SR_TRY(end_word(&cutter, err));
	return end_ideographs(&cutter, err);
}
