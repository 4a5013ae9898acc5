/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/cover.h"

#include <string.h>

#include "appliance/archive/layout.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/crypto/suite.h"

/* Every key, in the order in which they are written. */
static const char *const keys[] = {
	"format",     "case",      "part",      "previous_seal",   "organ",
	"organ_code", "sealed_at", "retention", "retention_until", "classification",
	"members",    "bytes",     "suite",
};

#define BYTES_MAX ((uint64_t)SR_LIMIT_MEMBERS * SR_LIMIT_MEMBER_BYTES)

/* Valid UTF-8 without control characters: it is shown to people. */
static bool is_one_line(const char *text)
{
	if (!sr_utf8_is_valid(text, strlen(text)))
		return false;
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return false;
	return true;
}

static bool retention_fits(const struct sr_cover *cover)
{
	int64_t days;

	if (strcmp(cover->retention, "permanent") == 0)
		return cover->retention_until[0] == 0;
	return (strcmp(cover->retention, "30y") == 0 || strcmp(cover->retention, "10y") == 0) &&
	       sr_date_parse(cover->retention_until, &days);
}

/* "none", or some of the others, each once and in this order, with commas between. */
static bool classification_fits(const char *list)
{
	static const char *const names[] = { "privacy", "commercial", "state-secret" };
	const char *at = list;

	if (strcmp(list, "none") == 0)
		return true;
	for (size_t i = 0; i < SR_COUNT(names); i++) {
		size_t size = strcspn(at, ",");

		if (size != strlen(names[i]) || memcmp(at, names[i], size) != 0)
			continue;
		if (at[size] == 0)
			return true;
		at += size + 1;
	}
	return false;
}

/* What holds for every cover, written or read. */
static enum sr_status check(const struct sr_cover *cover, enum sr_status status, struct sr_err *err)
{
	char time[SR_TIME_TEXT];
	int64_t back;

	if (!sr_uuid_is_valid(cover->case_id))
		return sr_fail(err, status, "\"case\" is no case id (a UUID of version 7 in small letters)");
	if (cover->part < 1 || cover->part > SR_LIMIT_PARTS)
		return sr_fail(err, status, "\"part\" is not from 1 to %u", SR_LIMIT_PARTS);
	if (cover->has_previous != (cover->part > 1))
		return sr_fail(err, status, "\"previous_seal\" must be given from part 2 on, and only there");
	if (!is_one_line(cover->organ) || !is_one_line(cover->organ_code))
		return sr_fail(err, status, "\"organ\" or \"organ_code\" is not one line of text");
	sr_time_format_utc(cover->sealed_at_ns, time);
	if (cover->sealed_at_ns < 0 || !sr_time_parse(time, &back) || back != cover->sealed_at_ns)
		return sr_fail(err, status, "\"sealed_at\" is not a whole second from 1970 to 2200");
	if (!retention_fits(cover))
		return sr_fail(err, status,
		               "\"retention\" is not permanent, 30y or 10y with the date of its end");
	if (!classification_fits(cover->classification))
		return sr_fail(
			err, status,
			"\"classification\" is neither none nor some of privacy,commercial,state-secret "
			"in this order");
	if (cover->members < 1 || cover->members > SR_LIMIT_MEMBERS)
		return sr_fail(err, status, "\"members\" is not from 1 to %u", SR_LIMIT_MEMBERS);
	if (cover->bytes > BYTES_MAX)
		return sr_fail(err, status, "\"bytes\" is over %llu", (unsigned long long)BYTES_MAX);
	if (!sr_suite_find(cover->suite))
		return sr_fail(err, status, "suite \"%s\" is unknown; this version knows %s", cover->suite,
		               SR_SUITE_AGE_X25519);
	return SR_OK;
}

enum sr_status sr_cover_encode(const struct sr_cover *cover, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *root = NULL;
	char sealed_at[SR_TIME_TEXT];
	char previous[SR_DIGEST_HEX];

	enum sr_status status = check(cover, SR_INVALID, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "cover.json: ");
	sr_time_format_utc(cover->sealed_at_ns, sealed_at);
	sr_hex_encode(cover->previous.bytes, SR_DIGEST_BYTES, previous);
	SR_TRY(SR_JSON_PACK(&root, err, "{s:s,s:s,s:i,s:s?,s:s,s:s,s:s,s:s,s:s?,s:s,s:I,s:I,s:s}", "format",
	                    SR_FORMAT_NAME, "case", cover->case_id, "part", (int)cover->part, "previous_seal",
	                    cover->has_previous ? previous : NULL, "organ", cover->organ, "organ_code",
	                    cover->organ_code, "sealed_at", sealed_at, "retention", cover->retention,
	                    "retention_until", cover->retention_until[0] ? cover->retention_until : NULL,
	                    "classification", cover->classification, "members", (json_int_t)cover->members,
	                    "bytes", (json_int_t)cover->bytes, "suite", cover->suite));
	return sr_json_write_pretty(root, out, err);
}

