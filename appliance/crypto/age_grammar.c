/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/age_grammar.h"

#include <stdbool.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"

#define VERSION_LINE "age-encryption.org/v1"
#define ARMOR_LINE "-----BEGIN AGE ENCRYPTED FILE-----"
#define BODY_COLUMNS 64

struct lines {
	const uint8_t *start;
	size_t size; /* within the limit of a header */
	size_t at;
	unsigned number;       /* of the line taken last, from 1 */
	struct sr_buf scratch; /* of one decoded line */
};

static void dispose_lines(struct lines *lines)
{
	sr_buf_dispose(&lines->scratch);
}

/* The next line without its LF.  A header is text, so a line without LF is a cut header. */
static enum sr_status take_line(struct lines *lines, struct sr_bytes *out, struct sr_err *err)
{
	const uint8_t *from = lines->start + lines->at;
	size_t left = lines->size - lines->at;
	const uint8_t *end = memchr(from, '\n', left);

	lines->number++;
	if (!end && lines->size == SR_LIMIT_AGE_HEADER_BYTES)
		return sr_fail(err, SR_CORRUPT, "age header is longer than %u bytes",
		               SR_LIMIT_AGE_HEADER_BYTES);
	if (!end)
		return sr_fail(err, SR_CORRUPT, "age header ends within line %u", lines->number);
	*out = (struct sr_bytes){ from, (size_t)(end - from) };
	lines->at += out->size + 1;
	return SR_OK;
}

static bool starts_with(struct sr_bytes line, const char *text)
{
	size_t size = strlen(text);

	return line.size >= size && memcmp(line.data, text, size) == 0;
}

static bool equals(struct sr_bytes line, const char *text)
{
	return line.size == strlen(text) && starts_with(line, text);
}

enum sr_status sr_age_base64(struct sr_bytes text, uint8_t *out, size_t size, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };

	SR_TRY(sr_base64_decode(SR_BASE64_RAW, (const char *)text.data, text.size, &bytes, err));
	if (bytes.size != size)
		return sr_fail(err, SR_CORRUPT, "base64 of %zu bytes instead of %zu", bytes.size, size);
	memcpy(out, bytes.data, size);
	return SR_OK;
}

/* The rest of a stanza's first line: arguments of printable characters, one space between two. */
static enum sr_status parse_arguments(struct sr_bytes text, struct sr_age_stanza *out, struct sr_err *err)
{
	size_t from = 0;

	out->argument_count = 0;
	for (size_t i = 0; i <= text.size; i++) {
		bool end = i == text.size || text.data[i] == ' ';

		if (!end && (text.data[i] < 0x21 || text.data[i] > 0x7e))
			return sr_fail(err, SR_CORRUPT, "foreign character in an argument");
		if (!end)
			continue;
		if (i == from)
			return sr_fail(err, SR_CORRUPT, "empty argument");
		if (i - from > SR_LIMIT_AGE_ARGUMENT_BYTES)
			return sr_fail(err, SR_CORRUPT, "argument of more than %u characters",
			               SR_LIMIT_AGE_ARGUMENT_BYTES);
		if (out->argument_count < SR_AGE_ARGUMENTS_KEPT)
			out->arguments[out->argument_count] = (struct sr_bytes){ text.data + from, i - from };
		out->argument_count++;
		from = i + 1;
	}
	return SR_OK;
}

/* Lines of exactly 64 columns and then one of fewer, perhaps none. */
static enum sr_status parse_body(struct lines *lines, struct sr_age_stanza *out, struct sr_err *err)
{
	struct sr_bytes line = { 0 };

	out->body_size = 0;
	do {
		SR_TRY(take_line(lines, &line, err));
		if (line.size > BODY_COLUMNS)
			return sr_fail(err, SR_CORRUPT, "a body line has at most %d columns", BODY_COLUMNS);
		lines->scratch.size = 0;
		SR_TRY(sr_base64_decode(SR_BASE64_RAW, (const char *)line.data, line.size, &lines->scratch,
		                        err));
		for (size_t i = 0; i < lines->scratch.size; i++, out->body_size++) {
			if (out->body_size < sizeof(out->body))
				out->body[out->body_size] = lines->scratch.data[i];
		}
	} while (line.size == BODY_COLUMNS);
	return SR_OK;
}

static enum sr_status parse_stanza(struct lines *lines, struct sr_bytes line, struct sr_age_header *out,
                                   struct sr_err *err)
{
	struct sr_age_stanza *stanza = &out->stanzas[out->count];

	if (!starts_with(line, "-> "))
		return sr_fail(err, SR_CORRUPT, "neither a stanza nor the MAC");
	if (out->count == SR_LIMIT_AGE_STANZAS)
		return sr_fail(err, SR_CORRUPT, "more than %u stanzas", SR_LIMIT_AGE_STANZAS);
	line.data += 3;
	line.size -= 3;
	SR_TRY(parse_arguments(line, stanza, err));
	SR_TRY(parse_body(lines, stanza, err));
	out->count++;
	return SR_OK;
}

static enum sr_status parse_mac(struct lines *lines, struct sr_bytes line, struct sr_age_header *out,
                                struct sr_err *err)
{
	if (out->count == 0)
		return sr_fail(err, SR_CORRUPT, "no stanza before the MAC");
	if (!starts_with(line, "--- "))
		return sr_fail(err, SR_CORRUPT, "no MAC behind the dashes");
	out->covered = (struct sr_bytes){ lines->start, (size_t)(line.data + 3 - lines->start) };
	line.data += 4;
	line.size -= 4;
	SR_TRY(sr_age_base64(line, out->mac, sizeof(out->mac), err));
	out->size = lines->at;
	return SR_OK;
}

static enum sr_status parse_stanzas_and_mac(struct lines *lines, struct sr_age_header *out,
                                            struct sr_err *err)
{
	for (;;) {
		struct sr_bytes line = { 0 };

		SR_TRY(take_line(lines, &line, err));
		if (starts_with(line, "---"))
			return parse_mac(lines, line, out, err);
		SR_TRY(parse_stanza(lines, line, out, err));
	}
}

enum sr_status sr_age_header_parse(const uint8_t *bytes, size_t size, struct sr_age_header *out,
                                   struct sr_err *err)
{
	SR_CLEANUP(dispose_lines) struct lines lines = { .start = bytes };
	struct sr_bytes all = { bytes, size };
	struct sr_bytes line = { 0 };

	if (size == 0) /* @bytes may be NULL */
		return sr_fail(err, SR_CORRUPT, "the age file is empty");
	lines.size = size < SR_LIMIT_AGE_HEADER_BYTES ? size : SR_LIMIT_AGE_HEADER_BYTES;
	if (starts_with(all, ARMOR_LINE))
		return sr_fail(err, SR_CORRUPT, "armoured age file: take the armour off first");
	if (!starts_with(all, VERSION_LINE) && size >= strlen(VERSION_LINE))
		return sr_fail(err, SR_CORRUPT, "no age file (version 1)");
	SR_TRY(take_line(&lines, &line, err));
	if (!equals(line, VERSION_LINE))
		return sr_fail(err, SR_CORRUPT, "no age file (version 1)");

	out->count = 0;
	enum sr_status status = parse_stanzas_and_mac(&lines, out, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "age header, line %u: ", lines.number);
	return SR_OK;
}
