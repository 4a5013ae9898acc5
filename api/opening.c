/* SPDX-License-Identifier: Apache-2.0 */
#include "api/opening_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/base/secret.h"
#include "appliance/base/text.h"

static void opening_free(struct sr_opening *opening)
{
	if (!opening)
		return;
	sr_fd_close(opening->fd);
	sr_secret_free(opening->key);
	free(opening->path);
	free(opening->media_type);
	sr_wipe(opening, sizeof(*opening));
	free(opening);
}

static void opening_freep(struct sr_opening **opening)
{
	opening_free(*opening);
	*opening = NULL;
}

static enum sr_status ask(const struct sr_keeper_link *link, const char *method, json_t *parameters,
                          json_t **reply, struct sr_descriptors *got, char *refusal, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *taken = parameters;
	const struct sr_client_request request = { .method = method, .parameters = taken };

	if (!taken)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a call");
	return link->ask(link->context, &request, reply, got, refusal, err);
}

/* --- OpenMember ------------------------------------------------------------------------------------ */

static enum sr_status take_key(struct sr_opening *opening, const json_t *reply, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf key = { .secret = true };
	const char *text;

	SR_TRY(sr_json_need_text(reply, "key", &text, err));
	SR_TRY(sr_base64_decode(SR_BASE64_PADDED, text, strlen(text), &key, err));
	SR_TRY(sr_secret_new(key.size ? key.size : 1, &opening->key, err));
	memcpy(opening->key->data, key.data, key.size);
	SR_TRY(sr_json_need_text(reply, "suite", &text, err));
	opening->suite = sr_member_suite(text);
	if (!opening->suite)
		return sr_fail(err, SR_CORRUPT, "the keeper names a suite that is not known: %s", text);
	return SR_OK;
}

static enum sr_status take_names(struct sr_opening *opening, const json_t *reply, struct sr_err *err)
{
	const char *path, *sha256, *media_type = sr_json_text(reply, "media_type");

	SR_TRY(sr_json_need_text(reply, "path", &path, err));
	SR_TRY(sr_json_need_text(reply, "sha256", &sha256, err));
	snprintf(opening->etag, sizeof(opening->etag), "\"%.64s\"", sha256);
	opening->path = strdup(path);
	opening->media_type = strdup(media_type ? media_type : "");
	if (!opening->path || !opening->media_type)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an open member");
	opening->no_cache = json_is_true(json_object_get(reply, "no_cache"));
	return SR_OK;
}

static enum sr_status take_reply(struct sr_opening *opening, const json_t *reply, struct sr_descriptors *got,
                                 struct sr_err *err)
{
	SR_TRY(sr_json_need_u64(reply, "opened", INT64_MAX, &opening->opened, err));
	SR_TRY(sr_json_need_u64(reply, "entry", INT64_MAX, &opening->entry, err));
	SR_TRY(sr_json_need_u64(reply, "offset", INT64_MAX, &opening->offset, err));
	SR_TRY(sr_json_need_u64(reply, "bytes", INT64_MAX, &opening->bytes, err));
	SR_TRY(take_key(opening, reply, err));
	SR_TRY(take_names(opening, reply, err));
	opening->fd = sr_descriptors_take(got, 0);
	if (opening->fd < 0)
		return sr_fail(err, SR_IO, "the keeper passed no descriptor");
	return SR_OK;
}

enum sr_status sr_opening_ask(const struct sr_keeper_link *link, const struct sr_opening_wanted *wanted,
                              struct sr_opening **out, char *refusal, struct sr_err *err)
{
	SR_CLEANUP(opening_freep) struct sr_opening *opening = calloc(1, sizeof(*opening));
	SR_CLEANUP(sr_descriptors_dispose) struct sr_descriptors got = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;

	if (!opening)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an open member");
	opening->fd = -1;
	snprintf(opening->token, sizeof(opening->token), "%s", wanted->token);
	snprintf(opening->address, sizeof(opening->address), "%s", wanted->address);
	snprintf(opening->grant, sizeof(opening->grant), "%s", wanted->grant);
	snprintf(opening->case_id, sizeof(opening->case_id), "%s", wanted->case_id);
	opening->member = wanted->member;
	json_t *parameters = json_pack("{s:s,s:s,s:s,s:s,s:I,s:s}", "session", wanted->token, "address",
	                               wanted->address, "grant", wanted->grant, "case", wanted->case_id,
	                               "member", (json_int_t)wanted->member, "channel", "web");
	SR_TRY(ask(link, "OpenMember", parameters, &reply, &got, refusal, err));
	enum sr_status status = take_reply(opening, reply, &got, err);
	if (status != SR_OK) {
		if (opening->opened)
			sr_opening_close(link, SR_MOVE(opening));
		return status;
	}
	*out = SR_MOVE(opening);
	return SR_OK;
}

/* --- CloseMember ----------------------------------------------------------------------------------- */

void sr_opening_close(const struct sr_keeper_link *link, struct sr_opening *opening)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	char refusal[SR_MESSAGE_NAME_BYTES];
	json_t *ranges = NULL;
	struct sr_err err;

	enum sr_status status = sr_ranges_to_json(&opening->ranges, &ranges, &err);
	if (status == SR_OK)
		status = SR_JSON_PACK(&parameters, &err, "{s:I,s:I,s:o}", "opened",
		                      (json_int_t)opening->opened, "bytes", (json_int_t)opening->bytes_given,
		                      "ranges", ranges);
	if (status == SR_OK)
		status = ask(link, "CloseMember", SR_MOVE(parameters), NULL, NULL, refusal, &err);
	if (status != SR_OK)
		sr_log(SR_LOG_WARNING, "api: access %llu could not be closed: %s",
		       (unsigned long long)opening->opened, err.text);
	opening_free(opening);
}

/* --- what is known of it --------------------------------------------------------------------------- */

bool sr_opening_session_lives(const struct sr_keeper_link *link, const char *token, const char *address)
{
	SR_CLEANUP(sr_json_decrefp) json_t *who = NULL;
	char refusal[SR_MESSAGE_NAME_BYTES];
	struct sr_err err;

	return ask(link, "WhoAmI", json_pack("{s:s,s:s}", "session", token, "address", address), &who, NULL,
	           refusal, &err) == SR_OK &&
	       sr_json_text(who, "user");
}

struct sr_opening_facts sr_opening_facts(const struct sr_opening *opening)
{
	return (struct sr_opening_facts){ .bytes = opening->bytes,
		                          .etag = opening->etag,
		                          .path = opening->path,
		                          .media_type = opening->media_type,
		                          .no_cache = opening->no_cache };
}

enum sr_status sr_opening_reader(const struct sr_opening *opening, struct sr_member_reader *out,
                                 struct sr_err *err)
{
	return sr_member_open_key(opening->suite, opening->fd, opening->offset, opening->bytes,
	                          opening->key->data, out, err);
}

bool sr_opening_is_over(const struct sr_opening *opening)
{
	return atomic_load(&opening->over);
}
