/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole keeper in this process, with a data directory of its own, people of every role and cheap passwords.
 *
 *	struct keeper_room room;
 *	keeper_room_open(&room);
 *	json_t *reply = must_ask(&room, "official", "ListRequests", NULL);   // as that user, signed in by
 *password refused(&room, "handler", "ListUsers", NULL, "NotYourRole");         // the refusal's name
 *	keeper_room_close(&room);
 *
 * Users (keeper_people below) are named by their role; those of the county organ, which lies below the
 *city's, begin with "county-", those of the organ beside it with "other-".  The one that `init` made of this
 *process's Unix login is room.owner: ask as SELF.  NOBODY has no session: through api.  Making a room takes
 *about a second: open one for all tests of a file.  Include behind tests/unit/unit.h.
 */
#pragma once

#include "tests/unit/folder.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/init.h"
#include "appliance/keeper/keeper.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/people.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/wire/wire_client.h"
#include "tests/unit/keeper/secrets.h"

#define CITY "000000-YB"
#define COUNTY "000001-YB" /* below CITY */
#define OTHER "000002-YB"  /* beside it */
#define PASSWORD "correct horse 马"
#define SELF NULL /* the Unix login that runs the test: the administrator of init */
#define NOBODY "" /* through api, without a session */

static const struct keeper_person {
	const char *user, *role, *organ;
} keeper_people[] = {
	{ "handler", "handler", CITY },
	{ "handler2", "handler", CITY },
	{ "archivist", "archivist", CITY },
	{ "archivist2", "archivist", CITY },
	{ "official", "official", CITY },
	{ "official2", "official", CITY },
	{ "supervisor", "supervisor", CITY },
	{ "auditor2", "auditor", CITY },
	{ "security2", "security-admin", CITY },
	{ "keyholder", "admin", CITY },
	{ "county-handler", "handler", COUNTY },
	{ "county-archivist", "archivist", COUNTY },
	{ "county-official", "official", COUNTY },
	{ "county-supervisor", "supervisor", COUNTY },
	{ "other-archivist", "archivist", OTHER },
	{ "other-official", "official", OTHER },
	{ "other-supervisor", "supervisor", OTHER },
};

#define KEEPER_SESSIONS 64

struct keeper_session {
	char user[SR_LABEL_BYTES];
	char token[SR_SESSION_TOKEN_TEXT];
};

struct keeper_room {
	struct test_folder folder;
	char data[96];
	char owner[SR_LABEL_BYTES]; /* the administrator that init made of this Unix login */
	json_t *init;               /* what sr_init said */
	struct sr_keeper *keeper;
	struct sr_wire_client *wire; /* at the socket, as this process's Unix login */
	struct sr_wire_client *api;
	pthread_t loop;
	struct keeper_session sessions[KEEPER_SESSIONS];
	char error[SR_MESSAGE_NAME_BYTES]; /* of the last call, without prefix; "" when there was none */
	struct sr_err err;
};

/* --- time ------------------------------------------------------------------------------------------ */

/* How much later than the machine says it is; under the keeper's lock while one runs. */
static int64_t keeper_ahead_ns;
/* When a room opens; 0: at the latest noon, so that no day ends while a test runs. */
static int64_t keeper_room_begins_ns;

static inline int64_t keeper_wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * SR_SECOND_NS + now.tv_nsec + keeper_ahead_ns;
}

static inline int64_t keeper_first_ns(void)
{
	int64_t now_ns = keeper_wall_ns();
	int64_t noon_ns = sr_time_of_date(sr_date_of_time(now_ns)) + SR_DAY_S / 2 * SR_SECOND_NS;

	if (keeper_room_begins_ns)
		return keeper_room_begins_ns;
	return noon_ns <= now_ns ? noon_ns : noon_ns - SR_DAY_S * SR_SECOND_NS;
}

/*
 * Both clocks go on by @ns at once: ledger time follows, and nothing disagrees.  It follows by @ns at least:
 * where the machine paused between two readings of its clocks, ledger time is ahead and is drawn back.
 */
