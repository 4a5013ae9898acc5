/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/viewings.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/clock.h"

#define VIEWINGS 256
#define IDLE_NS (60 * SR_SECOND_NS)

struct viewing {
	struct sr_digest what;
	int64_t last_ns; /* 0: free */
};

struct sr_viewings {
	pthread_mutex_t lock;
	struct viewing list[VIEWINGS];
};

enum sr_status sr_viewings_new(struct sr_viewings **out, struct sr_err *err)
{
	struct sr_viewings *viewings = calloc(1, sizeof(*viewings));

	if (!viewings)
		return sr_fail(err, SR_NO_MEMORY, "no memory for viewings of drafts");
	pthread_mutex_init(&viewings->lock, NULL);
	*out = viewings;
	return SR_OK;
}

void sr_viewings_free(struct sr_viewings *viewings)
{
	if (!viewings)
		return;
	pthread_mutex_destroy(&viewings->lock);
	free(viewings);
}

bool sr_viewings_go_on(struct sr_viewings *viewings, const struct sr_digest *what, int64_t now_ns)
{
	bool goes_on = false;

	pthread_mutex_lock(&viewings->lock);
	for (size_t i = 0; i < VIEWINGS && !goes_on; i++) {
		struct viewing *viewing = &viewings->list[i];

		goes_on = viewing->last_ns && now_ns - viewing->last_ns < IDLE_NS &&
		          memcmp(&viewing->what, what, sizeof(*what)) == 0;
		if (goes_on)
			viewing->last_ns = now_ns;
	}
	pthread_mutex_unlock(&viewings->lock);
	return goes_on;
}

void sr_viewings_begin(struct sr_viewings *viewings, const struct sr_digest *what, int64_t now_ns)
{
	struct viewing *oldest = viewings->list;

	pthread_mutex_lock(&viewings->lock);
	for (size_t i = 1; i < VIEWINGS; i++)
		if (viewings->list[i].last_ns < oldest->last_ns)
			oldest = &viewings->list[i];
	*oldest = (struct viewing){ .what = *what, .last_ns = now_ns };
	pthread_mutex_unlock(&viewings->lock);
}
