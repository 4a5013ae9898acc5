/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/session_table.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/secret.h"

#define BUCKETS 1024 /* a power of two */

struct live {
	struct sr_session session;
	int64_t saved_ns; /* last use as stored */
	struct live *next;
};

struct sr_session_table {
	sr_session_ended *ended;
	void *context;
	size_t count;
	/* By the token's hash, which nobody can choose: a bucket stays short. */
	struct live *buckets[BUCKETS];
};

const char *sr_session_end_name(enum sr_session_end why)
{
	switch (why) {
	case SR_SESSION_END_CLOSED:
		return "closed";
	case SR_SESSION_END_IDLE:
		return "idle";
	case SR_SESSION_END_EXPIRED:
		return "expired";
	case SR_SESSION_END_ENDED:
		return "ended";
	case SR_SESSION_END_PASSWORD:
		return "password";
	case SR_SESSION_END_ROLE:
		return "role";
	case SR_SESSION_END_DISABLED:
		return "disabled";
	case SR_SESSION_END_GRANT:
		return "grant";
	}
	return "unknown";
}

enum sr_status sr_session_table_new(sr_session_ended *ended, void *context, struct sr_session_table **out,
                                    struct sr_err *err)
{
	struct sr_session_table *table = calloc(1, sizeof(*table));

	if (!table)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the table of sessions");
	table->ended = ended;
	table->context = context;
	*out = table;
	return SR_OK;
}

static void free_live(struct live *live)
{
	sr_wipe(live, sizeof(*live));
	free(live);
}

void sr_session_table_free(struct sr_session_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (table->buckets[i]) {
			struct live *live = table->buckets[i];

			table->buckets[i] = live->next;
			free_live(live);
		}
	}
	free(table);
}

size_t sr_session_table_count(const struct sr_session_table *table)
{
	return table->count;
}

/* --- finding and ending ------------------------------------------------------------------------- */

static struct live **bucket_of(struct sr_session_table *table, const struct sr_digest *hash)
{
	return &table->buckets[(hash->bytes[0] << 8 | hash->bytes[1]) & (BUCKETS - 1)];
}

/* The link that leads to the session with that hash, or NULL. */
static struct live **find(struct sr_session_table *table, const struct sr_digest *hash)
{
	for (struct live **link = bucket_of(table, hash); *link; link = &(*link)->next) {
		if (sr_digest_equal(&(*link)->session.token_hash, hash))
			return link;
	}
	return NULL;
}

static void end(struct sr_session_table *table, struct live **link, enum sr_session_end why)
{
	struct live *live = *link;

	*link = live->next;
	table->count--;
	table->ended(table->context, &live->session, why);
	free_live(live);
}

/* Is it over, and why? */
static bool is_over(const struct sr_session *session, int64_t now_ns, enum sr_session_end *why)
{
	if (now_ns < sr_session_due_ns(session))
		return false;
	*why = now_ns >= sr_session_until_ns(session) ? SR_SESSION_END_EXPIRED : SR_SESSION_END_IDLE;
	return true;
}

/* End every session that @matches; returns how many. */
static size_t end_all(struct sr_session_table *table,
                      bool (*matches)(const void *query, const struct sr_session *session), const void *query,
                      enum sr_session_end why)
{
	size_t ended = 0;

	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct live **link = &table->buckets[i]; *link;) {
			if (!matches(query, &(*link)->session)) {
				link = &(*link)->next;
				continue;
			}
			end(table, link, why);
			ended++;
		}
	}
	return ended;
}

struct query {
	const char *user, *keep, *id, *grant; /* NULL: any; keep: none */
};

static bool matches(const void *context, const struct sr_session *session)
{
	const struct query *query = context;

	return (!query->user || strcmp(session->user, query->user) == 0) &&
	       (!query->keep || strcmp(session->id, query->keep) != 0) &&
	       (!query->id || strcmp(session->id, query->id) == 0) &&
	       (!query->grant || strcmp(session->grant, query->grant) == 0);
}

bool sr_session_table_end(struct sr_session_table *table, const char *id, const char *user,
                          enum sr_session_end why)
{
	return end_all(table, matches, &(struct query){ .id = id, .user = user }, why) > 0;
}

