/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/buffers.h"

#include <pthread.h>
#include <stdlib.h>

struct sr_fs_buffers {
	pthread_mutex_t lock;
	pthread_cond_t given;
	size_t size, max, made, idle;
	struct sr_secret *list[]; /* the idle ones first */
};

enum sr_status sr_fs_buffers_new(size_t count, size_t size, struct sr_fs_buffers **out, struct sr_err *err)
{
	struct sr_fs_buffers *buffers = calloc(1, sizeof(*buffers) + count * sizeof(struct sr_secret *));

	if (!buffers)
		return sr_fail(err, SR_NO_MEMORY, "no memory for buffers");
	pthread_mutex_init(&buffers->lock, NULL);
	pthread_cond_init(&buffers->given, NULL);
	buffers->size = size;
	buffers->max = count;
	*out = buffers;
	return SR_OK;
}

void sr_fs_buffers_free(struct sr_fs_buffers *buffers)
{
	if (!buffers)
		return;
	for (size_t i = 0; i < buffers->idle; i++)
		sr_secret_free(buffers->list[i]);
	pthread_cond_destroy(&buffers->given);
	pthread_mutex_destroy(&buffers->lock);
	free(buffers);
}

enum sr_status sr_fs_buffers_take(struct sr_fs_buffers *buffers, struct sr_secret **out, struct sr_err *err)
{
	enum sr_status status = SR_OK;

	pthread_mutex_lock(&buffers->lock);
	while (buffers->idle == 0 && buffers->made == buffers->max)
		pthread_cond_wait(&buffers->given, &buffers->lock);
	if (buffers->idle > 0) {
		*out = buffers->list[--buffers->idle];
	} else {
		status = sr_secret_new(buffers->size, out, err);
		buffers->made += status == SR_OK;
	}
	pthread_mutex_unlock(&buffers->lock);
	return status;
}

void sr_fs_buffers_give(struct sr_fs_buffers *buffers, struct sr_secret *buffer)
{
	pthread_mutex_lock(&buffers->lock);
	buffers->list[buffers->idle++] = buffer;
	pthread_cond_signal(&buffers->given);
	pthread_mutex_unlock(&buffers->lock);
}

void sr_fs_buffers_wipe(struct sr_fs_buffers *buffers)
{
	pthread_mutex_lock(&buffers->lock);
	for (size_t i = 0; i < buffers->idle; i++)
		sr_wipe(buffers->list[i]->data, buffers->list[i]->size);
	pthread_mutex_unlock(&buffers->lock);
}