static inline void keeper_room_pass_time(struct keeper_room *room, int64_t ns)
{
	int64_t until_ns = sr_keeper_now_ns(room->keeper) + ns;

	for (; ns > 0; ns = until_ns - sr_keeper_now_ns(room->keeper)) {
		pthread_mutex_lock(&room->keeper->lock);
		keeper_ahead_ns += ns;
		room->keeper->clock.last.boot_ns -= ns;
		pthread_mutex_unlock(&room->keeper->lock);
	}
}

/* Somebody sets the wall clock, and that alone. */
static inline void keeper_room_set_wall(struct keeper_room *room, int64_t ns)
{
	pthread_mutex_lock(&room->keeper->lock);
	keeper_ahead_ns += ns;
	pthread_mutex_unlock(&room->keeper->lock);
}

/* --- people ---------------------------------------------------------------------------------------- */

struct keeper_joining {
	struct sr_keeper *keeper;
	const struct keeper_person *person;
	json_t *clearances;
	unsigned number;
	char hash[SR_PASSWORD_HASH_TEXT];
};

static inline enum sr_status keeper_join(void *context, struct sr_txn *txn, struct sr_err *err)
{
	struct keeper_joining *j = context;
	char id[SR_LABEL_BYTES];

	snprintf(id, sizeof(id), "fixture-%s", j->person->user);
	SR_TRY(sr_keeper_record(j->keeper, txn, "user.proposed",
	                        json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:O*}", "proposal", id, "action", "add",
	                                  "user", j->person->user, "full_name", "某某", "role",
	                                  j->person->role, "organ", j->person->organ, "clearances",
	                                  j->clearances),
	                        NULL, err));
	SR_TRY(sr_keeper_record(j->keeper, txn, "user.confirmed",
	                        json_pack("{s:s,s:s}", "proposal", id, "user", j->person->user), NULL, err));
	return sr_people_put_hash(txn, j->person->user, j->hash, err);
}

/* A further user with the password PASSWORD, at once.  @clearances is taken; NULL: none. */
static inline void keeper_room_add_user(struct keeper_room *room, const struct keeper_person *person,
                                        json_t *clearances)
{
	static const struct sr_password_cost cheap = { .memory_kib = 8, .passes = 1, .lanes = 1 };
	struct keeper_joining joining = { .keeper = room->keeper,
		                          .person = person,
		                          .clearances = clearances };
	SR_CLEANUP(sr_secret_freep) struct sr_secret *password = test_secret(PASSWORD);
	struct sr_err err;

	assert_ok(sr_password_hash(password, &cheap, joining.hash, &err));
	assert_ok(sr_keeper_write(room->keeper, keeper_join, &joining, false, &err));
	json_decref(clearances);
}

static inline enum sr_status keeper_add_organs(void *context, struct sr_txn *txn, struct sr_err *err)
{
	static const char *const organs[][4] = { { COUNTY, "样例县局", "county", CITY },
		                                 { OTHER, "样例二市局", "city", NULL } };

	for (size_t i = 0; i < SR_COUNT(organs); i++)
		SR_TRY(sr_keeper_record(context, txn, "organ.added",
		                        json_pack("{s:s,s:s,s:s,s:s*}", "organ", organs[i][0], "name",
		                                  organs[i][1], "level", organs[i][2], "parent",
		                                  organs[i][3]),
		                        NULL, err));
	return SR_OK;
}

/* --- opening --------------------------------------------------------------------------------------- */

static inline void *keeper_loop(void *context)
{
	struct sr_err err;

	if (sr_keeper_run(context, &err) != SR_OK)
		print_message("the keeper ended: %s\n", err.text);
	return NULL;
}

static inline struct sr_wire_client *keeper_room_connect(struct keeper_room *room, enum sr_peer_kind kind)
{
	struct sr_wire_client *client = NULL;
	struct sr_err err;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_ok(sr_keeper_adopt(room->keeper, ends[0], kind, kind != SR_PEER_CALLER, &err));
	assert_ok(sr_wire_client_adopt(ends[1], &client, &err));
	return client;
}

