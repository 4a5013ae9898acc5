/* SPDX-License-Identifier: Apache-2.0 */
/* A header that is accepted is exactly the one that its name, size and time give. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/archive/tar_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[SR_TAR_HEADER_MAX];
	struct sr_tar_header header;
	struct sr_err err;

	if (size > SR_TAR_HEADER_MAX)
		size = SR_TAR_HEADER_MAX;
	if (sr_tar_header_read(data, size, &header, &err) != SR_OK)
		return 0;
	if (sr_tar_header_make(&header, again, &err) != SR_OK || header.bytes > size ||
	    memcmp(again, data, header.bytes) != 0)
		abort();
	return 0;
}
