/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/people.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/index/walk.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/session_ends.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

enum sr_status sr_people_of_uid(struct sr_txn *txn, uid_t uid, struct sr_shared_record **out,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_shared_record_releasep) struct sr_shared_record *bound = NULL;
	char key[SR_RECORD_KEY];

	*out = NULL;
	snprintf(key, sizeof(key), SR_STATE_UID "%u", (unsigned)uid);
	SR_TRY(sr_record_share(txn, SR_DB_PEOPLE, key, &bound, err));
	const char *user = sr_json_text(sr_shared_record_json(bound), "user");
	return user ? sr_state_share_user(txn, user, out, err) : SR_OK;
}

enum sr_status sr_people_has_archivist(struct sr_txn *txn, bool *out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *mark = NULL;

	SR_TRY(sr_record_look(txn, SR_DB_PEOPLE, SR_STATE_ARCHIVIST, &mark, err));
	*out = mark != NULL;
	return SR_OK;
}

/* --- passwords ------------------------------------------------------------------------------------- */

static void secret_key(const char *user, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, "u/%.200s", user);
}

enum sr_status sr_people_hash(struct sr_txn *txn, const char *user, char out[SR_PASSWORD_HASH_TEXT],
                              struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	char key[SR_RECORD_KEY];

	out[0] = 0;
	secret_key(user, key);
	SR_TRY(sr_record_look(txn, SR_DB_SECRETS, key, &record, err));
	const char *hash = sr_json_text(record, "hash");
	if (hash && snprintf(out, SR_PASSWORD_HASH_TEXT, "%s", hash) >= SR_PASSWORD_HASH_TEXT)
		return sr_fail(err, SR_CORRUPT, "the stored hash of a password is too long");
	return SR_OK;
}

/* A record is there only with a hash. */
enum sr_status sr_people_has_password(struct sr_txn *txn, const char *user, bool *out, struct sr_err *err)
{
	struct sr_bytes value;
	char key[SR_RECORD_KEY];

	secret_key(user, key);
	return sr_record_bytes(txn, SR_DB_SECRETS, key, out, &value, err);
}

enum sr_status sr_people_put_hash(struct sr_txn *txn, const char *user, const char *hash, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	char key[SR_RECORD_KEY];

	secret_key(user, key);
	if (!hash[0])
		return sr_record_drop(txn, SR_DB_SECRETS, key, err);
	SR_TRY(SR_JSON_PACK(&record, err, "{s:s}", "hash", hash));
	return sr_record_put(txn, SR_DB_SECRETS, key, record, err);
}

/* --- sessions -------------------------------------------------------------------------------------- */

static struct sr_bytes token_key(const struct sr_session *session)
{
	return (struct sr_bytes){ session->token_hash.bytes, sizeof(session->token_hash.bytes) };
}

enum sr_status sr_people_put_session(struct sr_txn *txn, const struct sr_session *session, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };

	SR_TRY(sr_session_encode(session, &bytes, err));
	return sr_txn_put(txn, SR_DB_SESSIONS, token_key(session), sr_buf_bytes(&bytes), err);
}

enum sr_status sr_people_drop_session(struct sr_txn *txn, const struct sr_session *session,
                                      struct sr_err *err)
{
	enum sr_status status = sr_txn_del(txn, SR_DB_SESSIONS, token_key(session), err);

	return status == SR_NOT_FOUND ? SR_OK : status;
}

/* A session that ended meanwhile is not put back. */
static enum sr_status save(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct sr_session *session = context;
	struct sr_bytes value;
	bool found;

	SR_TRY(sr_txn_look(txn, SR_DB_SESSIONS, token_key(session), &found, &value, err));
	return found ? sr_people_put_session(txn, session, err) : SR_OK;
}

enum sr_status sr_people_save_session(struct sr_keeper *keeper, const struct sr_session *session,
                                      struct sr_err *err)
{
	struct sr_session copy = *session;

	return sr_keeper_write(keeper, save, &copy, false, err);
}

/* One that does not parse or has no user any more is passed over: it opens nothing. */
static enum sr_status load_one(struct sr_keeper *keeper, struct sr_bytes value, int64_t now_ns,
                               struct sr_err *err)
{
	struct sr_session session;
	struct sr_err ignored;

	if (sr_session_decode(value, &session, &ignored) != SR_OK)
		return SR_OK;
	pthread_mutex_lock(&keeper->lock);
	enum sr_status status = sr_session_table_add(keeper->sessions, &session, now_ns, err);
	pthread_mutex_unlock(&keeper->lock);
	return status == SR_EXISTS || status == SR_BUSY ? SR_OK : status;
}

enum sr_status sr_people_load_sessions(struct sr_keeper *keeper, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	SR_CLEANUP(sr_walk_closep) struct sr_walk *walk = NULL;
	const struct sr_range all = { 0 };
	int64_t now_ns = sr_keeper_now_ns(keeper);
	struct sr_bytes key, value;
	bool more = true;

	SR_TRY(sr_txn_read(keeper->env, &txn, err));
	SR_TRY(sr_walk_open(txn, SR_DB_SESSIONS, &all, SR_UP, &walk, err));
	for (;;) {
		SR_TRY(sr_walk_next(walk, &more, &key, &value, err));
		if (!more)
			return SR_OK;
		SR_TRY(load_one(keeper, value, now_ns, err));
	}
}

size_t sr_people_end_sessions(struct sr_keeper *keeper, const char *user, const char *keep,
                              enum sr_session_end why)
{
	pthread_mutex_lock(&keeper->lock);
	size_t ended = sr_session_table_end_user(keeper->sessions, user, keep, why);
	if (!keep)
		sr_escorts_leave(keeper->escorts, user);
	pthread_mutex_unlock(&keeper->lock);
	sr_session_ends_flush(keeper);
	return ended;
}
