/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/age_header.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/random.h"
#include "appliance/base/text.h"
#include "appliance/crypto/age_grammar.h"
#include "appliance/crypto/age_stanza.h"
#include "appliance/crypto/hkdf.h"
#include "appliance/crypto/key.h"
#include "appliance/crypto/wipe.h"
#include "appliance/crypto/x25519.h"

_Static_assert(SR_LIMIT_AGE_STANZAS <= 256, "the index of a stanza is one byte");

enum sr_status sr_age_seeds_draw(struct sr_age_seeds *out, struct sr_err *err)
{
	return sr_random_fill(out, sizeof(*out), err); /* nothing but bytes */
}

/* MAC of the header's bytes as they are: a second spelling of the same header is another header. */
static enum sr_status make_mac(const uint8_t file_key[SR_AGE_FILE_KEY_BYTES], struct sr_bytes covered,
                               uint8_t mac[SR_AGE_MAC_BYTES], struct sr_err *err)
{
	static const uint8_t info[] = "header";
	SR_CLEANUP(sr_wipe_key) uint8_t key[32] = { 0 };

	SR_TRY(sr_hkdf_sha256((struct sr_bytes){ file_key, SR_AGE_FILE_KEY_BYTES }, (struct sr_bytes){ 0 },
	                      (struct sr_bytes){ info, sizeof(info) - 1 }, key, err));
	return sr_hmac_sha256((struct sr_bytes){ key, sizeof(key) }, covered, mac, err);
}

static enum sr_status make_payload_key(const uint8_t file_key[SR_AGE_FILE_KEY_BYTES],
                                       const uint8_t nonce[SR_AGE_NONCE_BYTES],
                                       uint8_t payload_key[SR_AGE_KEY_BYTES], struct sr_err *err)
{
	static const uint8_t info[] = "payload";

	return sr_hkdf_sha256((struct sr_bytes){ file_key, SR_AGE_FILE_KEY_BYTES },
	                      (struct sr_bytes){ nonce, SR_AGE_NONCE_BYTES },
	                      (struct sr_bytes){ info, sizeof(info) - 1 }, payload_key, err);
}

/* An ephemeral secret of its own for every stanza but the first, from the one that was drawn. */
static enum sr_status make_ephemeral(const struct sr_age_seeds *seeds, size_t index,
                                     const struct sr_age_recipient *recipient, uint8_t out[SR_AGE_KEY_BYTES],
                                     struct sr_err *err)
{
	static const char label[] = "strongroom ephemeral";
	uint8_t info[sizeof(label)];

	if (index == 0) {
		memcpy(out, seeds->ephemeral, SR_AGE_KEY_BYTES);
		return SR_OK;
	}
	memcpy(info, label, sizeof(label) - 1);
	info[sizeof(label) - 1] = (uint8_t)index;
	return sr_hkdf_sha256((struct sr_bytes){ seeds->ephemeral, sizeof(seeds->ephemeral) },
	                      (struct sr_bytes){ recipient->bytes, sizeof(recipient->bytes) },
	                      (struct sr_bytes){ info, sizeof(info) }, out, err);
}

static enum sr_status add_head(const struct sr_age_recipient *recipients, size_t count,
                               const struct sr_age_seeds *seeds, struct sr_buf *out, struct sr_err *err)
{
	size_t start = out->size;
	uint8_t mac[SR_AGE_MAC_BYTES];

	SR_TRY(sr_buf_add_text(out, "age-encryption.org/v1\n", err));
	for (size_t i = 0; i < count; i++) {
		SR_CLEANUP(sr_wipe_key) uint8_t ephemeral[32] = { 0 };

		SR_TRY(make_ephemeral(seeds, i, &recipients[i], ephemeral, err));
		SR_TRY(sr_age_stanza_make(&recipients[i], ephemeral, seeds->file_key, out, err));
	}
	SR_TRY(sr_buf_add_text(out, "---", err));
	SR_TRY(make_mac(seeds->file_key, (struct sr_bytes){ out->data + start, out->size - start }, mac,
	                err));
	SR_TRY(sr_buf_add_text(out, " ", err));
	SR_TRY(sr_base64_encode(SR_BASE64_RAW, mac, sizeof(mac), out, err));
	SR_TRY(sr_buf_add_text(out, "\n", err));
	return sr_buf_add(out, seeds->nonce, sizeof(seeds->nonce), err);
}

enum sr_status sr_age_head_make(const struct sr_age_recipient *recipients, size_t count,
                                const struct sr_age_seeds *seeds, struct sr_buf *out,
                                uint8_t payload_key[SR_AGE_KEY_BYTES], struct sr_err *err)
{
	size_t start = out->size;

	if (count == 0 || count > SR_LIMIT_AGE_STANZAS)
		return sr_fail(err, SR_INVALID, "%zu recipients; an age file has 1 to %u", count,
		               SR_LIMIT_AGE_STANZAS);
	enum sr_status status = add_head(recipients, count, seeds, out, err);
	if (status == SR_OK)
		status = make_payload_key(seeds->file_key, seeds->nonce, payload_key, err);
	if (status != SR_OK)
		out->size = start;
	return status;
}

