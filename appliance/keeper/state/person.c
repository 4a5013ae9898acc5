/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/person.h"

#include <errno.h>
#include <pwd.h>
#include <stdint.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/keeper/state/label.h"
#include "appliance/keeper/state/role.h"

/* White space and what changes how the rest is shown or is not shown at all (Unicode 15: Zs, Zl, Zp, Cf). */
static bool is_invisible(uint32_t c)
{
	static const uint32_t ranges[][2] = {
		{ 0x0000, 0x001f },   { 0x007f, 0x00a0 },   { 0x00ad, 0x00ad },   { 0x034f, 0x034f },
		{ 0x0600, 0x0605 },   { 0x061c, 0x061c },   { 0x06dd, 0x06dd },   { 0x070f, 0x070f },
		{ 0x115f, 0x1160 },   { 0x1680, 0x1680 },   { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },
		{ 0x2000, 0x200f },   { 0x2028, 0x202f },   { 0x205f, 0x206f },   { 0x3000, 0x3000 },
		{ 0x3164, 0x3164 },   { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb },   { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
		{ 0xf0000, 0x10ffff }
	};

	for (size_t i = 0; i < SR_COUNT(ranges); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return false;
}

static bool is_name_character(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		       c == '.' || c == '_' || c == '-' || c == '@';
	return !is_invisible(c);
}

static bool is_shown(uint32_t c)
{
	return c == ' ' || !is_invisible(c);
}

/* Every character of a valid text fits. */
static bool all_fit(const char *text, bool (*fits)(uint32_t c))
{
	size_t size = strlen(text);

	for (size_t at = 0; at < size;) {
		uint32_t c;
		size_t bytes = sr_utf8_decode((const uint8_t *)text + at, size - at, &c);

		if (bytes == 0 || !fits(c))
			return false;
		at += bytes;
	}
	return true;
}

bool sr_person_name_is_valid(const char *name)
{
	return sr_label_is_valid(name) && name[0] != '-' && name[0] != '.' &&
	       all_fit(name, is_name_character);
}

enum sr_status sr_person_check_name(const char *what, const char *name, struct sr_err *err)
{
	if (!sr_person_name_is_valid(name))
		return sr_fail(
			err, SR_INVALID,
			"%.80s cannot be the name of a new %s: 1 to 63 bytes of letters (also Chinese), "
			"digits and . _ - @, not beginning with . or -",
			name, what);
	return SR_OK;
}

enum sr_status sr_person_check_full_name(const char *name, struct sr_err *err)
{
	if (strlen(name) > SR_FULL_NAME_BYTES || sr_text_is_blank(name) || name[0] == ' ' ||
	    !all_fit(name, is_shown))
		return sr_fail(err, SR_INVALID,
		               "the full name must have at most %d bytes, and nothing invisible",
		               SR_FULL_NAME_BYTES);
	return SR_OK;
}

enum sr_status sr_person_check_role(const char *role, struct sr_err *err)
{
	enum sr_role parsed;

	if (!sr_role_parse(role, &parsed))
		return sr_fail(err, SR_INVALID,
		               "%.40s is no role; there are handler, archivist, official, supervisor, "
		               "auditor, security-admin and admin",
		               role);
	if (parsed == SR_ROLE_PARTY)
		return sr_fail(err, SR_INVALID,
		               "a party has no user of their own: the archivist gives them a pass");
	return SR_OK;
}

enum sr_status sr_person_login(const char *login, json_t **out, struct sr_err *err)
{
	struct passwd entry, *found = NULL;
	char memory[16384];

	if (!sr_label_is_valid(login))
		return sr_fail(err, SR_INVALID, "%.80s is no Unix login", login);
	int code = getpwnam_r(login, &entry, memory, sizeof(memory), &found);
	if (!found || strcmp(found->pw_name, login) != 0)
		return sr_fail(err, SR_INVALID, "this machine knows no Unix login %.80s%s%s", login,
		               code ? ": " : "", code ? strerror(code) : "");
	return SR_JSON_PACK(out, err, "{s:s,s:I}", "name", found->pw_name, "uid", (json_int_t)found->pw_uid);
}
