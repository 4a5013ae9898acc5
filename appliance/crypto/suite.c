/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/suite.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/crypto/suite_age.h"

static const struct sr_suite *const suites[] = {
	&sr_suite_age_x25519,
};

const struct sr_suite *sr_suite_find(const char *name)
{
	for (size_t i = 0; i < SR_COUNT(suites); i++)
		if (strcmp(suites[i]->name, name) == 0)
			return suites[i];
	return NULL;
}

uint64_t sr_suite_sealed_bytes(const struct sr_suite *suite, uint64_t plain)
{
	uint64_t chunks = plain == 0 ? 1 : (plain - 1) / suite->chunk_bytes + 1;
	uint64_t bytes;

	if (__builtin_mul_overflow(chunks, (uint64_t)suite->tag_bytes, &bytes) ||
	    __builtin_add_overflow(bytes, plain, &bytes) ||
	    __builtin_add_overflow(bytes, (uint64_t)suite->head_bytes, &bytes))
		return UINT64_MAX;
	return bytes;
}

enum sr_status sr_suite_plain_bytes(const struct sr_suite *suite, uint64_t sealed, uint64_t *out,
                                    struct sr_err *err)
{
	uint64_t full = suite->chunk_bytes + suite->tag_bytes;

	if (sealed < suite->head_bytes + suite->tag_bytes)
		return sr_fail(err, SR_CORRUPT,
		               "it is shorter (%llu bytes) than the head and tag of a file (%zu)",
		               (unsigned long long)sealed, suite->head_bytes + suite->tag_bytes);
	uint64_t payload = sealed - suite->head_bytes;
	uint64_t chunks = (payload - 1) / full + 1;
	/* A last chunk without plaintext exists only where it is the first one too. */
	if (chunks > 1 && payload - (chunks - 1) * full <= suite->tag_bytes)
		return sr_fail(err, SR_CORRUPT, "no plaintext has an encrypted file of %llu bytes",
		               (unsigned long long)sealed);
	*out = payload - chunks * suite->tag_bytes;
	return SR_OK;
}
