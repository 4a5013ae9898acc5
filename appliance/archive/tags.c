/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/tags.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/archive/layout.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/text.h"

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

#define DATE_LABEL "Bagging-Date: "
#define AGENT_LABEL "Bag-Software-Agent: "
#define AGENT "Strongroom "
#define VALUE_BYTES 64

/* The whole text; @date and @agent alone do not follow from the archive itself. */
static enum sr_status put_info(const struct sr_cover *cover, uint64_t bytes, size_t members, const char *date,
                               const char *agent, struct sr_buf *out, struct sr_err *err)
{
	if (cover->organ[0])
		SR_TRY(sr_buf_printf(out, err, "Source-Organization: %s\n", cover->organ));
	/* A case may still get further parts, so how many there are in all is not known: "?". */
	return sr_buf_printf(out, err,
	                     DATE_LABEL "%s\n"
	                                "External-Identifier: %s\n"
	                                "Bag-Group-Identifier: %s\n"
	                                "Bag-Count: %u of ?\n"
	                                "Payload-Oxum: %" PRIu64 ".%zu\n" AGENT_LABEL "%s\n",
	                     date, cover->case_id, cover->case_id, cover->part, bytes, members, agent);
}

enum sr_status sr_tags_bag_info(const struct sr_cover *cover, const struct sr_inputs *inputs,
                                struct sr_buf *out, struct sr_err *err)
{
	char date[SR_TIME_TEXT];

	sr_date_format(sr_date_of_time(cover->sealed_at_ns), date);
	return put_info(cover, inputs->sealed_bytes, inputs->job->member_count, date, AGENT SR_VERSION, out,
	                err);
}

/* The rest of the line that begins with @label; empty where there is none, or it is too long. */
static void take_value(struct sr_bytes text, const char *label, char out[VALUE_BYTES])
{
	size_t skip = strlen(label);
	const uint8_t *at = text.size > 0 ? memmem(text.data, text.size, label, skip) : NULL;
	size_t left = at ? text.size - (size_t)(at - text.data) - skip : 0;
	const uint8_t *end = left > 0 ? memchr(at + skip, '\n', left) : NULL;
	size_t size = end ? (size_t)(end - at) - skip : 0;

	out[0] = 0;
	if (size >= VALUE_BYTES)
		return;
	memcpy(out, end ? at + skip : (const uint8_t *)"", size);
	out[size] = 0;
}

/* The appliance's zone is not known here, so that its date may be the day before or after that of UTC. */
static bool date_fits(const char *text, int64_t sealed_at_ns)
{
	int64_t utc = sealed_at_ns / SR_SECOND_NS / SR_DAY_S;
	int64_t days;

	return sr_date_parse(text, &days) && days >= utc - 1 && days <= utc + 1;
}

enum sr_status sr_tags_check_bag_info(struct sr_bytes text, const struct sr_cover *cover, uint64_t bytes,
                                      size_t members, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf expected = { 0 };
	char date[VALUE_BYTES], agent[VALUE_BYTES], shown[VALUE_BYTES];

	take_value(text, DATE_LABEL, date);
	take_value(text, AGENT_LABEL, agent);
	memcpy(shown, agent, sizeof(shown));
	sr_text_make_printable(shown, sizeof(shown));
	if (!date_fits(date, cover->sealed_at_ns))
		return sr_fail(err, SR_CORRUPT, "its date is not that of the sealing");
	if (!sr_text_starts_with(agent, AGENT) || strcmp(agent, shown) != 0)
		return sr_fail(err, SR_CORRUPT, "it was not written by Strongroom");
	SR_TRY(put_info(cover, bytes, members, date, agent, &expected, err));
	if (expected.size != text.size || memcmp(expected.data, text.data, text.size) != 0)
		return sr_fail(err, SR_CORRUPT, "it does not say what cover.json and the members do");
	return SR_OK;
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
