/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/rulebooks.h"

#include <fcntl.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/keeper/offline.h"

enum sr_status sr_rulebook_digest(const struct sr_rulebook *rulebook, char out[SR_DIGEST_HEX],
                                  struct sr_err *err)
{
	struct sr_bytes text = sr_rulebook_text(rulebook);
	struct sr_digest digest;

	SR_TRY(sr_digest_of(text.data, text.size, &digest, err));
	sr_digest_to_hex(&digest, out);
	return SR_OK;
}

enum sr_status sr_rulebook_to_json(const struct sr_rulebook *rulebook, json_t **out, struct sr_err *err)
{
	char digest[SR_DIGEST_HEX];

	SR_TRY(sr_rulebook_digest(rulebook, digest, err));
	return SR_JSON_PACK(out, err, "{s:s,s:s,s:s,s:I,s:s}", "name", sr_rulebook_name(rulebook), "title_zh",
	                    sr_rulebook_title_zh(rulebook), "title_en", sr_rulebook_title_en(rulebook),
	                    "rules", (json_int_t)sr_rulebook_rule_count(rulebook), "digest", digest);
}

enum sr_status sr_offline_rulebooks(json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf names = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	const char *text;

	SR_TRY(sr_rulebook_list(&names, err));
	SR_TRY(sr_buf_text(&names, &text, err));
	for (const char *name = text; *name; name = strchr(name, '\n') + 1) {
		SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
		char single[64] = "";
		json_t *one = NULL;

		strncat(single, name, strcspn(name, "\n") < sizeof(single) ? strcspn(name, "\n") : 0);
		SR_TRY(sr_rulebook_load(single, &rulebook, err));
		SR_TRY(sr_rulebook_to_json(rulebook, &one, err));
		SR_TRY(sr_json_append(list, one, err));
	}
	return SR_JSON_PACK(reply, err, "{s:O}", "rulebooks", list);
}

enum sr_status sr_offline_rulebook_check(const char *path, json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;

	SR_TRY(sr_fd_read_file(AT_FDCWD, path, SR_LIMIT_PACK_BYTES, &text, err));
	enum sr_status status = sr_rulebook_parse(sr_buf_bytes(&text), &rulebook, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s: ", path);
	return sr_rulebook_to_json(rulebook, reply, err);
}
