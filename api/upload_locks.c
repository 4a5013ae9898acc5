/* SPDX-License-Identifier: Apache-2.0 */
#include "api/upload_locks.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"

#define UPLOADS_MAX 1024u

struct sr_upload_locks {
	pthread_mutex_t lock;
	size_t count;
	char *name[UPLOADS_MAX];
};

enum sr_status sr_upload_locks_new(struct sr_upload_locks **out, struct sr_err *err)
{
	struct sr_upload_locks *locks = calloc(1, sizeof(*locks));

	if (!locks)
		return sr_fail(err, SR_NO_MEMORY, "no memory for uploads");
	pthread_mutex_init(&locks->lock, NULL);
	*out = locks;
	return SR_OK;
}

void sr_upload_locks_free(struct sr_upload_locks *locks)
{
	if (!locks)
		return;
	for (size_t i = 0; i < locks->count; i++)
		free(locks->name[i]);
	pthread_mutex_destroy(&locks->lock);
	free(locks);
}

static size_t index_of(const struct sr_upload_locks *locks, const char *upload)
{
	size_t i = 0;

	while (i < locks->count && strcmp(locks->name[i], upload) != 0)
		i++;
	return i;
}

bool sr_upload_locks_take(struct sr_upload_locks *locks, const char *upload)
{
	char *copy = strdup(upload);
	bool taken = false;

	pthread_mutex_lock(&locks->lock);
	if (copy && locks->count < UPLOADS_MAX && index_of(locks, upload) == locks->count) {
		locks->name[locks->count++] = SR_MOVE(copy);
		taken = true;
	}
	pthread_mutex_unlock(&locks->lock);
	free(copy);
	return taken;
}

void sr_upload_locks_give_back(struct sr_upload_locks *locks, const char *upload)
{
	pthread_mutex_lock(&locks->lock);
	const size_t i = index_of(locks, upload);
	if (i < locks->count) {
		free(locks->name[i]);
		locks->name[i] = locks->name[--locks->count];
	}
	pthread_mutex_unlock(&locks->lock);
}
