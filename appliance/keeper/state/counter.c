/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/counter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/random.h"
#include "appliance/base/text.h"
#include "appliance/keeper/state/record.h"

#define RANDOM_CHARACTERS 6

/* Which field of which entry is a new id of which letter. */
static const struct {
	const char *type, *field;
	char letter;
} ids[] = {
	{ "user.proposed", "proposal", 'P' }, { "authority.delegated", "delegation", 'E' },
	{ "request.filed", "request", 'R' },  { "request.decided", "grant", 'G' },
	{ "draft.opened", "draft", 'D' },     { "pass.issued", "pass", 'A' },
	{ "hold.placed", "hold", 'H' },       { "disposal.proposed", "disposal", 'X' },
	{ "review.seeded", "review", 'V' },   { "application.filed", "application", 'B' },
	{ "export.made", "export", 'O' },
};

static void counter_key(char letter, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, SR_COUNTER_PREFIX "%c", letter);
}

static enum sr_status last(struct sr_txn *txn, char letter, uint64_t *out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	char key[SR_RECORD_KEY];

	counter_key(letter, key);
	SR_TRY(sr_record_look(txn, SR_DB_META, key, &record, err));
	*out = record ? (uint64_t)json_integer_value(json_object_get(record, "last")) : 0;
	return SR_OK;
}

enum sr_status sr_counter_next(struct sr_txn *txn, char letter, char out[SR_LABEL_BYTES], struct sr_err *err)
{
	uint64_t number;

	SR_TRY(last(txn, letter, &number, err));
	snprintf(out, SR_LABEL_BYTES, "%c%05" PRIu64, letter, number + 1);
	return SR_OK;
}

enum sr_status sr_counter_next_grant(struct sr_txn *txn, char out[SR_LABEL_BYTES], struct sr_err *err)
{
	static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
	uint8_t random[RANDOM_CHARACTERS];

	SR_TRY(sr_counter_next(txn, 'G', out, err));
	SR_TRY(sr_random_fill(random, sizeof(random), err));
	size_t size = strlen(out);
	out[size++] = '-';
	for (size_t i = 0; i < sizeof(random); i++)
		out[size++] = alphabet[random[i] % 32];
	out[size] = 0;
	return SR_OK;
}

enum sr_status sr_counter_take(struct sr_txn *txn, const struct sr_entry *entry, struct sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT(ids); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
		const char *id = sr_json_text(entry->root, ids[i].field);
		char key[SR_RECORD_KEY];
		uint64_t number, before;

		if (strcmp(entry->type, ids[i].type) != 0 || !id || id[0] != ids[i].letter ||
		    !sr_decimal_parse(id + 1 + strspn(id + 1, "0"),
		                      strspn(id + 1 + strspn(id + 1, "0"), "0123456789"), INT64_MAX, &number))
			continue;
		SR_TRY(last(txn, ids[i].letter, &before, err));
		if (number <= before)
			return SR_OK;
		counter_key(ids[i].letter, key);
		SR_TRY(SR_JSON_PACK(&record, err, "{s:I}", "last", (json_int_t)number));
		return sr_record_put(txn, SR_DB_META, key, record, err);
	}
	return SR_OK;
}
