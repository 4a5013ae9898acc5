/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of tus: the file's name is text without control characters, a digest has its algorithm's length,
 * and the id of an upload has no way out of its folder. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "api/tus.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf name = { 0 };
	char text[SR_TUS_METADATA_BYTES + 2];
	struct sr_tus_checksum checksum;
	struct sr_err err;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	if (sr_tus_metadata_check(text, &name, &err) == SR_OK) {
		if (strlen(text) > SR_TUS_METADATA_BYTES || !sr_utf8_is_valid(name.data, name.size))
			abort();
		for (size_t i = 0; i < name.size; i++)
			if (name.data[i] < 0x20 || name.data[i] == 0x7f)
				abort();
	}
	if (sr_tus_checksum_parse(text, &checksum, &err) == SR_OK &&
	    checksum.size != (checksum.algorithm == SR_TUS_SHA1 ? 20u : 32u))
		abort();
	const char *id = sr_tus_upload_id(text);
	if (id && (strchr(id, '/') || id < text || id > text + size))
		abort();
	return 0;
}
