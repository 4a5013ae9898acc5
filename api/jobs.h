/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that take long: answered with 202 at once, carried on in threads of their own, asked about with
 * GET /api/v1/jobs/{job}.  A job is its user's alone and is forgotten an hour after its end, sooner where
 * room is short, or when the server ends; what the command did is the keeper's to say.  Thread-safe.
 */
#pragma once

#include "api/keeper_link.h"
#include "appliance/base/err.h"

struct sr_request;
struct sr_jobs;

#define SR_JOB_THREADS 3u
#define SR_JOBS_MAX 256u
#define SR_JOBS_OF_USER 64u /* of one user that have not ended */
#define SR_JOBS_KEPT_S 3600

SR_CHECKED enum sr_status sr_jobs_new(const struct sr_keeper_link *link, struct sr_jobs **out,
                                      struct sr_err *err);
/* Waits for those that run.  NULL is allowed. */
void sr_jobs_free(struct sr_jobs *jobs);

/* Begin the command of the request's route; answers it with 202 {"job","state"} or a problem. */
void sr_jobs_begin(struct sr_request *request);
/* GET /api/v1/jobs/{job}: {"job","command","state","what","done","total","answer"|"problem"}. */
void sr_jobs_show(struct sr_request *request);