/* Serve the data directory; passwords cost next to nothing. */
static inline void keeper_room_start(struct keeper_room *room)
{
	static const struct sr_password_cost cheap = { .memory_kib = 8, .passes = 1, .lanes = 1 };
	const struct sr_keeper_options options = { .data = room->data };
	struct sr_err err;

	assert_ok(sr_keeper_open(&options, &room->keeper, &err));
	sr_password_pool_freep(&room->keeper->passwords);
	assert_ok(sr_password_pool_new(&cheap, &room->keeper->passwords, &err));
	assert_int_equal(pthread_create(&room->loop, NULL, keeper_loop, room->keeper), 0);
	room->wire = keeper_room_connect(room, SR_PEER_CALLER);
	room->api = keeper_room_connect(room, SR_PEER_API);
}

static inline void keeper_room_stop(struct keeper_room *room)
{
	sr_wire_client_closep(&room->wire);
	sr_wire_client_closep(&room->api);
	sr_keeper_stop(room->keeper);
	pthread_join(room->loop, NULL);
	sr_keeper_closep(&room->keeper);
	memset(room->sessions, 0, sizeof(room->sessions));
}

static inline void keeper_room_open(struct keeper_room *room)
{
	struct sr_init_request request = { .organ = "样例市医疗保障局", .organ_code = CITY };
	struct sr_err err;

	*room = (struct keeper_room){ 0 };
	assert_ok(sr_clock_set_zone("Asia/Shanghai", &err));
	keeper_ahead_ns = 0;
	keeper_ahead_ns = keeper_first_ns() - keeper_wall_ns();
	sr_clock_inject(keeper_wall_ns);
	test_folder_open(&room->folder);
	snprintf(room->data, sizeof(room->data), "%s/data", room->folder.path);
	request.data = room->data;
	assert_ok(sr_init(&request, &room->init, &err));
	sr_label_copy(room->owner,
	              sr_json_text(json_array_get(json_object_get(room->init, "users"), 0), "user"));
	keeper_room_start(room);
	assert_ok(sr_keeper_write(room->keeper, keeper_add_organs, room->keeper, false, &err));
	for (size_t i = 0; i < SR_COUNT(keeper_people); i++)
		keeper_room_add_user(room, &keeper_people[i], NULL);
}

static inline void keeper_room_close(struct keeper_room *room)
{
	keeper_room_stop(room);
	json_decref(room->init);
	test_folder_close(&room->folder);
	sr_clock_inject(NULL);
}

/* --- asking ---------------------------------------------------------------------------------------- */

/* One call; the status, and room->error and room->err.  @parameters is taken.  *reply may be NULL. */
static inline enum sr_status keeper_room_call(struct keeper_room *room, struct sr_wire_client *wire,
                                              const char *method, json_t *parameters, json_t **reply)
{
	SR_CLEANUP(sr_json_decrefp) json_t *taken = parameters;
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply answer = { 0 };
	char full[SR_MESSAGE_NAME_BYTES];
	const struct sr_wire_request request = { .method = full, .parameters = taken, .timeout_ms = 300000 };
	const char *dot;

	snprintf(full, sizeof(full), "org.strongroom.%s", method);
	enum sr_status status = sr_wire_client_call(wire, &request, &answer, &room->err);
	dot = strrchr(answer.error, '.');
	snprintf(room->error, sizeof(room->error), "%s", dot ? dot + 1 : answer.error);
	if (reply)
		*reply = status == SR_OK ? json_deep_copy(answer.message.parameters) : NULL;
	return status;
}

/* The token of a live session of @user; one is opened where there is none. */
static inline const char *keeper_room_token(struct keeper_room *room, const char *user)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct keeper_session *session = room->sessions;

	while (session->user[0] && strcmp(session->user, user) != 0)
		session++;
	assert_true(session < room->sessions + KEEPER_SESSIONS - 1);
	if (session->user[0])
		return session->token;
	if (keeper_room_call(room, room->wire, "OpenSession",
	                     json_pack("{s:s,s:s}", "user", user, "password", PASSWORD), &reply) != SR_OK)
		fail_msg("%s cannot sign in: %s", user, room->err.text);
	sr_label_copy(session->user, user);
	snprintf(session->token, sizeof(session->token), "%s", sr_json_text(reply, "token"));
	return session->token;
}

