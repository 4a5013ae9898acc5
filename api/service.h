/* SPDX-License-Identifier: Apache-2.0 */
/* What all requests share.  The parts are thread-safe. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "api/jobs.h"
#include "api/keeper_link.h"
#include "api/metrics.h"
#include "api/openings.h"
#include "api/upload_locks.h"

struct sr_service {
	struct sr_keeper_link link;
	struct sr_openings *openings;
	struct sr_upload_locks *upload_locks;
	struct sr_jobs *jobs;
	struct sr_metrics *metrics;
	struct sr_buf openapi;   /* the document, made at start */
	bool metrics_everywhere; /* /metrics for every address, not this machine's alone */
	atomic_bool stopping;
};

SR_CHECKED enum sr_status sr_service_open(const struct sr_keeper_link *link, struct sr_service **out,
                                          struct sr_err *err);
/* No request may be left.  NULL is allowed. */
void sr_service_close(struct sr_service *service);
static inline void sr_service_closep(struct sr_service **service)
{
	sr_service_close(*service);
	*service = NULL;
}
