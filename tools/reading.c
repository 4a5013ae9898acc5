/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/reading.h"

#include <pthread.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/secret.h"
#include "appliance/base/wait.h"
#include "appliance/keeper/state/ranges.h"

#define BUFFER_BYTES ((size_t)1 << 20)
#define WATCH_S 2

enum sr_status sr_reading_name_refusal(const struct sr_client *client, enum sr_status status,
                                       struct sr_err *err)
{
	const char *dot = strrchr(sr_client_error(client), '.');

	if (!dot || status != SR_DENIED)
		return status;
	if (strcmp(dot + 1, "Revoked") == 0 || strcmp(dot + 1, "Expired") == 0)
		return sr_fail_in(err, status, "NotGranted (%s): ", dot + 1);
	return sr_fail_in(err, status, "%s: ", dot + 1);
}

/* --- the grant's life ------------------------------------------------------------------------------ */

/* A thread that asks now and then; the client is its own while it runs. */
struct watch {
	struct sr_client *client;
	struct sr_member_handle *handle;
	pthread_t thread;
	bool runs;
	pthread_mutex_t lock;
	pthread_cond_t stop_now;
	bool stop;
	enum sr_status status; /* once it is stopped: why the reading was cut */
	struct sr_err err;
};

static void *watch_grant(void *context)
{
	struct watch *watch = context;
	const uint64_t opened = sr_member_reader_info(watch->handle)->opened;

	pthread_mutex_lock(&watch->lock);
	while (!watch->stop && watch->status == SR_OK) {
		if (sr_wait_for(&watch->stop_now, &watch->lock, WATCH_S * SR_SECOND_NS) || watch->stop)
			continue;
		pthread_mutex_unlock(&watch->lock);
		enum sr_status status =
			sr_client_call(watch->client, "CheckMember",
		                       json_pack("{s:I}", "opened", (json_int_t)opened), NULL, &watch->err);
		if (status != SR_OK)
			sr_member_reader_invalidate(watch->handle);
		pthread_mutex_lock(&watch->lock);
		watch->status = status;
	}
	pthread_mutex_unlock(&watch->lock);
	return NULL;
}

static enum sr_status watch_start(struct watch *watch, struct sr_err *err)
{
	pthread_mutex_init(&watch->lock, NULL);
	pthread_cond_init(&watch->stop_now, NULL);
	watch->runs = pthread_create(&watch->thread, NULL, watch_grant, watch) == 0;
	return watch->runs ? SR_OK : sr_fail(err, SR_BUSY, "no thread could be started");
}

/* Its word counts before that of a read that it cut. */
static enum sr_status watch_stop(struct watch *watch, enum sr_status status, struct sr_err *err)
{
	if (watch->runs) {
		pthread_mutex_lock(&watch->lock);
		watch->stop = true;
		pthread_cond_signal(&watch->stop_now);
		pthread_mutex_unlock(&watch->lock);
		pthread_join(watch->thread, NULL);
	}
	pthread_cond_destroy(&watch->stop_now);
	pthread_mutex_destroy(&watch->lock);
	if (watch->status == SR_OK || status != SR_DENIED)
		return status;
	*err = watch->err;
	return sr_reading_name_refusal(watch->client, watch->status, err);
}

/* --- one member ------------------------------------------------------------------------------------ */

struct stretch {
	uint64_t from, to, taken;
};

static enum sr_status open_member(struct sr_client *client, const struct sr_reading_request *request,
                                  struct sr_member_handle **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *words = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *answer = NULL;
	SR_CLEANUP(sr_descriptors_dispose) struct sr_descriptors got = { 0 };

	words = json_pack("{s:s,s:s,s:I,s:s}", "grant", request->grant, "case", request->case_reference,
	                  "member", (json_int_t)request->member, "channel", request->channel);
	if (!words)
		return sr_fail(err, SR_INVALID, "what was typed is not UTF-8");
	const struct sr_client_request call = { .method = "OpenMember", .parameters = words };
	enum sr_status status = sr_client_ask(client, &call, &answer, &got, err);
	if (status != SR_OK)
		return sr_reading_name_refusal(client, status, err);
	int fd = sr_descriptors_take(&got, 0);
	if (fd < 0)
		return sr_fail(err, SR_CORRUPT, "the keeper gave no archive");
	return sr_member_reader_open(answer, fd, out, err);
}