/* The next call as @user signs in anew: their session was ended. */
static inline void keeper_room_forget(struct keeper_room *room, const char *user)
{
	for (size_t i = 0; i < KEEPER_SESSIONS; i++)
		if (strcmp(room->sessions[i].user, user) == 0)
			snprintf(room->sessions[i].user, SR_LABEL_BYTES, "-%zu", i);
}

/* As @user (SELF, NOBODY or a name), by session.  @parameters is taken; NULL: none. */
static inline enum sr_status ask(struct keeper_room *room, const char *user, const char *method,
                                 json_t *parameters, json_t **reply)
{
	json_t *all = parameters ? parameters : json_object();

	if (user && user[0])
		json_object_set_new(all, "session", json_string(keeper_room_token(room, user)));
	if (user && !user[0])
		json_object_set_new(all, "address", json_string("192.0.2.7"));
	return keeper_room_call(room, user && !user[0] ? room->api : room->wire, method, all, reply);
}

/* The answer, which the caller owns. */
static inline json_t *must_ask(struct keeper_room *room, const char *user, const char *method,
                               json_t *parameters)
{
	json_t *reply = NULL;

	if (ask(room, user, method, parameters, &reply) != SR_OK)
		fail_msg("%s as %s: %s: %s", method, user ? user : "self", room->error, room->err.text);
	return reply;
}

static inline void must_do(struct keeper_room *room, const char *user, const char *method, json_t *parameters)
{
	json_decref(must_ask(room, user, method, parameters));
}

/* It is refused, under this name. */
static inline void refused(struct keeper_room *room, const char *user, const char *method, json_t *parameters,
                           const char *error)
{
	enum sr_status status = ask(room, user, method, parameters, NULL);

	if (status == SR_OK || strcmp(room->error, error) != 0)
		fail_msg("%s as %s: %s (%s), not %s", method, user ? user : "self",
		         status == SR_OK ? "done" : room->error, room->err.text, error);
}

/* --- the log --------------------------------------------------------------------------------------- */

static inline uint64_t keeper_room_log_size(struct keeper_room *room)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	uint64_t size;
	struct sr_err err;

	assert_ok(sr_txn_read(room->keeper->env, &txn, &err));
	assert_ok(sr_journal_size(txn, &size, &err));
	return size;
}

/* Entry @seq as an object, which the caller owns. */
static inline json_t *keeper_room_entry(struct keeper_room *room, uint64_t seq)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	json_t *entry = NULL;
	struct sr_err err;

	assert_ok(sr_txn_read(room->keeper->env, &txn, &err));
	assert_ok(sr_journal_entry(txn, seq, &bytes, &err));
	assert_ok(sr_json_parse(bytes.data, bytes.size, bytes.size, &entry, &err));
	return entry;
}

/* The newest entry of @type, which the caller owns; NULL when there is none. */
static inline json_t *keeper_room_last(struct keeper_room *room, const char *type)
{
	for (uint64_t seq = keeper_room_log_size(room); seq > 0; seq--) {
		json_t *entry = keeper_room_entry(room, seq - 1);

		if (strcmp(sr_json_text(entry, "type"), type) == 0)
			return entry;
		json_decref(entry);
	}
	return NULL;
}

/* Whether any entry of the log holds @text. */
static inline bool keeper_room_log_says(struct keeper_room *room, const char *text)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	uint64_t size = keeper_room_log_size(room);
	struct sr_err err;

	assert_ok(sr_txn_read(room->keeper->env, &txn, &err));
	for (uint64_t seq = 0; seq < size; seq++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };

		assert_ok(sr_journal_entry(txn, seq, &bytes, &err));
		if (memmem(bytes.data, bytes.size, text, strlen(text)))
			return true;
	}
	return false;
}
