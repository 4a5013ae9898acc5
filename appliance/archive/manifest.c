/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/manifest.h"

#include <stdio.h>
#include <string.h>

#include "appliance/archive/damage.h"
#include "appliance/base/cursor.h"
#include "appliance/base/text.h"

#define DIGITS ((size_t)2 * SR_DIGEST_BYTES)
#define NAME_SHOWN 128 /* bytes of an unknown name in a message */

struct reading {
	const char *list;
	struct sr_manifest_entry *entries;
	size_t count;
	size_t line; /* from 1 */
	size_t next; /* index of the entry that should come */
	struct sr_verify_report *report;
};

static bool is_name(const struct sr_manifest_entry *entry, const uint8_t *name, size_t size)
{
	return strlen(entry->name) == size && memcmp(entry->name, name, size) == 0;
}

/* Index of the entry of that name, or count: the next one first, which it should be. */
static size_t find(const struct reading *r, const uint8_t *name, size_t size)
{
	for (size_t i = 0; i < r->count; i++) {
		size_t at = (r->next + i) % r->count;

		if (is_name(&r->entries[at], name, size))
			return at;
	}
	return r->count;
}

static enum sr_status add(struct reading *r, const uint8_t *line, size_t size, struct sr_err *err)
{
	const uint8_t *name = line + DIGITS + 2;
	struct sr_digest digest;

	if (size <= DIGITS + 2 || line[DIGITS] != ' ' || line[DIGITS + 1] != ' ' ||
	    !sr_hex_decode((const char *)line, DIGITS, true, digest.bytes, SR_DIGEST_BYTES))
		return sr_damage_add(r->report, err, r->list,
		                     "line %zu is not a SHA-256 digest, two blanks and a name", r->line);
	size -= DIGITS + 2;
	size_t at = find(r, name, size);
	if (at == r->count)
		return sr_damage_add(r->report, err, r->list,
		                     "line %zu names \"%.*s\", which must not be there", r->line,
		                     (int)(size < NAME_SHOWN ? size : NAME_SHOWN), (const char *)name);
	struct sr_manifest_entry *entry = &r->entries[at];
	if (entry->listed)
		return sr_damage_add(r->report, err, r->list, "line %zu names %s a second time", r->line,
		                     entry->name);
	entry->listed = true;
	entry->digest = digest;
	bool in_order = at == r->next;
	r->next = at + 1 < r->count ? at + 1 : 0;
	if (!in_order)
		return sr_damage_add(r->report, err, r->list, "line %zu names %s out of order", r->line,
		                     entry->name);
	return SR_OK;
}

enum sr_status sr_manifest_read(const char *list, struct sr_bytes text, struct sr_manifest_entry *entries,
                                size_t count, struct sr_verify_report *report, struct sr_err *err)
{
	struct reading r = { .list = list, .entries = entries, .count = count, .report = report };
	struct sr_cursor c = { .next = text.data, .left = text.size };

	while (c.left > 0) {
		size_t size;
		const uint8_t *line = sr_cursor_line(&c, &size);

		r.line++;
		if (!line)
			return sr_damage_add(report, err, list, "line %zu does not end: the file was cut off",
			                     r.line);
		/* A list with very many wrong lines is wrong; which ones all are helps nobody. */
		if (r.line > 2 * count + 16)
			return sr_damage_add(report, err, list,
			                     "it has more lines than files that it may name");
		SR_TRY(add(&r, line, size, err));
	}
	for (size_t i = 0; i < count; i++)
		if (!entries[i].listed)
			SR_TRY(sr_damage_add(report, err, list, "it does not name %s", entries[i].name));
	return SR_OK;
}
