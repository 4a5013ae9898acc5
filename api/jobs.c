/* SPDX-License-Identifier: Apache-2.0 */
#include "api/jobs.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/problem.h"
#include "api/request.h"
#include "api/service.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "appliance/base/text.h"
#include "appliance/keeper/wire/work_pool.h"

#define ID_BYTES 16u

struct job {
	struct job *next;
	struct sr_jobs *jobs;
	char id[2 * ID_BYTES + 2];
	char user[128];
	const char *command; /* of the route table */
	json_t *parameters;  /* with the session; until it has run */
	json_t *progress, *answer, *problem;
	bool running, ended;
	time_t ended_s;
};

struct sr_jobs {
	struct sr_keeper_link link;
	struct sr_work_pool *pool;
	pthread_mutex_t lock;
	struct job *first;
	size_t count;
};

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void job_free(struct job *job)
{
	json_decref(job->parameters);
	json_decref(job->progress);
	json_decref(job->answer);
	json_decref(job->problem);
	free(job);
}

enum sr_status sr_jobs_new(const struct sr_keeper_link *link, struct sr_jobs **out, struct sr_err *err)
{
	struct sr_jobs *jobs = calloc(1, sizeof(*jobs));

	if (!jobs)
		return sr_fail(err, SR_NO_MEMORY, "no memory for jobs");
	jobs->link = *link;
	pthread_mutex_init(&jobs->lock, NULL);
	enum sr_status status = sr_work_pool_new(SR_JOB_THREADS, SR_JOBS_MAX, &jobs->pool, err);
	if (status != SR_OK) {
		free(jobs);
		return status;
	}
	*out = jobs;
	return SR_OK;
}

void sr_jobs_free(struct sr_jobs *jobs)
{
	if (!jobs)
		return;
	sr_work_pool_free(jobs->pool);
	while (jobs->first) {
		struct job *next = jobs->first->next;

		job_free(jobs->first);
		jobs->first = next;
	}
	pthread_mutex_destroy(&jobs->lock);
	free(jobs);
}

/* --- running --------------------------------------------------------------------------------------- */

/* A further answer: {"what","done","total"}. */
static enum sr_status take_progress(void *context, const json_t *part, struct sr_err *err)
{
	struct job *job = context;
	json_t *copy = json_deep_copy(part);

	(void)err;
	pthread_mutex_lock(&job->jobs->lock);
	json_decref(job->progress);
	job->progress = copy;
	pthread_mutex_unlock(&job->jobs->lock);
	return SR_OK;
}

static void run(void *context)
{
	struct job *job = context;
	struct sr_jobs *jobs = job->jobs;
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = SR_MOVE(job->parameters);
	const struct sr_client_request request = {
		.method = job->command, .parameters = parameters, .each = take_progress, .context = job
	};
	char refusal[SR_MESSAGE_NAME_BYTES] = "";
	json_t *answer = NULL;
	struct sr_err err;

	pthread_mutex_lock(&jobs->lock);
	job->running = true;
	pthread_mutex_unlock(&jobs->lock);
	enum sr_status status = jobs->link.ask(jobs->link.context, &request, &answer, NULL, refusal, &err);
	if (status != SR_OK && sr_problem_status(refusal[0] ? refusal : sr_problem_name(status)) == 500)
		sr_log(SR_LOG_WARNING, "api: job %s: %s", job->command, err.text);
	pthread_mutex_lock(&jobs->lock);
	job->running = false;
	job->ended = true;
	job->ended_s = now_s();
	job->answer = answer;
	if (status != SR_OK)
		job->problem = sr_problem_of(refusal[0] ? refusal : sr_problem_name(status), 0, &err);
	pthread_mutex_unlock(&jobs->lock);
}

/* Under the lock. */
static void forget_old(struct sr_jobs *jobs)
{
	struct job **at = &jobs->first;

	while (*at) {
		struct job *job = *at;

		if (!job->ended || now_s() - job->ended_s < SR_JOBS_KEPT_S) {
			at = &job->next;
			continue;
		}
		*at = job->next;
		jobs->count--;
		job_free(job);
	}
}

/* --- beginning ------------------------------------------------------------------------------------- */

static enum sr_status make(struct sr_request *request, json_t *parameters, const char *user, struct job **out,
                           struct sr_err *err)
{
	uint8_t random[ID_BYTES];
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a job");
	enum sr_status status = sr_random_fill(random, sizeof(random), err);
	if (status == SR_OK)
		status = sr_request_claim(request, parameters, err);
	if (status != SR_OK) {
		free(job);
		return status;
	}
	job->id[0] = 'j';
	sr_hex_encode(random, sizeof(random), job->id + 1);
	snprintf(job->user, sizeof(job->user), "%s", user);
	job->command = request->match.route->command;
	job->jobs = request->service->jobs;
	*out = job;
	return SR_OK;
}

