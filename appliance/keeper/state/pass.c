/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/pass.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/secret.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

#define CODE_CHARACTERS 25

/* --- what was typed -------------------------------------------------------------------------------- */

bool sr_pass_squeeze(const char *typed, char *out, size_t size)
{
	size_t used = 0;

	for (; *typed; typed++) {
		char c = *typed;

		if (c == ' ' || c == '-')
			continue;
		if (used + 1 == size)
			return false;
		out[used++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	out[used] = 0;
	return true;
}

bool sr_pass_parse(const char *typed, struct sr_pass_code *out)
{
	char text[SR_PASS_TEXT];
	struct sr_err ignored;
	bool fits = sr_pass_squeeze(typed, text, sizeof(text));
	size_t size = fits ? strlen(text) : 0;
	size_t digits = fits && text[0] == 'a' ? strspn(text + 1, "0123456789") : 0;

	/* The code may begin with digits: it is counted from the end. */
	fits = size > CODE_CHARACTERS + 1 && digits >= size - CODE_CHARACTERS - 1 &&
	       size - CODE_CHARACTERS < SR_LABEL_BYTES;
	if (fits) {
		size_t number = size - CODE_CHARACTERS;

		memset(out->id, 0, sizeof(out->id));
		memcpy(out->id, text, number);
		out->id[0] = 'A';
		fits = sr_digest_of(text + number, CODE_CHARACTERS, &out->hash, &ignored) == SR_OK;
	}
	sr_wipe(text, sizeof(text));
	return fits;
}

/* --- what is stored -------------------------------------------------------------------------------- */

static void code_key(const char *id, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, "a/%.100s", id);
}

static void grant_key(const char *grant, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, "g/%.100s", grant);
}

static enum sr_status drop_former(struct sr_txn *txn, const char *grant, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *former = NULL;
	char key[SR_RECORD_KEY];

	grant_key(grant, key);
	SR_TRY(sr_record_look(txn, SR_DB_SECRETS, key, &former, err));
	const char *id = sr_json_text(former, "pass");
	if (!id)
		return SR_OK;
	code_key(id, key);
	return sr_record_drop(txn, SR_DB_SECRETS, key, err);
}

enum sr_status sr_pass_put(struct sr_txn *txn, const char *grant, const struct sr_pass_code *code,
                           struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *latest = NULL;
	char hex[SR_DIGEST_HEX];
	char key[SR_RECORD_KEY];

	SR_TRY(drop_former(txn, grant, err));
	sr_digest_to_hex(&code->hash, hex);
	SR_TRY(SR_JSON_PACK(&record, err, "{s:s,s:s}", "grant", grant, "hash", hex));
	SR_TRY(SR_JSON_PACK(&latest, err, "{s:s}", "pass", code->id));
	code_key(code->id, key);
	SR_TRY(sr_record_put(txn, SR_DB_SECRETS, key, record, err));
	grant_key(grant, key);
	return sr_record_put(txn, SR_DB_SECRETS, key, latest, err);
}

enum sr_status sr_pass_grant(struct sr_txn *txn, const struct sr_pass_code *code, char grant[SR_LABEL_BYTES],
                             struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	struct sr_digest stored;
	char key[SR_RECORD_KEY];

	grant[0] = 0;
	code_key(code->id, key);
	SR_TRY(sr_record_look(txn, SR_DB_SECRETS, key, &record, err));
	const char *hash = sr_json_text(record, "hash");
	const char *of = sr_json_text(record, "grant");
	/* Hashes of 125 random bits: how long the comparison takes tells nothing of use. */
	if (hash && of && sr_label_is_valid(of) && sr_digest_from_hex(hash, &stored) &&
	    memcmp(&stored, &code->hash, sizeof(stored)) == 0)
		sr_label_copy(grant, of);
	return SR_OK;
}

enum sr_status sr_pass_drop(struct sr_txn *txn, const struct sr_pass_code *code, struct sr_err *err)
{
	char key[SR_RECORD_KEY];

	code_key(code->id, key);
	return sr_record_drop(txn, SR_DB_SECRETS, key, err);
}

enum sr_status sr_pass_may_enter(struct sr_txn *txn, const char *id, int64_t now_ns, bool *out,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;
	int64_t until_ns;

	*out = false;
	enum sr_status status = sr_state_grant(txn, id, &grant, err);
	if (status == SR_DENIED)
		return SR_OK;
	SR_TRY(status);
	const char *state = sr_json_text(grant, "state");
	const char *until = sr_json_text(grant, "until");
	*out = state && strcmp(state, "live") == 0 && !sr_json_text(grant, "reader") && until &&
	       sr_time_parse(until, &until_ns) && now_ns < until_ns;
	return SR_OK;
}
