/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/operations/key_changes.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/keys/keyring.h"
#include "appliance/keeper/operations/found.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"
#include "appliance/ledger/entry.h"

/* What ledger.opened says of the certificate; NULL where it says nothing. */
static const char *first_digest(const json_t *keys, const char *what)
{
	const json_t *value = json_object_get(keys, what);

	return json_string_value(json_is_array(value) ? json_array_get(value, 0) : value);
}

static enum sr_status compare(struct sr_found *found, struct sr_txn *txn,
                              const struct sr_key_certificate *one, const json_t *first, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	char key[SR_RECORD_KEY], digest[SR_DIGEST_HEX];

	if (sr_keyring_fingerprint(found->keeper->data->keys_fd, one->file, digest, err) != SR_OK)
		return SR_OK; /* whatever needs it says what is wrong with it */
	snprintf(key, sizeof(key), SR_STATE_KEY "%s", one->what);
	SR_TRY(sr_record_look(txn, SR_DB_POLICY, key, &record, err));
	const char *previous = record ? sr_json_text(record, "digest") : first_digest(first, one->what);
	if (previous && strcmp(previous, digest) == 0)
		return SR_OK;
	return sr_found_differs(found, txn, "key.changed",
	                        json_pack("{s:s,s:s,s:s*,s:s}", "what", one->what, "digest", digest,
	                                  "previous", previous, "reason", "found at the start"),
	                        err);
}

static enum sr_status compare_all(void *context, struct sr_txn *txn, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_entry_dispose) struct sr_entry opened = { 0 };

	SR_TRY(sr_journal_entry(txn, 0, &text, err));
	SR_TRY(sr_entry_decode(sr_buf_bytes(&text), &opened, err));
	for (size_t i = 0; i < SR_KEY_CERTIFICATES; i++)
		SR_TRY(compare(context, txn, sr_keyring_certificate(i), json_object_get(opened.root, "keys"),
		               err));
	return SR_OK;
}

enum sr_status sr_keys_begin(struct sr_keeper *keeper, struct sr_err *err)
{
	struct sr_found found = { .keeper = keeper };

	return sr_found_record(&found, compare_all, err);
}