static enum sr_status copy(struct sr_member_handle *handle, const struct sr_reading_request *request,
                           struct stretch *stretch, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *buffer = NULL;
	uint64_t at = stretch->from;
	bool enough = false;

	SR_TRY(sr_secret_new(BUFFER_BYTES, &buffer, err));
	while (at < stretch->to && !enough) {
		/* To the end of a chunk, so that each is decrypted once. */
		uint64_t want = BUFFER_BYTES - at % BUFFER_BYTES;
		size_t got, taken = 0;

		if (want > stretch->to - at)
			want = stretch->to - at;
		SR_TRY(sr_member_reader_read(handle, at, buffer->data, (size_t)want, &got, err));
		enum sr_status status =
			request->take(request->context, buffer->data, got, &taken, &enough, err);
		stretch->taken += taken;
		SR_TRY(status);
		at += got;
	}
	return SR_OK;
}

static enum sr_status read_stretch(struct sr_member_handle *handle, const struct sr_reading_request *request,
                                   struct stretch *stretch, struct sr_err *err)
{
	const struct sr_member_info *info = sr_member_reader_info(handle);

	stretch->to = info->bytes;
	if (request->place)
		SR_TRY(request->place(request->context, info->bytes, &stretch->from, &stretch->to, err));
	if (request->begin)
		SR_TRY(request->begin(request->context, info, err));
	enum sr_status status = copy(handle, request, stretch, err);
	if (status == SR_TAMPERED || status == SR_CORRUPT)
		return sr_fail_in(err, status, "%s is damaged: ", info->path);
	return status;
}

static enum sr_status close_member(struct sr_client *client, const struct sr_member_handle *handle,
                                   const struct stretch *stretch, const char *why, struct sr_err *err)
{
	struct sr_ranges ranges = { 0 };
	json_t *list = NULL, *words;

	if (stretch->taken > 0)
		sr_ranges_add(&ranges, stretch->from, stretch->from + stretch->taken - 1);
	SR_TRY(sr_ranges_to_json(&ranges, &list, err));
	words = json_pack("{s:I,s:I,s:o,s:s}", "opened", (json_int_t)sr_member_reader_info(handle)->opened,
	                  "bytes", (json_int_t)stretch->taken, "ranges", list, "why", why);
	return sr_client_call(client, "CloseMember", words, NULL, err);
}

/* The log says where the vault is damaged; that it could not be told changes nothing for the reader. */
static void report_damage(struct sr_client *client, struct sr_member_handle *handle)
{
	const struct sr_member_info *info = sr_member_reader_info(handle);
	struct sr_err ignored;
	uint64_t chunk;

	if (!sr_member_reader_take_damage(handle, &chunk))
		return;
	(void)!sr_client_call(client, "ReportFixity",
	                      json_pack("{s:s,s:i,s:i,s:I,s:s}", "case", info->case_id, "part",
	                                (int)info->part, "member", (int)info->member, "chunk",
	                                (json_int_t)chunk, "what", "damaged"),
	                      NULL, &ignored);
}

static const char *reason(enum sr_status status)
{
	if (status == SR_OK)
		return "read";
	if (status == SR_DENIED)
		return "ended";
	return status == SR_TAMPERED || status == SR_CORRUPT ? "damaged" : "failed";
}

enum sr_status sr_reading_run(struct sr_client *client, const struct sr_reading_request *request,
                              struct sr_err *err)
{
	SR_CLEANUP(sr_member_reader_closep) struct sr_member_handle *handle = NULL;
	struct stretch stretch = { 0 };
	struct sr_err second;

	SR_TRY(open_member(client, request, &handle, err));
	struct watch watch = { .client = client, .handle = handle };
	enum sr_status status = watch_start(&watch, err);
	if (status == SR_OK)
		status = read_stretch(handle, request, &stretch, err);
	status = watch_stop(&watch, status, err);
	report_damage(client, handle);
	enum sr_status closed = close_member(client, handle, &stretch, reason(status), &second);
	if (status == SR_OK && closed != SR_OK)
		*err = second;
	return status == SR_OK ? closed : status;
}
