/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/grants.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "fs/tree_build.h"

#define PLACES 4096

struct sr_fs_grants {
	pthread_rwlock_t lock;
	struct sr_fs_grant *places[PLACES];
	struct sr_fs_grant **slots; /* the first is slot 1 */
	uint32_t count, room;
};

/* --- the table ------------------------------------------------------------------------------------- */

enum sr_status sr_fs_grants_new(struct sr_fs_grants **out, struct sr_err *err)
{
	struct sr_fs_grants *grants = calloc(1, sizeof(*grants));

	if (!grants)
		return sr_fail(err, SR_NO_MEMORY, "no memory for grants");
	pthread_rwlock_init(&grants->lock, NULL);
	*out = grants;
	return SR_OK;
}

static void free_grant(struct sr_fs_grant *grant)
{
	sr_fs_tree_free(grant->tree);
	pthread_mutex_destroy(&grant->loading);
	pthread_mutex_destroy(&grant->handles_lock);
	pthread_rwlock_destroy(&grant->lock);
	free(grant);
}

void sr_fs_grants_free(struct sr_fs_grants *grants)
{
	if (!grants)
		return;
	for (uint32_t i = 0; i < grants->count; i++)
		free_grant(grants->slots[i]);
	pthread_rwlock_destroy(&grants->lock);
	free(grants->slots);
	free(grants);
}

static uint32_t place_of(const char *id)
{
	uint32_t value = 2166136261u;

	for (; *id; id++)
		value = (value ^ (unsigned char)*id) * 16777619u;
	return value % PLACES;
}

static struct sr_fs_grant *find(struct sr_fs_grants *grants, const char *id)
{
	struct sr_fs_grant *grant = grants->places[place_of(id)];

	while (grant && strcmp(grant->id, id) != 0)
		grant = grant->next;
	return grant;
}

struct sr_fs_grant *sr_fs_grants_find(struct sr_fs_grants *grants, const char *id)
{
	pthread_rwlock_rdlock(&grants->lock);
	struct sr_fs_grant *grant = find(grants, id);
	pthread_rwlock_unlock(&grants->lock);
	return grant;
}

struct sr_fs_grant *sr_fs_grants_at(struct sr_fs_grants *grants, uint32_t slot)
{
	struct sr_fs_grant *grant = NULL;

	pthread_rwlock_rdlock(&grants->lock);
	if (slot > 0 && slot <= grants->count)
		grant = grants->slots[slot - 1];
	pthread_rwlock_unlock(&grants->lock);
	return grant;
}

uint32_t sr_fs_grants_count(struct sr_fs_grants *grants)
{
	pthread_rwlock_rdlock(&grants->lock);
	uint32_t count = grants->count;
	pthread_rwlock_unlock(&grants->lock);
	return count;
}

static struct sr_fs_grant *add(struct sr_fs_grants *grants, const char *id, uid_t uid)
{
	if (grants->count == grants->room) {
		uint32_t room = grants->room ? 2 * grants->room : 64;
		struct sr_fs_grant **slots = realloc(grants->slots, room * sizeof(struct sr_fs_grant *));

		if (!slots)
			return NULL;
		grants->slots = slots;
		grants->room = room;
	}
	struct sr_fs_grant *grant = calloc(1, sizeof(*grant));
	if (!grant)
		return NULL;
	snprintf(grant->id, sizeof(grant->id), "%s", id);
	atomic_init(&grant->uid, uid);
	atomic_init(&grant->state, SR_FS_LIVE);
	pthread_mutex_init(&grant->loading, NULL);
	pthread_mutex_init(&grant->handles_lock, NULL);
	pthread_rwlock_init(&grant->lock, NULL);
	grants->slots[grants->count++] = grant;
	grant->slot = grants->count;
	grant->next = grants->places[place_of(id)];
	grants->places[place_of(id)] = grant;
	return grant;
}

enum sr_status sr_fs_grants_get(struct sr_fs_grants *grants, const char *id, uid_t uid,
                                struct sr_fs_grant **out, struct sr_err *err)
{
	if (strlen(id) >= SR_FS_GRANT_BYTES)
		return sr_fail(err, SR_INVALID, "no grant has such an id");
	pthread_rwlock_wrlock(&grants->lock);
	struct sr_fs_grant *grant = find(grants, id);
	if (!grant)
		grant = add(grants, id, uid);
	pthread_rwlock_unlock(&grants->lock);
	if (!grant)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a grant");
	*out = grant;
	return SR_OK;
}

/* --- its files ------------------------------------------------------------------------------------- */

struct gathering {
	json_t *cases;
	enum sr_status status;
	struct sr_err err;
};

/* All answers are taken, whatever is wrong with one.  The last is of the grant itself. */
static enum sr_status gather(void *context, const json_t *part, struct sr_err *err)
{
	struct gathering *gathering = context;

	(void)err;
	if (gathering->status == SR_OK && sr_json_text(part, "case"))
		gathering->status = sr_fs_gather_case(gathering->cases, part, &gathering->err);
	return SR_OK;
}

