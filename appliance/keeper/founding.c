/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/founding.h"

#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/secret.h"
#include "appliance/crypto/digest.h"
#include "appliance/crypto/pki.h"
#include "appliance/keeper/core/people.h"
#include "appliance/keeper/keys/keyring.h"
#include "appliance/keeper/state/label.h"
#include "appliance/keeper/state/person.h"
#include "appliance/keeper/state/publisher.h"
#include "appliance/keeper/state/reduce.h"

/* The first people beside the caller. */
#define SECURITY "security"
#define AUDITOR "auditor"

/*
 * Who must approve what, until somebody proposes another table: one official; two where copies leave the
 * house or a state secret is read; a party or lawyer shows identity papers.
 */
static const char default_policy[] =
	"{\"rules\":["
	"{\"approvals\":1},"
	"{\"channels\":[\"copy\"],\"approvals\":2},"
	"{\"classification\":[\"state-secret\"],\"approvals\":2},"
	"{\"class\":[\"party\",\"lawyer\"],\"approvals\":1,\"papers\":[\"identity\"]}"
	"]}";

struct work {
	const struct sr_founding *founding;
	int64_t now_ns;
	char admin[SR_LABEL_BYTES];
	char verifier[256];
	char hash[2][SR_PASSWORD_HASH_TEXT]; /* of security administrator and auditor */
	unsigned proposals;
};

static enum sr_status record(struct work *work, struct sr_txn *txn, const char *type, json_t *fields,
                             struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *taken = fields;
	const struct sr_entry_draft draft = { .type = type, .fields = taken };

	if (!taken)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an entry");
	return sr_record_event(txn, &draft, work->now_ns, NULL, err);
}

static const char *organ_code(const struct work *work)
{
	return work->founding->organ_code[0] ? work->founding->organ_code : SR_ORGAN_LOCAL;
}

static enum sr_status open_ledger(struct work *work, struct sr_txn *txn, struct sr_err *err)
{
	const char *name = work->founding->organ[0] ? work->founding->organ : organ_code(work);
	SR_CLEANUP(sr_json_decrefp) json_t *keys = NULL;

	SR_TRY(SR_JSON_PACK(&keys, err, "{s:s}", "ledger", work->verifier));
	for (size_t i = 0; i < SR_KEY_CERTIFICATES; i++) {
		const struct sr_key_certificate *one = sr_keyring_certificate(i);
		const bool list = strcmp(one->what, "escrow") == 0;
		char hex[SR_DIGEST_HEX];

		SR_TRY(sr_keyring_fingerprint(work->founding->keys_fd, one->file, hex, err));
		SR_TRY(sr_json_set(keys, one->what, list ? json_pack("[s]", hex) : json_string(hex), err));
	}
	return record(work, txn, "ledger.opened",
	              json_pack("{s:s,s:i,s:{s:s,s:s,s:s},s:O,s:s}", "appliance", work->founding->appliance,
	                        "epoch", 1, "organ", "code", organ_code(work), "name", name, "level", "city",
	                        "keys", keys, "version", SR_VERSION),
	              err);
}

static enum sr_status add_person(struct work *work, struct sr_txn *txn, const char *user, const char *role,
                                 const char *full_name, json_t *login, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *bound = login;
	json_t *fields;
	char proposal[16];

	snprintf(proposal, sizeof(proposal), "P%05u", ++work->proposals);
	fields = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:O*}", "proposal", proposal, "action", "add", "user",
	                   user, "full_name", full_name, "role", role, "organ", organ_code(work), "login",
	                   bound);
	SR_TRY(record(work, txn, "user.proposed", fields, err));
	return record(work, txn, "user.confirmed", json_pack("{s:s,s:s}", "proposal", proposal, "user", user),
	              err);
}

static enum sr_status add_people(struct work *work, struct sr_txn *txn, struct sr_err *err)
{
	const char *name = work->founding->admin_name;
	json_t *login = NULL;

	if (strcmp(work->admin, "admin") != 0 || getpwnam("admin"))
		login = json_pack("{s:s,s:I}", "name", work->admin, "uid", (json_int_t)geteuid());
	SR_TRY(add_person(work, txn, work->admin, "admin", name && name[0] ? name : "系统管理员", login,
	                  err));
	SR_TRY(add_person(work, txn, SECURITY, "security-admin", "安全管理员", NULL, err));
	SR_TRY(add_person(work, txn, AUDITOR, "auditor", "审计员", NULL, err));
	SR_TRY(sr_people_put_hash(txn, SECURITY, work->hash[0], err));
	return sr_people_put_hash(txn, AUDITOR, work->hash[1], err);
}

