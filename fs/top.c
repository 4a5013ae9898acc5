/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/top.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

#define CHANNEL "fs"

static enum sr_status ask(struct sr_fs *fs, const struct fuse_ctx *caller, const char *method,
                          const char *grant, json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;

	SR_TRY(SR_JSON_PACK(&parameters, err, "{s:I,s:I}", "uid", (json_int_t)caller->uid, "pid",
	                    (json_int_t)caller->pid));
	if (strcmp(method, "ListGrants") == 0)
		SR_TRY(sr_json_set(parameters, "state", json_string("live"), err));
	if (grant)
		SR_TRY(sr_json_set(parameters, "grant", json_string(grant), err));
	const struct sr_client_request request = { .method = method, .parameters = parameters };
	return sr_front_ask(fs->front, &request, reply, NULL, NULL, err);
}

static bool has_channel(const json_t *grant)
{
	size_t index;
	const json_t *channel;

	json_array_foreach(json_object_get(grant, "channels"), index, channel)
		if (json_is_string(channel) && strcmp(json_string_value(channel), CHANNEL) == 0)
			return true;
	return false;
}

/* Officials and others are told of grants that are not theirs to read. */
static enum sr_status keep_own(const json_t *grants, const char *user, json_t *into, struct sr_err *err)
{
	size_t index;
	const json_t *grant;

	json_array_foreach(grants, index, grant) {
		const char *reader = sr_json_text(grant, "reader");
		const char *id = sr_json_text(grant, "grant");

		if (id && reader && strcmp(reader, user) == 0 && has_channel(grant) &&
		    strlen(id) < SR_FS_GRANT_BYTES)
			SR_TRY(sr_json_append(into, json_string(id), err));
	}
	return SR_OK;
}

enum sr_status sr_fs_top_list(struct sr_fs *fs, const struct fuse_ctx *caller, const char *only, json_t **out,
                              struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *who = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *own = json_array();

	SR_TRY(ask(fs, caller, "WhoAmI", NULL, &who, err));
	const char *user = sr_json_text(who, "user");
	/* Nobody of the appliance, and roles that read nothing, see an empty folder. */
	enum sr_status status = user ? ask(fs, caller, "ListGrants", only, &reply, err) : SR_OK;
	if (status != SR_OK && status != SR_DENIED && status != SR_NOT_FOUND)
		return status;
	if (reply)
		SR_TRY(keep_own(json_object_get(reply, "grants"), user, own, err));
	*out = SR_MOVE(own);
	return SR_OK;
}

enum sr_status sr_fs_top_find(struct sr_fs *fs, const struct fuse_ctx *caller, const char *name,
                              struct sr_fs_grant **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *own = NULL;
	struct sr_fs_grant *grant = sr_fs_grants_find(fs->grants, name);

	/* Names that no grant has need no question: programs look for .Trash, .git and the like. */
	if (!grant && (name[0] != 'G' || strlen(name) >= SR_FS_GRANT_BYTES))
		return sr_fail(err, SR_NOT_FOUND, "no such grant");
	if (!grant) {
		SR_TRY(sr_fs_top_list(fs, caller, name, &own, err));
		if (json_array_size(own) != 1)
			return sr_fail(err, SR_NOT_FOUND, "no such grant");
		SR_TRY(sr_fs_grants_get(fs->grants, name, caller->uid, &grant, err));
	}
	if (atomic_load(&grant->state) == SR_FS_ENDED)
		return sr_fail(err, SR_NOT_FOUND, "the grant has ended");
	*out = grant;
	return SR_OK;
}