static enum sr_status describe(struct sr_fs_grant *grant, struct sr_front *front, pid_t pid,
                               struct sr_fs_tree **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *cases = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;

	SR_TRY(SR_JSON_PACK(&parameters, err, "{s:s,s:I,s:I}", "grant", grant->id, "uid",
	                    (json_int_t)atomic_load(&grant->uid), "pid", (json_int_t)pid));
	struct gathering gathering = { .cases = cases };
	const struct sr_client_request request = {
		.method = "DescribeGrant", .parameters = parameters, .each = gather, .context = &gathering
	};
	SR_TRY(sr_front_ask(front, &request, NULL, NULL, NULL, err));
	if (gathering.status != SR_OK)
		return sr_fail(err, gathering.status, "%s", gathering.err.text);
	return sr_fs_tree_build(cases, out, err);
}

static bool has_tree(struct sr_fs_grant *grant)
{
	const struct sr_fs_tree *tree = sr_fs_grant_enter(grant);

	if (tree)
		sr_fs_grant_leave(grant);
	return tree != NULL;
}

static enum sr_status load(struct sr_fs_grant *grant, struct sr_front *front, pid_t pid, struct sr_err *err)
{
	SR_CLEANUP(sr_fs_tree_freep) struct sr_fs_tree *tree = NULL;

	if (has_tree(grant))
		return SR_OK;
	if (atomic_load(&grant->state) == SR_FS_ENDED)
		return sr_fail(err, SR_DENIED, "grant %s has ended", grant->id);
	SR_TRY(describe(grant, front, pid, &tree, err));
	assert(tree != NULL);
	pthread_rwlock_wrlock(&grant->lock);
	bool ended = atomic_load(&grant->state) == SR_FS_ENDED;
	if (!ended) {
		grant->node_count = tree->node_count;
		grant->tree = SR_MOVE(tree);
	}
	pthread_rwlock_unlock(&grant->lock);
	return ended ? sr_fail(err, SR_DENIED, "grant %s has ended", grant->id) : SR_OK;
}

enum sr_status sr_fs_grant_load(struct sr_fs_grant *grant, struct sr_front *front, pid_t pid,
                                struct sr_err *err)
{
	if (has_tree(grant))
		return SR_OK;
	pthread_mutex_lock(&grant->loading);
	enum sr_status status = load(grant, front, pid, err);
	pthread_mutex_unlock(&grant->loading);
	return status;
}

const struct sr_fs_tree *sr_fs_grant_enter(struct sr_fs_grant *grant)
{
	pthread_rwlock_rdlock(&grant->lock);
	if (grant->tree)
		return grant->tree;
	pthread_rwlock_unlock(&grant->lock);
	return NULL;
}

void sr_fs_grant_leave(struct sr_fs_grant *grant)
{
	pthread_rwlock_unlock(&grant->lock);
}

/* --- its end --------------------------------------------------------------------------------------- */

bool sr_fs_grant_end(struct sr_fs_grant *grant)
{
	if (atomic_exchange(&grant->state, SR_FS_ENDED) == SR_FS_ENDED)
		return false;
	pthread_mutex_lock(&grant->handles_lock);
	for (struct sr_fs_handle *handle = grant->handles; handle; handle = handle->next)
		sr_member_reader_invalidate(handle->reader);
	pthread_mutex_unlock(&grant->handles_lock);
	pthread_rwlock_wrlock(&grant->lock);
	struct sr_fs_tree *tree = SR_MOVE(grant->tree);
	pthread_rwlock_unlock(&grant->lock);
	sr_fs_tree_free(tree);
	return true;
}

/* --- who has members open -------------------------------------------------------------------------- */

bool sr_fs_grant_add_handle(struct sr_fs_grant *grant, struct sr_fs_handle *handle)
{
	pthread_mutex_lock(&grant->handles_lock);
	bool lives = atomic_load(&grant->state) != SR_FS_ENDED;
	if (lives) {
		handle->next = grant->handles;
		handle->previous = NULL;
		if (grant->handles)
			grant->handles->previous = handle;
		grant->handles = handle;
	}
	pthread_mutex_unlock(&grant->handles_lock);
	return lives;
}

struct sr_fs_handle *sr_fs_grant_hold_unclosed(struct sr_fs_grant *grant)
{
	pthread_mutex_lock(&grant->handles_lock);
	struct sr_fs_handle *handle = grant->handles;
	while (handle && atomic_load(&handle->closed))
		handle = handle->next;
	if (handle)
		atomic_fetch_add(&handle->holders, 1);
	pthread_mutex_unlock(&grant->handles_lock);
	return handle;
}

void sr_fs_handle_release(struct sr_fs_handle *handle)
{
	if (atomic_fetch_sub(&handle->holders, 1) != 1)
		return;
	sr_member_reader_close(handle->reader);
	free(handle);
}

void sr_fs_grant_drop_handle(struct sr_fs_handle *handle)
{
	struct sr_fs_grant *grant = handle->grant;

	pthread_mutex_lock(&grant->handles_lock);
	if (handle->previous)
		handle->previous->next = handle->next;
	else
		grant->handles = handle->next;
	if (handle->next)
		handle->next->previous = handle->previous;
	pthread_mutex_unlock(&grant->handles_lock);
	sr_fs_handle_release(handle);
}