struct sr_age_unlocker {
	struct sr_secret *identity;
	uint8_t recipient[SR_AGE_KEY_BYTES];
};

/* What holds for all stanzas together, before any key is used. */
static enum sr_status check_stanzas(const struct sr_age_header *header, struct sr_err *err)
{
	for (size_t i = 0; i < header->count; i++) {
		const struct sr_age_stanza *stanza = &header->stanzas[i];

		if (sr_age_stanza_is(stanza, "X25519")) {
			uint8_t share[SR_AGE_KEY_BYTES];

			SR_TRY(sr_age_stanza_share(stanza, share, err));
		}
		if (sr_age_stanza_is(stanza, "scrypt") && header->count > 1)
			return sr_fail(err, SR_CORRUPT,
			               "age header: a passphrase must be the only recipient");
	}
	return SR_OK;
}

/*
 * Every X25519 stanza is looked at, also behind the one that opens: a share of low order is refused
 * wherever it stands.  SR_DENIED when none opens.
 */
static enum sr_status unwrap(const struct sr_age_header *header, const struct sr_age_unlocker *unlocker,
                             uint8_t file_key[SR_AGE_FILE_KEY_BYTES], struct sr_err *err)
{
	bool found = false;

	for (size_t i = 0; i < header->count; i++) {
		SR_CLEANUP(sr_wipe_file_key) uint8_t candidate[SR_AGE_FILE_KEY_BYTES] = { 0 };

		if (!sr_age_stanza_is(&header->stanzas[i], "X25519"))
			continue;
		enum sr_status status = sr_age_stanza_open(&header->stanzas[i], unlocker->identity->data,
		                                           unlocker->recipient, candidate, err);
		if (status == SR_OK && !found) {
			memcpy(file_key, candidate, SR_AGE_FILE_KEY_BYTES);
			found = true;
		} else if (status != SR_OK && status != SR_DENIED) {
			return status;
		}
	}
	return found ? SR_OK : sr_fail(err, SR_DENIED, "the age file is not encrypted to this identity");
}

enum sr_status sr_age_unlocker_new(const struct sr_secret *identity, struct sr_age_unlocker **out,
                                   struct sr_err *err)
{
	SR_CLEANUP(sr_age_unlocker_freep) struct sr_age_unlocker *unlocker = calloc(1, sizeof(*unlocker));

	if (!unlocker)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an identity");
	if (identity->size != SR_AGE_KEY_BYTES)
		return sr_fail(err, SR_INVALID, "an identity of %zu bytes", identity->size);
	SR_TRY(sr_secret_new(SR_AGE_KEY_BYTES, &unlocker->identity, err));
	memcpy(unlocker->identity->data, identity->data, SR_AGE_KEY_BYTES);
	SR_TRY(sr_x25519_public(identity->data, unlocker->recipient, err));
	*out = SR_MOVE(unlocker);
	return SR_OK;
}

void sr_age_unlocker_free(struct sr_age_unlocker *unlocker)
{
	if (!unlocker)
		return;
	sr_secret_free(unlocker->identity);
	free(unlocker);
}

enum sr_status sr_age_head_open(const uint8_t *bytes, size_t size, const struct sr_secret *identity,
                                uint8_t payload_key[SR_AGE_KEY_BYTES], size_t *head_bytes, struct sr_err *err)
{
	SR_CLEANUP(sr_age_unlocker_freep) struct sr_age_unlocker *unlocker = NULL;

	SR_TRY(sr_age_unlocker_new(identity, &unlocker, err));
	assert(unlocker != NULL);
	return sr_age_unlocker_open(unlocker, bytes, size, payload_key, head_bytes, err);
}

enum sr_status sr_age_unlocker_open(const struct sr_age_unlocker *unlocker, const uint8_t *bytes, size_t size,
                                    uint8_t payload_key[SR_AGE_KEY_BYTES], size_t *head_bytes,
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_wipe_file_key) uint8_t file_key[SR_AGE_FILE_KEY_BYTES] = { 0 };
	struct sr_age_header header;
	uint8_t mac[SR_AGE_MAC_BYTES];

	SR_TRY(sr_age_header_parse(bytes, size, &header, err));
	if (size - header.size < SR_AGE_NONCE_BYTES)
		return sr_fail(err, SR_CORRUPT, "age file ends behind its header");
	SR_TRY(check_stanzas(&header, err));
	SR_TRY(unwrap(&header, unlocker, file_key, err));
	SR_TRY(make_mac(file_key, header.covered, mac, err));
	if (!sr_secret_equal(mac, header.mac, sizeof(mac)))
		return sr_fail(err, SR_TAMPERED, "age header fails its MAC");
	SR_TRY(make_payload_key(file_key, bytes + header.size, payload_key, err));
	*head_bytes = header.size + SR_AGE_NONCE_BYTES;
	return SR_OK;
}