static enum sr_status set_policy(struct work *work, struct sr_txn *txn, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *table = NULL;
	struct sr_digest digest;
	char hex[SR_DIGEST_HEX];

	SR_TRY(sr_json_parse(default_policy, strlen(default_policy), sizeof(default_policy), &table, err));
	SR_TRY(sr_digest_of(default_policy, strlen(default_policy), &digest, err));
	sr_digest_to_hex(&digest, hex);
	SR_TRY(record(work, txn, "policy.proposed", json_pack("{s:s,s:O}", "policy", hex, "table", table),
	              err));
	return record(work, txn, "policy.changed", json_pack("{s:s}", "policy", hex), err);
}

static enum sr_status write_all(void *context, struct sr_txn *txn, struct sr_err *err)
{
	struct work *work = context;

	work->proposals = 0;
	SR_TRY(open_ledger(work, txn, err));
	SR_TRY(add_people(work, txn, err));
	return set_policy(work, txn, err);
}

/* The caller's Unix login, or "admin" where it has none or one of the names that are taken. */
static void name_admin(struct work *work)
{
	const struct passwd *entry = getpwuid(geteuid());

	if (entry && sr_label_is_valid(entry->pw_name) && strcmp(entry->pw_name, SECURITY) != 0 &&
	    strcmp(entry->pw_name, AUDITOR) != 0)
		sr_label_copy(work->admin, entry->pw_name);
	else
		sr_label_copy(work->admin, "admin");
}

static enum sr_status make_passwords(struct work *work, json_t **users, struct sr_err *err)
{
	static const char *const people[][2] = { { SECURITY, "security-admin" }, { AUDITOR, "auditor" } };
	SR_CLEANUP(sr_json_decrefp) json_t *list = NULL;

	SR_TRY(SR_JSON_PACK(&list, err, "[{s:s,s:s,s:n}]", "user", work->admin, "role", "admin", "password"));
	for (size_t i = 0; i < SR_COUNT(people); i++) {
		SR_CLEANUP(sr_secret_freep) struct sr_secret *password = NULL;
		json_t *row = NULL;

		SR_TRY(sr_password_make_random(&password, err));
		SR_TRY(sr_password_hash(password, &sr_password_cost, work->hash[i], err));
		SR_TRY(SR_JSON_PACK(&row, err, "{s:s,s:s,s:s%}", "user", people[i][0], "role", people[i][1],
		                    "password", (const char *)password->data, password->size));
		SR_TRY(sr_json_append(list, row, err));
	}
	*users = SR_MOVE(list);
	return SR_OK;
}

static enum sr_status publish(struct work *work, struct sr_env *env, struct sr_err *err)
{
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
	SR_CLEANUP(sr_fd_closep) int dir_fd = -1;
	SR_CLEANUP(sr_publisher_stopp) struct sr_publisher *publisher = NULL; /* uses both until it ends */
	char origin[SR_LABEL_BYTES + 16];

	SR_TRY(sr_key_read(work->founding->keys_fd, SR_KEY_LEDGER, work->founding->passphrase, &key, err));
	dir_fd = openat(work->founding->dir_fd, "ledger", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return sr_fail_errno(err, "open the folder ledger");
	snprintf(origin, sizeof(origin), "%s/1", work->founding->appliance);
	const struct sr_publisher_options options = {
		.env = env, .dir_fd = dir_fd, .origin = origin, .key = key
	};
	return sr_publisher_start(&options, &publisher, err);
}

static enum sr_status read_verifier(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_fd_read_file(work->founding->keys_fd, SR_KEY_LEDGER_VERIFIER, sizeof(work->verifier) - 1,
	                       &text, err));
	memcpy(work->verifier, text.data, text.size);
	work->verifier[strcspn(work->verifier, "\n")] = 0;
	return SR_OK;
}

enum sr_status sr_found(const struct sr_founding *founding, json_t **users, struct sr_err *err)
{
	SR_CLEANUP(sr_env_closep) struct sr_env *env = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *list = NULL;
	struct work work = { .founding = founding, .now_ns = sr_clock_now_ns() };
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/db", founding->data) >= (int)sizeof(path))
		return sr_fail(err, SR_LIMIT, "the path of the data directory is too long");
	const struct sr_env_options options = { .path = path };

	name_admin(&work);
	SR_TRY(read_verifier(&work, err));
	SR_TRY(make_passwords(&work, &list, err));
	SR_TRY(sr_env_open(&options, &env, err));
	SR_TRY(sr_txn_run(env, write_all, &work, err));
	SR_TRY(publish(&work, env, err));
	*users = SR_MOVE(list);
	return SR_OK;
}
