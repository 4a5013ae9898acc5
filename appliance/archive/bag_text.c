/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/bag_text.h"

#include <string.h>
#include <strings.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/text.h"

#define DECLARATION "bagit.txt"
#define INFO "bag-info.txt"

bool sr_bag_lines_next(struct sr_bag_lines *lines, struct sr_bytes *out)
{
	const uint8_t *at = lines->left.data;
	size_t left = lines->left.size;
	size_t size = 0;

	if (left == 0)
		return false;
	while (size < left && at[size] != '\n' && at[size] != '\r')
		size++;
	*out = (struct sr_bytes){ .data = at, .size = size };
	if (size < left)
		size += at[size] == '\r' && size + 1 < left && at[size + 1] == '\n' ? 2 : 1;
	lines->left = (struct sr_bytes){ .data = at + size, .size = left - size };
	lines->number++;
	return true;
}

enum sr_status sr_bag_text_check(const char *name, struct sr_bytes *text, struct sr_bag_verdict *verdict,
                                 bool *usable, struct sr_err *err)
{
	static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };

	*usable = false;
	if (text->size >= sizeof(mark) && memcmp(text->data, mark, sizeof(mark)) == 0) {
		SR_TRY(sr_bag_add_problem(verdict, err, name,
		                          "begins with a byte-order mark; save it as UTF-8 without one"));
		text->data += sizeof(mark);
		text->size -= sizeof(mark);
	}
	if (!sr_utf8_is_valid(text->data, text->size))
		return sr_bag_add_problem(verdict, err, name, "is not UTF-8 text");
	if (text->size > 0 && memchr(text->data, 0, text->size))
		return sr_bag_add_problem(verdict, err, name, "holds a NUL character");
	*usable = true;
	return SR_OK;
}

/* The rest of @line behind @prefix, or false. */
static bool after_prefix(struct sr_bytes line, const char *prefix, struct sr_bytes *rest)
{
	size_t size = strlen(prefix);

	if (line.size < size || memcmp(line.data, prefix, size) != 0)
		return false;
	*rest = (struct sr_bytes){ .data = line.data + size, .size = line.size - size };
	return true;
}

static bool equals(struct sr_bytes text, const char *want)
{
	return text.size == strlen(want) && strncasecmp((const char *)text.data, want, text.size) == 0;
}

static size_t count_digits(struct sr_bytes text, size_t from)
{
	size_t i = from;

	while (i < text.size && text.data[i] >= '0' && text.data[i] <= '9')
		i++;
	return i - from;
}

/* 1*DIGIT "." 1*DIGIT */
static bool is_version(struct sr_bytes text)
{
	size_t major = count_digits(text, 0);

	if (major == 0 || major >= text.size || text.data[major] != '.')
		return false;
	size_t minor = count_digits(text, major + 1);
	return minor > 0 && major + 1 + minor == text.size;
}

/* A piece of text as the "%.*s" of a message; long ones are cut. */
static int shown(struct sr_bytes text)
{
	return text.size < 80 ? (int)text.size : 80;
}

static enum sr_status check_version(struct sr_bytes line, struct sr_bag_verdict *verdict, bool *supported,
                                    struct sr_err *err)
{
	struct sr_bytes version;

	if (!after_prefix(line, "BagIt-Version: ", &version) || !is_version(version))
		return sr_bag_add_problem(
			verdict, err, DECLARATION,
			"line 1 must be \"BagIt-Version: 1.0\" with one space, not \"%.*s\"", shown(line),
			(const char *)line.data);
	if (equals(version, "1.0"))
		return SR_OK;
	*supported = false;
	return sr_bag_add_problem(
		verdict, err, DECLARATION,
		"BagIt version %.*s is not supported; only 1.0 is: make the bag anew with a "
		"tool that writes version 1.0",
		shown(version), (const char *)version.data);
}

static enum sr_status check_encoding(struct sr_bytes line, struct sr_bag_verdict *verdict, bool *supported,
                                     struct sr_err *err)
{
	struct sr_bytes encoding;
	bool is_there = after_prefix(line, "Tag-File-Character-Encoding: ", &encoding);

	if (!is_there || encoding.size == 0 || encoding.data[0] == ' ' || encoding.data[0] == '\t')
		return sr_bag_add_problem(
			verdict, err, DECLARATION,
			"line 2 must be \"Tag-File-Character-Encoding: UTF-8\" with one space, "
			"not \"%.*s\"",
			shown(line), (const char *)line.data);
	if (equals(encoding, "UTF-8"))
		return SR_OK;
	*supported = false;
	return sr_bag_add_problem(verdict, err, DECLARATION,
	                          "tag file encoding %.*s is not supported; only UTF-8 is: make the bag anew "
	                          "with UTF-8",
	                          shown(encoding), (const char *)encoding.data);
}

enum sr_status sr_bag_declaration_check(struct sr_bytes text, struct sr_bag_verdict *verdict, bool *supported,
                                        struct sr_err *err)
{
	struct sr_bytes line = { 0 };
	bool usable;

