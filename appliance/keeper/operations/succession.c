/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/operations/succession.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/dir.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/crypto/note.h"
#include "appliance/crypto/pki.h"
#include "appliance/keeper/keys/keyring.h"
#include "appliance/keeper/core/keeper_clock.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/state/publisher.h"
#include "appliance/keeper/state/reduce.h"

enum sr_status sr_succession_highest(int ledger_fd, uint64_t *out, struct sr_err *err)
{
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;
	uint64_t highest = 0, number;

	SR_TRY(sr_dir_open(ledger_fd, &dir, err));
	assert(dir != NULL);
	for (;;) {
		const char *name;

		SR_TRY(sr_dir_next(dir, &name, err));
		if (!name)
			break;
		if (sr_decimal_parse(name, strlen(name), SR_EPOCHS, &number) && number > highest)
			highest = number;
	}
	*out = highest;
	return SR_OK;
}

enum sr_status sr_succession_epoch_of(struct sr_bytes note, const char *appliance, uint64_t *out,
                                      struct sr_err *err)
{
	const size_t size = strlen(appliance);
	const uint8_t *end = note.size ? memchr(note.data, '\n', note.size) : NULL;

	if (!end || (size_t)(end - note.data) < size + 2 || memcmp(note.data, appliance, size) != 0 ||
	    note.data[size] != '/' ||
	    !sr_decimal_parse((const char *)note.data + size + 1, (size_t)(end - note.data) - size - 1,
	                      SR_EPOCHS, out))
		return sr_fail(err, SR_CORRUPT, "it is no checkpoint of the appliance %s", appliance);
	return SR_OK;
}

enum sr_status sr_succession_freeze(int ledger_fd, uint64_t number, struct sr_err *err)
{
	static const char *const names[] = { "tile", "checkpoint" };
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	char name[24];

	snprintf(name, sizeof(name), "%" PRIu64, number);
	if (mkdirat(ledger_fd, name, 0700) < 0 && errno != EEXIST)
		return sr_fail_errno(err, "make the folder ledger/%s", name);
	SR_TRY(sr_epoch_folder(ledger_fd, number, &folder, err));
	for (size_t i = 0; i < SR_COUNT(names); i++)
		if (renameat(ledger_fd, names[i], folder, names[i]) < 0 && errno != ENOENT)
			return sr_fail_errno(err, "freeze ledger/%s as ledger/%s", names[i], name);
	SR_TRY(sr_fd_sync(folder, "the frozen log", err));
	return sr_fd_sync(ledger_fd, "the folder ledger", err);
}

/* --- the first entry ------------------------------------------------------------------------------- */

struct opening {
	const struct sr_succession *s;
	const char *verifier;
	int64_t now_ns;
};

static enum sr_status compose(const struct opening *opening, json_t *fields, struct sr_err *err)
{
	const struct sr_succession *s = opening->s;
	SR_CLEANUP(sr_json_decrefp) json_t *keys = json_deep_copy(json_object_get(s->opened, "keys"));
	char root[SR_DIGEST_HEX];

	sr_digest_to_hex(&s->previous_root, root);
	SR_TRY(sr_json_set(keys, "ledger", json_string(opening->verifier), err));
	SR_TRY(sr_json_set(fields, "appliance", json_string(sr_json_text(s->opened, "appliance")), err));
	SR_TRY(sr_json_set(fields, "epoch", json_integer((json_int_t)s->number), err));
	SR_TRY(sr_json_set(fields, "organ", json_deep_copy(json_object_get(s->opened, "organ")), err));
	SR_TRY(sr_json_set(fields, "keys", json_incref(keys), err));
	SR_TRY(sr_json_set(fields, "version", json_string(SR_VERSION), err));
	if (s->checkpoint.size > 0)
		SR_TRY(sr_json_set(fields, "previous_checkpoint",
		                   json_stringn((const char *)s->checkpoint.data, s->checkpoint.size), err));
	SR_TRY(sr_json_set(fields, "previous_size", json_integer((json_int_t)s->previous_size), err));
	SR_TRY(sr_json_set(fields, "previous_root", json_string(root), err));
	return s->lost ? sr_json_set(fields, "lost", json_true(), err) : SR_OK;
}

