/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/bag_manifest.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"

static const struct {
	const char *name;
	size_t bytes;
	bool is_relied_upon;
} algorithms[] = {
	{ "sha256", 32, true },  { "sha512", 64, true },  { "md5", 16, false }, { "sha1", 20, false },
	{ "sha224", 28, false }, { "sha384", 48, false }, { "sm3", 32, false },
};

static bool is_normalised(const char *algorithm, size_t size)
{
	if (size == 0 || size >= SR_BAG_ALGORITHM_TEXT)
		return false;
	for (size_t i = 0; i < size; i++) {
		if (!(algorithm[i] >= 'a' && algorithm[i] <= 'z') &&
		    !(algorithm[i] >= '0' && algorithm[i] <= '9'))
			return false;
	}
	return true;
}

enum sr_bag_name sr_bag_manifest_name(const char *path, struct sr_bag_manifest *out)
{
	bool is_tag = sr_text_starts_with(path, "tagmanifest-");
	size_t before = is_tag ? strlen("tagmanifest-") : strlen("manifest-");
	size_t size = strlen(path);

	if ((!is_tag && !sr_text_starts_with(path, "manifest-")) || !sr_text_ends_with(path, ".txt") ||
	    strchr(path, '/'))
		return SR_BAG_NAME_OTHER;
	size -= before + strlen(".txt");
	if (!is_normalised(path + before, size))
		return SR_BAG_NAME_WRONG;
	*out = (struct sr_bag_manifest){ .is_tag = is_tag };
	memcpy(out->algorithm, path + before, size);
	for (size_t i = 0; i < SR_COUNT(algorithms); i++) {
		if (strcmp(out->algorithm, algorithms[i].name) == 0) {
			out->digest_bytes = algorithms[i].bytes;
			out->is_relied_upon = algorithms[i].is_relied_upon;
		}
	}
	return SR_BAG_NAME_MANIFEST;
}

