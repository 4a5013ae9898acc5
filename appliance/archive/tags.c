/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/tags.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/archive/layout.h"
#include "appliance/base/clock.h"

enum sr_status sr_tags_add_digest(struct sr_buf *out, const struct sr_digest *digest, const char *name,
                                  struct sr_err *err)
{
	char hex[SR_DIGEST_HEX];

	sr_digest_to_hex(digest, hex);
	SR_TRY(sr_buf_add_text(out, hex, err));
	SR_TRY(sr_buf_add_text(out, "  ", err));
	SR_TRY(sr_buf_add_text(out, name, err));
	return sr_buf_add_text(out, "\n", err);
}

void sr_tags_member_name(size_t index, char out[SR_TAG_NAME])
{
	snprintf(out, SR_TAG_NAME, SR_NAME_MEMBER, (unsigned)(index + 1));
}

enum sr_status sr_tags_bag_info(const struct sr_cover *cover, const struct sr_inputs *inputs,
                                struct sr_buf *out, struct sr_err *err)
{
	char date[SR_TIME_TEXT];

	sr_date_format(sr_date_of_time(cover->sealed_at_ns), date);
	if (cover->organ[0])
		SR_TRY(sr_buf_printf(out, err, "Source-Organization: %s\n", cover->organ));
	/* A case may still get further parts, so how many there are in all is not known: "?". */
	return sr_buf_printf(out, err,
	                     "Bagging-Date: %s\n"
	                     "External-Identifier: %s\n"
	                     "Bag-Group-Identifier: %s\n"
	                     "Bag-Count: %u of ?\n"
	                     "Payload-Oxum: %" PRIu64 ".%zu\n"
	                     "Bag-Software-Agent: Strongroom " SR_VERSION "\n",
	                     date, cover->case_id, cover->case_id, cover->part, inputs->sealed_bytes,
	                     inputs->job->member_count);
}

enum sr_status sr_tags_manifest(const struct sr_inputs *inputs, struct sr_buf *out, struct sr_err *err)
{
	for (size_t i = 0; i < inputs->job->member_count; i++) {
		char name[SR_TAG_NAME];

		sr_tags_member_name(i, name);
		SR_TRY(sr_tags_add_digest(out, &inputs->list[i].sealed, name, err));
	}
	return SR_OK;
}

static enum sr_status add_seal_digest(struct sr_bytes content, const char *path, struct sr_buf *out,
                                      struct sr_err *err)
{
	struct sr_digest digest;

	SR_TRY(sr_digest_of(content.data, content.size, &digest, err));
	return sr_tags_add_digest(out, &digest, strrchr(path, '/') + 1, err);
}

enum sr_status sr_tags_seal_digests(struct sr_bytes signature, struct sr_bytes stamp, struct sr_buf *out,
                                    struct sr_err *err)
{
	SR_TRY(add_seal_digest(signature, SR_NAME_SIGNATURE, out, err));
	return add_seal_digest(stamp, SR_NAME_STAMP, out, err);
}
