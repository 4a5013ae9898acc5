/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/operations/rulebook_changes.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/casefile/pack_shelf.h"
#include "appliance/casefile/rulebook.h"
#include "appliance/crypto/digest.h"
#include "appliance/keeper/keys/durable_copy.h"
#include "appliance/keeper/operations/found.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

static enum sr_status keep_text(const struct sr_keeper *keeper, const char *digest, struct sr_bytes text,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	char name[SR_DIGEST_HEX + 8];

	SR_TRY(sr_durable_folder(keeper->data->dir_fd, "rulebooks", &fd, err));
	snprintf(name, sizeof(name), "%s.json", digest);
	return sr_fd_write_file(fd, name, 0600, text.data, text.size, err);
}

/* @digest NULL: it is gone. */
static enum sr_status compare(struct sr_found *found, struct sr_txn *txn, const char *name,
                              const char *digest, bool *differs, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	char key[SR_RECORD_KEY];

	snprintf(key, sizeof(key), SR_STATE_RULEBOOK "%.64s", name);
	SR_TRY(sr_record_look(txn, SR_DB_POLICY, key, &record, err));
	const char *previous = sr_json_text(record, "digest");
	*differs = previous ? !digest || strcmp(previous, digest) != 0 : digest != NULL;
	if (!*differs)
		return SR_OK;
	return sr_found_differs(
		found, txn, "rulebook.changed",
		json_pack("{s:s,s:s*,s:s*}", "name", name, "digest", digest, "previous", previous), err);
}

static enum sr_status compare_text(struct sr_found *found, struct sr_txn *txn, const char *name,
                                   struct sr_bytes text, struct sr_err *err)
{
	struct sr_digest digest;
	char hex[SR_DIGEST_HEX];
	bool differs;

	SR_TRY(sr_digest_of(text.data, text.size, &digest, err));
	sr_digest_to_hex(&digest, hex);
	SR_TRY(compare(found, txn, name, hex, &differs, err));
	return differs && !found->write ? keep_text(found->keeper, hex, text, err) : SR_OK;
}

static enum sr_status compare_own(struct sr_found *found, struct sr_txn *txn, struct sr_err *err)
{
	const struct sr_pack *packs;
	const json_t *holidays;
	struct sr_bytes text;
	size_t count;

	SR_TRY(sr_pack_shelf_list(&packs, &count, err));
	for (size_t i = 0; i < count; i++)
		if (packs[i].own)
			SR_TRY(compare_text(found, txn, packs[i].name, packs[i].text, err));
	SR_TRY(sr_pack_shelf_holidays(&holidays, &text, err));
	return holidays ? compare_text(found, txn, SR_OWN_HOLIDAYS, text, err) : SR_OK;
}

static enum sr_status is_there(const char *name, bool *out, struct sr_err *err)
{
	const struct sr_pack *packs;
	const json_t *holidays;
	struct sr_bytes text;
	size_t count;

	SR_TRY(sr_pack_shelf_list(&packs, &count, err));
	SR_TRY(sr_pack_shelf_holidays(&holidays, &text, err));
	*out = holidays && strcmp(name, SR_OWN_HOLIDAYS) == 0;
	for (size_t i = 0; i < count && !*out; i++)
		*out = packs[i].own && strcmp(packs[i].name, name) == 0;
	return SR_OK;
}

static enum sr_status compare_gone(struct sr_found *found, struct sr_txn *txn, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *keys = NULL;
	size_t index;
	json_t *key;

	SR_TRY(sr_record_keys(txn, SR_DB_POLICY, SR_STATE_RULEBOOK, &keys, err));
	json_array_foreach(keys, index, key) {
		const char *name = json_string_value(key) + strlen(SR_STATE_RULEBOOK);
		bool there, differs;

		SR_TRY(is_there(name, &there, err));
		if (!there)
			SR_TRY(compare(found, txn, name, NULL, &differs, err));
	}
	return SR_OK;
}

static enum sr_status compare_all(void *context, struct sr_txn *txn, struct sr_err *err)
{
	SR_TRY(compare_own(context, txn, err));
	return compare_gone(context, txn, err);
}

/* A pack of the binary is right; an own one is read here, for its own words on what is wrong. */
static enum sr_status read_own(struct sr_err *err)
{
	const struct sr_pack *packs;
	size_t count;

	SR_TRY(sr_pack_shelf_list(&packs, &count, err));
	for (size_t i = 0; i < count; i++) {
		SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;

		if (packs[i].own)
			SR_TRY(sr_rulebook_load(packs[i].name, &rulebook, err));
	}
	return SR_OK;
}

enum sr_status sr_rulebooks_begin(struct sr_keeper *keeper, struct sr_err *err)
{
	struct sr_found found = { .keeper = keeper };

	SR_TRY(read_own(err));
	return sr_found_record(&found, compare_all, err);
}
