/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/rulebooks.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

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