	*supported = true;
	SR_TRY(sr_bag_text_check(DECLARATION, &text, verdict, &usable, err));
	if (!usable)
		return SR_OK;
	struct sr_bag_lines lines = { .left = text };
	for (size_t want = 1; want <= 2; want++) {
		if (!sr_bag_lines_next(&lines, &line))
			return sr_bag_add_problem(verdict, err, DECLARATION,
			                          "must have exactly two lines, has %zu", want - 1);
		SR_TRY((want == 1 ? check_version : check_encoding)(line, verdict, supported, err));
	}
	if (lines.left.size > 0)
		return sr_bag_add_problem(verdict, err, DECLARATION, "must have exactly two lines, has more");
	return SR_OK;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool parse_oxum(struct sr_bytes value, struct sr_bag_info *out)
{
	const char *text = (const char *)value.data;
	const char *dot = value.size > 0 ? memchr(text, '.', value.size) : NULL;

	if (!dot)
		return false;
	size_t before = (size_t)(dot - text);
	return sr_decimal_parse(text, before, UINT64_MAX, &out->octets) &&
	       sr_decimal_parse(dot + 1, value.size - before - 1, UINT64_MAX, &out->files);
}

/* Elements that are not to be repeated, by how often each was seen. */
struct seen {
	unsigned oxum, date, size;
};

static enum sr_status note_repeat(struct sr_bag_verdict *verdict, const char *label, unsigned *seen,
                                  struct sr_err *err)
{
	if (++*seen != 2)
		return SR_OK;
	return sr_bag_add_note(verdict, err, INFO, "%s is there more than once", label);
}

static enum sr_status check_reserved(struct sr_bytes label, struct sr_bytes value, struct seen *seen,
                                     struct sr_bag_verdict *verdict, struct sr_bag_info *out,
                                     struct sr_err *err)
{
	char date[16] = "";
	int64_t days;

	if (equals(label, "Bag-Size"))
		return note_repeat(verdict, "Bag-Size", &seen->size, err);
	if (equals(label, "Bagging-Date")) {
		if (value.size < sizeof(date))
			memcpy(date, value.data, value.size);
		if (!sr_date_parse(date, &days))
			SR_TRY(sr_bag_add_note(verdict, err, INFO, "Bagging-Date is no date YYYY-MM-DD"));
		return note_repeat(verdict, "Bagging-Date", &seen->date, err);
	}
	if (!equals(label, "Payload-Oxum"))
		return SR_OK;
	if (++seen->oxum == 2)
		return sr_bag_add_problem(verdict, err, INFO, "Payload-Oxum is there more than once");
	if (!parse_oxum(value, out))
		return sr_bag_add_problem(
			verdict, err, INFO,
			"Payload-Oxum must be bytes, a point and files, such as \"2059.3\", "
			"not \"%.*s\"",
			shown(value), (const char *)value.data);
	out->has_oxum = true;
	return SR_OK;
}

static enum sr_status check_element(struct sr_bytes line, size_t number, struct seen *seen,
                                    struct sr_bag_verdict *verdict, struct sr_bag_info *out,
                                    struct sr_err *err)
{
	const uint8_t *colon = line.size > 0 ? memchr(line.data, ':', line.size) : NULL;

	if (!colon || colon == line.data)
		return sr_bag_add_problem(verdict, err, INFO, "line %zu has no label before a colon", number);
	struct sr_bytes label = { .data = line.data, .size = (size_t)(colon - line.data) };
	struct sr_bytes value = { .data = colon + 1, .size = line.size - label.size - 1 };
	if (is_blank(label.data[label.size - 1]))
		return sr_bag_add_problem(verdict, err, INFO, "line %zu: the label ends with a blank",
		                          number);
	if (value.size == 0 || !is_blank(value.data[0]))
		return sr_bag_add_problem(verdict, err, INFO,
		                          "line %zu: one space or tab must follow the colon", number);
	value.data++;
	value.size--;
	if (value.size == 0)
		SR_TRY(sr_bag_add_note(verdict, err, INFO, "line %zu: \"%.*s\" has no value", number,
		                       shown(label), (const char *)label.data));
	return check_reserved(label, value, seen, verdict, out, err);
}

enum sr_status sr_bag_info_check(struct sr_bytes text, struct sr_bag_verdict *verdict,
                                 struct sr_bag_info *out, struct sr_err *err)
{
	struct sr_bytes line;
	struct seen seen = { 0 };
	bool usable;

	*out = (struct sr_bag_info){ 0 };
	SR_TRY(sr_bag_text_check(INFO, &text, verdict, &usable, err));
	if (!usable)
		return SR_OK;
	struct sr_bag_lines lines = { .left = text };
	while (sr_bag_lines_next(&lines, &line)) {
		bool continues = line.size > 0 && is_blank(line.data[0]);

		if (continues && lines.number == 1)
			SR_TRY(sr_bag_add_problem(verdict, err, INFO,
			                          "line 1 begins with a blank, but continues nothing"));
		if (!continues)
			SR_TRY(check_element(line, lines.number, &seen, verdict, out, err));
	}
	return SR_OK;
}