/* The entries before leave the database; they lie frozen.  Sessions end, and so does every grant. */
static enum sr_status put_first(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct opening *opening = context;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = json_object();
	const struct sr_entry_draft draft = { .type = "ledger.opened", .fields = fields };

	SR_TRY(compose(opening, fields, err));
	SR_TRY(sr_journal_clear(txn, err));
	SR_TRY(sr_keeper_clock_forget(txn, err));
	SR_TRY(sr_txn_clear(txn, SR_DB_SESSIONS, err));
	return sr_record_event(txn, &draft, opening->now_ns, NULL, err);
}

/* --- the key --------------------------------------------------------------------------------------- */

static enum sr_status remove_file(int dir_fd, const char *name, struct sr_err *err)
{
	if (unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT)
		return sr_fail_errno(err, "remove keys/%s", name);
	return SR_OK;
}

/* The key before is gone first: whatever happens now, it signs nothing any more. */
static enum sr_status make_key(const struct sr_succession *s, const char *origin, struct sr_key **key,
                               char verifier[SR_VERIFIER_TEXT], struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(remove_file(s->keys_fd, SR_KEY_LEDGER, err));
	SR_TRY(remove_file(s->keys_fd, SR_KEY_LEDGER_VERIFIER, err));
	SR_TRY(sr_key_generate(SR_KEY_ED25519, key, err));
	SR_TRY(sr_key_write(*key, s->keys_fd, SR_KEY_LEDGER, s->passphrase, err));
	SR_TRY(sr_note_verifier_key(origin, *key, &text, err));
	if (text.size >= SR_VERIFIER_TEXT)
		return sr_fail(err, SR_LIMIT, "the verifier key is too long");
	memcpy(verifier, text.data, text.size);
	verifier[text.size] = 0;
	SR_TRY(sr_buf_add(&text, "\n", 1, err));
	return sr_fd_write_file(s->keys_fd, SR_KEY_LEDGER_VERIFIER, 0644, text.data, text.size, err);
}

/* --- taking over ----------------------------------------------------------------------------------- */

static enum sr_status move_database(struct sr_succession *s, struct sr_err *err)
{
	sr_env_close(SR_MOVE(s->env));
	(void)unlinkat(s->dir_fd, SR_DB_NEW "/lock.mdb", 0);
	(void)unlinkat(s->dir_fd, "db/lock.mdb", 0);
	if (unlinkat(s->dir_fd, "db", AT_REMOVEDIR) < 0 && errno != ENOENT)
		return sr_fail_errno(err, "put the new database in the place of %s/db", s->data);
	if (renameat(s->dir_fd, SR_DB_NEW, s->dir_fd, "db") < 0)
		return sr_fail_errno(err, "name the new database");
	return sr_fd_sync(s->dir_fd, s->data, err);
}

static enum sr_status publish_first(const struct sr_succession *s, const char *origin,
                                    const struct sr_key *key, struct sr_err *err)
{
	SR_CLEANUP(sr_env_closep) struct sr_env *env = NULL;
	SR_CLEANUP(sr_publisher_stopp) struct sr_publisher *publisher = NULL; /* uses it until it ends */
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/db", s->data) >= (int)sizeof(path))
		return sr_fail(err, SR_LIMIT, "the path of the data directory is too long");
	const struct sr_env_options options = { .path = path };
	SR_TRY(sr_env_open(&options, &env, err));
	const struct sr_publisher_options publishing = {
		.env = env, .dir_fd = s->ledger_fd, .origin = origin, .key = key
	};
	return sr_publisher_start(&publishing, &publisher, err);
}

enum sr_status sr_succession_take(struct sr_succession *s, char verifier[SR_VERIFIER_TEXT],
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
	struct opening opening = { .s = s, .verifier = verifier, .now_ns = sr_clock_now_ns() };
	char origin[SR_ORIGIN_TEXT + 24];

	snprintf(origin, sizeof(origin), "%s/%" PRIu64, sr_json_text(s->opened, "appliance"), s->number);
	SR_TRY(make_key(s, origin, &key, verifier, err));
	SR_TRY(sr_txn_run(s->env, put_first, &opening, err));
	SR_TRY(move_database(s, err));
	return publish_first(s, origin, key, err);
}