size_t sr_session_table_end_user(struct sr_session_table *table, const char *user, const char *keep,
                                 enum sr_session_end why)
{
	return end_all(table, matches, &(struct query){ .user = user, .keep = keep }, why);
}

size_t sr_session_table_end_grant(struct sr_session_table *table, const char *grant)
{
	/* An empty name would match everybody who came without a pass. */
	if (grant[0] == '\0')
		return 0;
	return end_all(table, matches, &(struct query){ .grant = grant }, SR_SESSION_END_GRANT);
}

int64_t sr_session_table_sweep(struct sr_session_table *table, int64_t now_ns)
{
	int64_t next_ns = INT64_MAX;

	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct live **link = &table->buckets[i]; *link;) {
			int64_t due_ns = sr_session_due_ns(&(*link)->session);
			enum sr_session_end why;

			if (is_over(&(*link)->session, now_ns, &why)) {
				end(table, link, why);
				continue;
			}
			next_ns = due_ns < next_ns ? due_ns : next_ns;
			link = &(*link)->next;
		}
	}
	return next_ns;
}

/* --- adding and checking ------------------------------------------------------------------------ */

/* The user's session that was not used for longest, once there is no room for another. */
static struct live **surplus(struct sr_session_table *table, const char *user)
{
	struct live **oldest = NULL;
	size_t count = 0;

	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct live **link = &table->buckets[i]; *link; link = &(*link)->next) {
			if (strcmp((*link)->session.user, user) != 0)
				continue;
			count++;
			if (!oldest || (*link)->session.last_used_ns < (*oldest)->session.last_used_ns)
				oldest = link;
		}
	}
	return count >= SR_SESSIONS_OF_USER ? oldest : NULL;
}

enum sr_status sr_session_table_add(struct sr_session_table *table, const struct sr_session *session,
                                    int64_t now_ns, struct sr_err *err)
{
	enum sr_session_end why;

	if (is_over(session, now_ns, &why)) {
		table->ended(table->context, session, why);
		return SR_OK;
	}
	if (find(table, &session->token_hash))
		return sr_fail(err, SR_EXISTS, "session %s is there already", session->id);
	sr_session_table_sweep(table, now_ns);
	struct live **oldest = surplus(table, session->user);
	if (!oldest && table->count >= SR_SESSIONS_MAX)
		return sr_fail(err, SR_BUSY, "%d people are signed in, no more can be; try again later",
		               SR_SESSIONS_MAX);
	struct live *live = calloc(1, sizeof(*live));
	if (!live)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a session");
	if (oldest)
		end(table, oldest, SR_SESSION_END_ENDED);
	struct live **bucket = bucket_of(table, &session->token_hash);
	*live = (struct live){ .session = *session, .saved_ns = session->last_used_ns, .next = *bucket };
	*bucket = live;
	table->count++;
	return SR_OK;
}

enum sr_status sr_session_table_check(struct sr_session_table *table, const char *token, size_t size,
                                      int64_t now_ns, struct sr_session *out, bool *save, struct sr_err *err)
{
	struct sr_digest hash;
	enum sr_session_end why;

	SR_TRY(sr_session_token_hash(token, size, &hash, err));
	struct live **link = find(table, &hash);
	if (!link)
		return sr_fail(err, SR_DENIED, "no such session; sign in again");
	struct live *live = *link;
	if (is_over(&live->session, now_ns, &why)) {
		end(table, link, why);
		return sr_fail(err, SR_DENIED, "no such session; sign in again");
	}
	if (now_ns > live->session.last_used_ns)
		live->session.last_used_ns = now_ns;
	*save = live->session.last_used_ns - live->saved_ns >= SR_SESSION_SAVE_NS;
	if (*save)
		live->saved_ns = live->session.last_used_ns;
	*out = live->session;
	return SR_OK;
}

void sr_session_table_each(const struct sr_session_table *table, const char *user,
                           void (*each)(void *context, const struct sr_session *session), void *context)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		for (const struct live *live = table->buckets[i]; live; live = live->next) {
			if (!user || strcmp(live->session.user, user) == 0)
				each(context, &live->session);
		}
	}
}