bool sr_bag_is_text(const char *path)
{
	struct sr_bag_manifest manifest;

	return strcmp(path, "bagit.txt") == 0 || strcmp(path, "bag-info.txt") == 0 ||
	       strcmp(path, "fetch.txt") == 0 ||
	       sr_bag_manifest_name(path, &manifest) == SR_BAG_NAME_MANIFEST;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Cut the part before the first blanks off @line; the blanks are dropped.  False where there is none. */
static bool take_word(struct sr_bytes *line, struct sr_bytes *word, size_t *blanks)
{
	size_t size = 0;

	while (size < line->size && !is_blank(line->data[size]))
		size++;
	*word = (struct sr_bytes){ .data = line->data, .size = size };
	*blanks = 0;
	while (size + *blanks < line->size && is_blank(line->data[size + *blanks]))
		++*blanks;
	line->data += size + *blanks;
	line->size -= size + *blanks;
	return word->size > 0 && *blanks > 0 && line->size > 0;
}

/* %0A, %0D and %25 (either case) as the character; 0 for anything else. */
static char percent_decode(const uint8_t *at, size_t size)
{
	static const struct {
		const char *text;
		char character;
	} codes[] = { { "%0A", '\n' }, { "%0D", '\r' }, { "%25", '%' } };

	for (size_t i = 0; i < SR_COUNT(codes) && size >= 3; i++) {
		if (strncasecmp((const char *)at, codes[i].text, 3) == 0)
			return codes[i].character;
	}
	return 0;
}

static const char *decode_path(struct sr_bytes text, struct sr_bag_entry *out)
{
	size_t to = 0;

	for (size_t i = 0; i < text.size;) {
		char decoded = percent_decode(text.data + i, text.size - i);

		if (to == SR_LIMIT_BAG_PATH_BYTES)
			return "the path has more than 4095 bytes";
		if (text.data[i] == '%' && !decoded)
			out->has_percent = true;
		out->path[to++] = decoded ? decoded : (char)text.data[i];
		i += decoded ? 3 : 1;
	}
	out->path[to] = 0;
	return NULL;
}

static const char *decode_digest(struct sr_bytes hex, size_t digest_bytes, struct sr_bag_entry *out)
{
	if (hex.data[0] == '\\')
		return "begins with a backslash: sha256sum escaped the path, but a bag percent-encodes "
		       "line ends and leaves a backslash as it is";
	for (size_t i = 0; i < hex.size; i++) {
		if (!isxdigit(hex.data[i]))
			return "does not begin with a hexadecimal digest";
	}
	if (digest_bytes == 0)
		return NULL;
	if (!sr_hex_decode((const char *)hex.data, hex.size, false, out->digest, digest_bytes))
		return "the digest has the wrong length for this algorithm";
	return NULL;
}

const char *sr_bag_manifest_line(struct sr_bytes line, size_t digest_bytes, struct sr_bag_entry *out)
{
	struct sr_bytes hex;
	size_t blanks;

	*out = (struct sr_bag_entry){ 0 };
	if (line.size == 0)
		return "is empty";
	if (is_blank(line.data[0]))
		return "begins with a blank";
	if (!take_word(&line, &hex, &blanks))
		return "is not a digest, blanks and a path";
	const char *wrong = decode_digest(hex, digest_bytes, out);
	if (wrong)
		return wrong;
	out->is_starred = blanks == 1 && line.data[0] == '*';
	return decode_path(line, out);
}

/* scheme ":" and something behind it (RFC 3986 section 4.3). */
static bool is_absolute_uri(struct sr_bytes url)
{
	size_t i = 0;

	if (url.size == 0 || !isalpha(url.data[0]))
		return false;
	while (i < url.size &&
	       (isalnum(url.data[i]) || url.data[i] == '+' || url.data[i] == '-' || url.data[i] == '.'))
		i++;
	return i + 1 < url.size && url.data[i] == ':';
}

/* Digits; leading zeros are allowed here. */
static bool parse_length(struct sr_bytes text, uint64_t *out)
{
	while (text.size > 1 && text.data[0] == '0') {
		text.data++;
		text.size--;
	}
	return sr_decimal_parse((const char *)text.data, text.size, UINT64_MAX, out);
}

const char *sr_bag_fetch_line(struct sr_bytes line, struct sr_bag_entry *out)
{
	struct sr_bytes url;
	struct sr_bytes length;
	size_t blanks;

	*out = (struct sr_bag_entry){ 0 };
	if (!take_word(&line, &url, &blanks) || !take_word(&line, &length, &blanks))
		return "is not an address, a length and a path";
	if (!is_absolute_uri(url))
		return "does not begin with an absolute address";
	out->has_length = length.size != 1 || length.data[0] != '-';
	if (out->has_length && !parse_length(length, &out->length))
		return "the length must be a number or \"-\"";
	return decode_path(line, out);
}

const char *sr_bag_path_refusal(const char *path)
{
	if (path[0] == 0)
		return "the path is empty";
	if (path[0] == '/' || path[0] == '\\')
		return "the path is absolute and leaves the bag";
	if (path[0] == '~')
		return "the path begins with \"~\", which some systems take for a home folder";
	if (isalpha((unsigned char)path[0]) && path[1] == ':')
		return "the path begins with a drive letter and leaves the bag";
	for (const char *at = path;;) {
		size_t size = strcspn(at, "/");

		if (size == 2 && memcmp(at, "..", 2) == 0)
			return "the path holds \"..\" and may leave the bag";
		if (size == 1 && at[0] == '.')
			return "the path holds the component \".\"";
		if (at[size] == 0)
			return NULL;
		at += size + 1;
		if (*at == 0)
			return "the path ends in \"/\": a manifest lists files, not folders";
		if (*at == '/')
			return "the path holds an empty component";
	}
}

/* Names that Windows keeps for devices, with or without extension. */
static bool is_device_name(const char *name, size_t size)
{
	static const char *const names[] = { "CON", "PRN", "AUX", "NUL" };
	size_t stem = 0;

	while (stem < size && name[stem] != '.')
		stem++;
	for (size_t i = 0; i < SR_COUNT(names) && stem == 3; i++) {
		if (strncasecmp(name, names[i], 3) == 0)
			return true;
	}
	return stem == 4 && name[3] >= '1' && name[3] <= '9' &&
	       (strncasecmp(name, "COM", 3) == 0 || strncasecmp(name, "LPT", 3) == 0);
}

const char *sr_bag_path_remark(const char *path)
{
	for (const char *at = path; *at;) {
		size_t size = strcspn(at, "/");
		size_t plain = strcspn(at, "<>:\"|?*\\/");

		if (plain < size)
			return "Windows cannot keep a file of this name: it holds one of < > : \" | ? * \\";
		if (is_device_name(at, size))
			return "Windows cannot keep a file of this name: it is a device there";
		if (size > 0 && (at[size - 1] == '.' || at[size - 1] == ' '))
			return "Windows drops the point or space at the end of this name";
		at += size;
		at += *at == '/';
	}
	return NULL;
}
