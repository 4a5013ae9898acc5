/* SPDX-License-Identifier: Apache-2.0 */
/* Rulebook packs, for programs without a keeper. */
#include "appliance/keeper/offline.h"

#include <fcntl.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/casefile/pack_shelf.h"
#include "appliance/keeper/core/rulebooks.h"

enum sr_status sr_offline_rulebooks(json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	const struct sr_pack *packs;
	size_t count;

	SR_TRY(sr_pack_shelf_list(&packs, &count, err));
	for (size_t i = 0; i < count; i++) {
		SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
		json_t *one = NULL;

		SR_TRY(sr_rulebook_load(packs[i].name, &rulebook, err));
		SR_TRY(sr_rulebook_to_json(rulebook, &one, err));
		SR_TRY(sr_json_append(list, one, err));
		SR_TRY(sr_json_set(one, "own", json_boolean(packs[i].own), err));
	}
	return SR_JSON_PACK(reply, err, "{s:O}", "rulebooks", list);
}

/* A table of holidays for the folder of own packs. */
static enum sr_status holidays_to_json(struct sr_bytes text, json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *tables = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *years = json_array();
	struct sr_digest digest;
	char hex[SR_DIGEST_HEX];
	const char *year;
	json_t *table;

	SR_TRY(sr_own_holidays_parse(text, &tables, err));
	json_object_foreach(json_object_get(tables, SR_OWN_HOLIDAYS), year, table)
		SR_TRY(sr_json_append(years, json_string(year), err));
	SR_TRY(sr_digest_of(text.data, text.size, &digest, err));
	sr_digest_to_hex(&digest, hex);
	return SR_JSON_PACK(reply, err, "{s:s,s:O,s:s}", "name", SR_OWN_HOLIDAYS, "years", years, "digest",
	                    hex);
}

static enum sr_status judge_file(const char *path, struct sr_bytes text, json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	const char *slash = strrchr(path, '/');

	if (strcmp(slash ? slash + 1 : path, SR_OWN_HOLIDAYS ".json") == 0)
		return holidays_to_json(text, reply, err);
	SR_TRY(sr_rulebook_parse(text, &rulebook, err));
	return sr_rulebook_to_json(rulebook, reply, err);
}

enum sr_status sr_offline_rulebook_check(const char *path, json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_fd_read_file(AT_FDCWD, path, SR_LIMIT_PACK_BYTES, &text, err));
	enum sr_status status = judge_file(path, sr_buf_bytes(&text), reply, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "%s: ", path);
}

void sr_offline_use_rulebooks(const char *folder)
{
	sr_pack_shelf_use(folder);
}