/* Exactly the keys above, no more and no fewer. */
static enum sr_status check_keys(const json_t *root, struct sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT(keys); i++)
		if (!json_object_get(root, keys[i]))
			return sr_fail(err, SR_CORRUPT, "\"%s\" is missing", keys[i]);
	if (json_object_size(root) != SR_COUNT(keys))
		return sr_fail(err, SR_CORRUPT, "it has %zu keys, \"%s\" has %zu", json_object_size(root),
		               SR_FORMAT_NAME, SR_COUNT(keys));
	return SR_OK;
}

/* Copy a text; @nullable takes null as the empty text. */
static enum sr_status take_text(const json_t *root, const char *key, bool nullable, char *out,
                                size_t capacity, struct sr_err *err)
{
	const char *text = "";

	if (!nullable || !json_is_null(json_object_get(root, key)))
		SR_TRY(sr_json_need_text(root, key, &text, err));
	if (strlen(text) >= capacity)
		return sr_fail(err, SR_CORRUPT, "\"%s\" is over %zu bytes long", key, capacity - 1);
	memcpy(out, text, strlen(text) + 1);
	return SR_OK;
}

static enum sr_status take_previous(const json_t *root, struct sr_cover *cover, struct sr_err *err)
{
	char hex[SR_DIGEST_HEX];

	SR_TRY(take_text(root, "previous_seal", true, hex, sizeof(hex), err));
	if (json_is_null(json_object_get(root, "previous_seal")))
		return SR_OK;
	if (!sr_hex_decode(hex, strlen(hex), true, cover->previous.bytes, SR_DIGEST_BYTES))
		return sr_fail(err, SR_CORRUPT, "\"previous_seal\" is no SHA-256 digest in small letters");
	cover->has_previous = true;
	return SR_OK;
}

/* "2026-11-21T08:15:00Z" and no other spelling. */
static enum sr_status take_time(const json_t *root, struct sr_cover *cover, struct sr_err *err)
{
	char canonical[SR_TIME_TEXT];
	const char *text;

	SR_TRY(sr_json_need_text(root, "sealed_at", &text, err));
	if (!sr_time_parse(text, &cover->sealed_at_ns))
		return sr_fail(err, SR_CORRUPT, "\"sealed_at\" is no point in time");
	sr_time_format_utc(cover->sealed_at_ns, canonical);
	if (strcmp(text, canonical) != 0)
		return sr_fail(err, SR_CORRUPT, "\"sealed_at\" is not written as whole seconds in UTC");
	return SR_OK;
}

static enum sr_status decode(struct sr_bytes text, struct sr_cover *cover, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *root = NULL;
	const char *format;
	uint64_t part;

	SR_TRY(sr_json_parse(text.data, text.size, SR_LIMIT_TAG_FILE_BYTES, &root, err));
	SR_TRY(sr_json_need_text(root, "format", &format, err));
	if (strcmp(format, SR_FORMAT_NAME) != 0)
		return sr_fail(err, SR_CORRUPT, "format \"%.64s\" is unknown; this version reads %s", format,
		               SR_FORMAT_NAME);
	SR_TRY(check_keys(root, err));
	SR_TRY(take_text(root, "case", false, cover->case_id, sizeof(cover->case_id), err));
	SR_TRY(sr_json_need_u64(root, "part", SR_LIMIT_PARTS, &part, err));
	cover->part = (unsigned)part;
	SR_TRY(take_previous(root, cover, err));
	SR_TRY(take_text(root, "organ", false, cover->organ, sizeof(cover->organ), err));
	SR_TRY(take_text(root, "organ_code", false, cover->organ_code, sizeof(cover->organ_code), err));
	SR_TRY(take_time(root, cover, err));
	SR_TRY(take_text(root, "retention", false, cover->retention, sizeof(cover->retention), err));
	SR_TRY(take_text(root, "retention_until", true, cover->retention_until,
	                 sizeof(cover->retention_until), err));
	SR_TRY(take_text(root, "classification", false, cover->classification, sizeof(cover->classification),
	                 err));
	SR_TRY(sr_json_need_u64(root, "members", SR_LIMIT_MEMBERS, &cover->members, err));
	SR_TRY(sr_json_need_u64(root, "bytes", BYTES_MAX, &cover->bytes, err));
	SR_TRY(take_text(root, "suite", false, cover->suite, sizeof(cover->suite), err));
	return check(cover, SR_CORRUPT, err);
}

enum sr_status sr_cover_decode(struct sr_bytes text, struct sr_cover *out, struct sr_err *err)
{
	struct sr_cover cover = { 0 };
	enum sr_status status = decode(text, &cover, err);

	if (status == SR_LIMIT)
		status = SR_CORRUPT;
	if (status != SR_OK)
		return sr_fail_in(err, status, "cover.json: ");
	*out = cover;
	return SR_OK;
}
