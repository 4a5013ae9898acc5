/* SPDX-License-Identifier: Apache-2.0 */
#include "api/upload_digest.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/log.h"

struct sr_upload_digest {
	gnutls_hash_hd_t hash;
	size_t size;
	bool failed;
};

enum sr_status sr_upload_digest_new(enum sr_tus_algorithm algorithm, struct sr_upload_digest **out,
                                    struct sr_err *err)
{
	const gnutls_digest_algorithm_t kind = algorithm == SR_TUS_SHA1 ? GNUTLS_DIG_SHA1 : GNUTLS_DIG_SHA256;
	struct sr_upload_digest *digest = calloc(1, sizeof(*digest));

	if (!digest)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a checksum");
	if (gnutls_hash_init(&digest->hash, kind) != 0) {
		free(digest);
		return sr_fail(err, SR_INVALID, "Upload-Checksum: this algorithm is not allowed here");
	}
	digest->size = gnutls_hash_get_len(kind);
	*out = digest;
	return SR_OK;
}

void sr_upload_digest_free(struct sr_upload_digest *digest)
{
	if (digest)
		gnutls_hash_deinit(digest->hash, NULL);
	free(digest);
}

void sr_upload_digest_add(struct sr_upload_digest *digest, const void *data, size_t size)
{
	digest->failed = digest->failed || gnutls_hash(digest->hash, data, size) != 0;
}

bool sr_upload_digest_is(struct sr_upload_digest *digest, const struct sr_tus_checksum *wanted)
{
	uint8_t got[64];

	gnutls_hash_output(digest->hash, got);
	return !digest->failed && digest->size == wanted->size &&
	       memcmp(got, wanted->digest, wanted->size) == 0;
}

void sr_upload_digest_unproven(const char *upload)
{
	sr_log(SR_LOG_WARNING, "api: unchecked bytes of upload %s could not be taken back", upload);
}
