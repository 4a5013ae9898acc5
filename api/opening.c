/* SPDX-License-Identifier: Apache-2.0 */
#include "api/opening_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/base/secret.h"

static void opening_free(struct sr_opening *opening)
{
	if (!opening)
		return;
	sr_member_reader_close(opening->handle);
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

enum sr_status sr_opening_ask(const struct sr_keeper_link *link, const struct sr_opening_wanted *wanted,
                              struct sr_opening **out, char *refusal, struct sr_err *err)
{
	SR_CLEANUP(opening_freep) struct sr_opening *opening = calloc(1, sizeof(*opening));
	SR_CLEANUP(sr_descriptors_dispose) struct sr_descriptors got = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;

	if (!opening)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an open member");
	snprintf(opening->token, sizeof(opening->token), "%s", wanted->token);
	snprintf(opening->address, sizeof(opening->address), "%s", wanted->address);
	snprintf(opening->grant, sizeof(opening->grant), "%s", wanted->grant);
	snprintf(opening->case_id, sizeof(opening->case_id), "%s", wanted->case_id);
	snprintf(opening->channel, sizeof(opening->channel), "%s", wanted->channel);
	opening->member = wanted->member;
	json_t *parameters = json_pack("{s:s,s:s,s:s,s:s,s:I,s:s}", "session", wanted->token, "address",
	                               wanted->address, "grant", wanted->grant, "case", wanted->case_id,
	                               "member", (json_int_t)wanted->member, "channel", wanted->channel);
	SR_TRY(ask(link, "OpenMember", parameters, &reply, &got, refusal, err));
	SR_TRY(sr_member_reader_open(reply, sr_descriptors_take(&got, 0), &opening->handle, err));
	snprintf(opening->etag, sizeof(opening->etag), "\"%.64s\"",
	         sr_member_reader_info(opening->handle)->sha256);
	*out = SR_MOVE(opening);
	return SR_OK;
}

/* --- CloseMember ----------------------------------------------------------------------------------- */

void sr_opening_close(const struct sr_keeper_link *link, struct sr_opening *opening)
{
	json_t *parameters = NULL;
	char refusal[SR_MESSAGE_NAME_BYTES];
	struct sr_err err;

	enum sr_status status = sr_member_reader_closing(
		opening->handle, atomic_load(&opening->over) ? "revoked" : NULL, &parameters, &err);
	if (status == SR_OK)
		status = ask(link, "CloseMember", parameters, NULL, NULL, refusal, &err);
	if (status != SR_OK)
		sr_log(SR_LOG_WARNING, "api: access %llu could not be closed: %s",
		       (unsigned long long)sr_member_reader_info(opening->handle)->opened, err.text);
	opening_free(opening);
}

/* Damage that reading met is written down by the keeper, which looks for itself. */
void sr_opening_report(const struct sr_keeper_link *link, struct sr_opening *opening)
{
	const struct sr_member_info *info = sr_member_reader_info(opening->handle);
	char refusal[SR_MESSAGE_NAME_BYTES];
	struct sr_err err;
	uint64_t chunk;

	if (!sr_member_reader_take_damage(opening->handle, &chunk))
		return;
	json_t *parameters =
		json_pack("{s:s,s:i,s:i,s:I,s:s}", "case", info->case_id, "part", (int)info->part, "member",
	                  (int)info->member, "chunk", (json_int_t)chunk, "what", "a chunk does not decrypt");
	if (ask(link, "ReportFixity", parameters, NULL, NULL, refusal, &err) != SR_OK)
		sr_log(SR_LOG_WARNING, "api: damage could not be reported: %s", err.text);
}

/* --- what is known of it --------------------------------------------------------------------------- */

bool sr_opening_lives(const struct sr_keeper_link *link, uint64_t opened, const char *token,
                      const char *address)
{
	char refusal[SR_MESSAGE_NAME_BYTES];
	struct sr_err err;

	return ask(link, "CheckMember",
	           json_pack("{s:I,s:s,s:s}", "opened", (json_int_t)opened, "session", token, "address",
	                     address),
	           NULL, NULL, refusal, &err) == SR_OK;
}

uint64_t sr_opening_number(const struct sr_opening *opening)
{
	return sr_member_reader_info(opening->handle)->opened;
}

struct sr_opening_facts sr_opening_facts(const struct sr_opening *opening)
{
	const struct sr_member_info *info = sr_member_reader_info(opening->handle);

	return (struct sr_opening_facts){ .bytes = info->bytes,
		                          .etag = opening->etag,
		                          .path = info->path,
		                          .media_type = info->media_type,
		                          .no_cache = info->no_cache };
}

enum sr_status sr_opening_read(struct sr_opening *opening, uint64_t offset, void *out, size_t size,
                               size_t *got, struct sr_err *err)
{
	return sr_member_reader_read(opening->handle, offset, out, size, got, err);
}

bool sr_opening_is_over(const struct sr_opening *opening)
{
	return atomic_load(&opening->over);
}
