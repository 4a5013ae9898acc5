/* SPDX-License-Identifier: Apache-2.0 */
#include "api/tus.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"

struct key {
	const char *text;
	size_t size;
};

static bool key_is_good(const struct key *key)
{
	for (size_t i = 0; i < key->size; i++)
		if (key->text[i] <= ' ' || key->text[i] > '~')
			return false;
	return key->size > 0;
}

static bool key_is_new(const struct key *keys, size_t count, const struct key *key)
{
	for (size_t i = 0; i < count; i++)
		if (keys[i].size == key->size && memcmp(keys[i].text, key->text, key->size) == 0)
			return false;
	return true;
}

static enum sr_status take_name(const struct sr_buf *value, struct sr_buf *filename, struct sr_err *err)
{
	if (!sr_utf8_is_valid(value->data, value->size))
		return sr_fail(err, SR_INVALID, "Upload-Metadata: the file's name is not UTF-8");
	for (size_t i = 0; i < value->size; i++)
		if (value->data[i] < 0x20 || value->data[i] == 0x7f)
			return sr_fail(err, SR_INVALID,
			               "Upload-Metadata: the file's name holds control characters");
	return value->size ? sr_buf_add(filename, value->data, value->size, err) : SR_OK;
}

/* "key" or "key base64" */
static enum sr_status take_pair(const char *from, size_t size, struct key *key, struct sr_buf *filename,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };
	const char *space = memchr(from, ' ', size);

	*key = (struct key){ from, space ? (size_t)(space - from) : size };
	if (!key_is_good(key))
		return sr_fail(err, SR_INVALID, "Upload-Metadata: a key is missing or not printable ASCII");
	if (space &&
	    sr_base64_decode(SR_BASE64_PADDED, space + 1, size - key->size - 1, &value, err) != SR_OK)
		return sr_fail(err, SR_INVALID, "Upload-Metadata: a value is not base64");
	if (key->size == 8 && memcmp(key->text, "filename", 8) == 0)
		return take_name(&value, filename, err);
	return SR_OK;
}

enum sr_status sr_tus_metadata_check(const char *header, struct sr_buf *filename, struct sr_err *err)
{
	struct key keys[SR_TUS_METADATA_KEYS];
	size_t count = 0;

	if (strnlen(header, SR_TUS_METADATA_BYTES + 1) > SR_TUS_METADATA_BYTES)
		return sr_fail(err, SR_LIMIT, "Upload-Metadata is longer than %u bytes",
		               SR_TUS_METADATA_BYTES);
	while (*header) {
		header += strspn(header, " ");
		size_t size = strcspn(header, ",");
		const size_t whole = size;

		while (size > 0 && header[size - 1] == ' ')
			size--;
		if (count == SR_TUS_METADATA_KEYS)
			return sr_fail(err, SR_LIMIT, "Upload-Metadata has over %u keys",
			               SR_TUS_METADATA_KEYS);
		SR_TRY(take_pair(header, size, &keys[count], filename, err));
		if (!key_is_new(keys, count, &keys[count]))
			return sr_fail(err, SR_INVALID, "Upload-Metadata: a key is given twice");
		count++;
		header += whole;
		if (*header == ',' && !*++header)
			return sr_fail(err, SR_INVALID, "Upload-Metadata ends with a comma");
	}
	return SR_OK;
}

enum sr_status sr_tus_checksum_parse(const char *header, struct sr_tus_checksum *out, struct sr_err *err)
{
	static const struct {
		const char *name;
		enum sr_tus_algorithm algorithm;
		size_t size;
	} known[] = { { "sha1", SR_TUS_SHA1, 20 }, { "sha256", SR_TUS_SHA256, 32 } };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf digest = { 0 };
	const size_t name = strcspn(header, " ");

	for (size_t i = 0; i < SR_COUNT(known); i++) {
		if (strlen(known[i].name) != name || memcmp(known[i].name, header, name) != 0 ||
		    !header[name])
			continue;
		const char *text = header + name + 1;

		if (sr_base64_decode(SR_BASE64_PADDED, text, strlen(text), &digest, err) != SR_OK ||
		    digest.size != known[i].size)
			return sr_fail(err, SR_INVALID, "Upload-Checksum: no %s digest in base64",
			               known[i].name);
		*out = (struct sr_tus_checksum){ .algorithm = known[i].algorithm, .size = digest.size };
		memcpy(out->digest, digest.data, digest.size);
		return SR_OK;
	}
	return sr_fail(err, SR_INVALID, "Upload-Checksum: the algorithms are " SR_TUS_CHECKSUMS);
}

const char *sr_tus_upload_id(const char *url)
{
	static const char folder[] = "/api/v1/uploads/";
	const char *at = url;

	if (sr_text_starts_with(url, "https://")) {
		at = strchr(url + 8, '/');
		if (!at)
			return NULL;
	}
	if (sr_text_starts_with(at, folder))
		at += sizeof(folder) - 1;
	return at[0] && !strchr(at, '/') ? at : NULL;
}