/* Under the lock.  Where there are too many, the one that ended and was begun first is forgotten early. */
static void make_room(struct sr_jobs *jobs)
{
	struct job **oldest = NULL;

	for (struct job **at = &jobs->first; *at; at = &(*at)->next)
		if ((*at)->ended)
			oldest = at;
	if (jobs->count < SR_JOBS_MAX || !oldest)
		return;
	struct job *job = *oldest;
	*oldest = job->next;
	jobs->count--;
	job_free(job);
}

/* Under the lock: so many of a user's jobs have not ended. */
static size_t under_way(const struct sr_jobs *jobs, const char *user)
{
	size_t count = 0;

	for (const struct job *job = jobs->first; job; job = job->next)
		count += !job->ended && strcmp(job->user, user) == 0;
	return count;
}

static enum sr_status submit(struct sr_jobs *jobs, struct job *job, struct sr_err *err)
{
	enum sr_status status;

	pthread_mutex_lock(&jobs->lock);
	forget_old(jobs);
	make_room(jobs);
	if (under_way(jobs, job->user) >= SR_JOBS_OF_USER)
		status = sr_fail(err, SR_BUSY, "%u of your jobs wait already; wait until some have ended",
		                 SR_JOBS_OF_USER);
	else if (jobs->count >= SR_JOBS_MAX)
		status = sr_fail(err, SR_BUSY, "too many jobs wait");
	else
		status = sr_work_pool_submit(jobs->pool, run, job, false, err);
	if (status == SR_OK) {
		job->next = jobs->first;
		jobs->first = job;
		jobs->count++;
	}
	pthread_mutex_unlock(&jobs->lock);
	return status;
}

static void answer_begun(struct sr_request *request, const char *id)
{
	struct sr_err err;

	sr_request_json(request, json_pack("{s:s,s:s}", "job", id, "state", "waiting"));
	request->answer.status = 202;
	if (sr_answer_header(&request->answer, &err, "Location", "/api/v1/jobs/%s", id) != SR_OK)
		sr_request_problem(request, "NoMemory", NULL);
}

void sr_jobs_begin(struct sr_request *request)
{
	SR_CLEANUP(sr_json_decrefp) json_t *who = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	struct job *job = NULL;
	struct sr_err err;
	char id[sizeof(job->id)];

	if (!sr_request_parameters(request, &parameters) ||
	    !sr_request_ask(request, "WhoAmI", json_object(), &who, NULL))
		return;
	const char *user = sr_json_text(who, "user");
	if (!user) {
		sr_request_problem(request, "NotSignedIn", NULL);
		return;
	}
	enum sr_status status = make(request, parameters, user, &job, &err);
	if (status == SR_OK) {
		assert(job != NULL);
		memcpy(id, job->id, sizeof(id));
		job->parameters = SR_MOVE(parameters);
		status = submit(request->service->jobs, job, &err);
		if (status != SR_OK)
			job_free(job);
	}
	if (status == SR_OK)
		answer_begun(request, id);
	else
		sr_request_refused(request, "", status, &err);
}

/* --- asking ---------------------------------------------------------------------------------------- */

static enum sr_status describe(const struct job *job, json_t **out, struct sr_err *err)
{
	static const char *const keys[] = { "what", "done", "total" };
	const char *state =
		!job->ended ? (job->running ? "running" : "waiting") : (job->problem ? "failed" : "done");
	SR_CLEANUP(sr_json_decrefp) json_t *object = NULL;

	SR_TRY(SR_JSON_PACK(&object, err, "{s:s,s:s,s:s}", "job", job->id, "command", job->command, "state",
	                    state));
	for (size_t i = 0; i < SR_COUNT(keys); i++)
		if (json_object_get(job->progress, keys[i]))
			SR_TRY(sr_json_set(object, keys[i],
			                   json_incref(json_object_get(job->progress, keys[i])), err));
	if (job->answer)
		SR_TRY(sr_json_set(object, "answer", json_deep_copy(job->answer), err));
	if (job->problem)
		SR_TRY(sr_json_set(object, "problem", json_deep_copy(job->problem), err));
	*out = json_deep_copy(object); /* nothing shared with the thread that runs the job */
	return *out ? SR_OK : sr_fail(err, SR_NO_MEMORY, "no memory for an answer");
}

void sr_jobs_show(struct sr_request *request)
{
	struct sr_jobs *jobs = request->service->jobs;
	const char *id = sr_request_value(request, "job");
	SR_CLEANUP(sr_json_decrefp) json_t *who = NULL;
	json_t *answer = NULL;
	struct sr_err err;

	if (!sr_request_ask(request, "WhoAmI", json_object(), &who, NULL))
		return;
	const char *user = sr_json_text(who, "user");
	enum sr_status status = sr_fail(&err, SR_NOT_FOUND, "there is no job %s that you may know of", id);
	pthread_mutex_lock(&jobs->lock);
	for (const struct job *job = jobs->first; user && job; job = job->next)
		if (strcmp(job->id, id) == 0 && strcmp(job->user, user) == 0)
			status = describe(job, &answer, &err);
	pthread_mutex_unlock(&jobs->lock);
	if (status == SR_OK)
		sr_request_json(request, answer);
	else
		sr_request_refused(request, "", status, &err);
}
