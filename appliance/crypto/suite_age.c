/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/suite_age.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/crypto/age.h"

_Static_assert(sizeof(struct sr_age_recipient) <= sizeof(struct sr_suite_recipient), "recipient");
_Static_assert(sizeof(struct sr_age_seeds) <= sizeof(struct sr_suite_seeds), "seeds");

static struct sr_age_recipient recipient_in(const struct sr_suite_recipient *recipient)
{
	struct sr_age_recipient out;

	memcpy(&out, recipient->bytes, sizeof(out));
	return out;
}

static enum sr_status recipient_of(const struct sr_secret *identity, struct sr_suite_recipient *out,
                                   struct sr_err *err)
{
	struct sr_age_recipient recipient;

	SR_TRY(sr_age_identity_recipient(identity, &recipient, err));
	*out = (struct sr_suite_recipient){ 0 };
	memcpy(out->bytes, &recipient, sizeof(recipient));
	return SR_OK;
}

static enum sr_status seeds_draw(struct sr_suite_seeds *out, struct sr_err *err)
{
	SR_CLEANUP(sr_age_seeds_wipep) struct sr_age_seeds seeds;

	SR_TRY(sr_age_seeds_draw(&seeds, err));
	memcpy(out->bytes, &seeds, sizeof(seeds));
	return SR_OK;
}

static enum sr_status head_make(const struct sr_suite_recipient *recipient,
                                const struct sr_suite_seeds *seeds, uint8_t *head, uint8_t *key,
                                struct sr_err *err)
{
	const struct sr_age_recipient one = recipient_in(recipient);
	SR_CLEANUP(sr_age_seeds_wipep) struct sr_age_seeds drawn;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };

	memcpy(&drawn, seeds->bytes, sizeof(drawn));
	SR_TRY(sr_age_head_make(&one, 1, &drawn, &out, key, err));
	if (out.size != SR_AGE_HEAD_BYTES)
		return sr_fail(err, SR_IO, "an age head of %zu bytes", out.size);
	memcpy(head, out.data, SR_AGE_HEAD_BYTES);
	return SR_OK;
}

static enum sr_status cipher_new(struct sr_suite_cipher **out, struct sr_err *err)
{
	static const uint8_t none[SR_AGE_KEY_BYTES];

	return sr_age_cipher_new(none, (struct sr_age_cipher **)out, err);
}

static enum sr_status cipher_rekey(struct sr_suite_cipher *cipher, const uint8_t *key, struct sr_err *err)
{
	return sr_age_cipher_rekey((struct sr_age_cipher *)cipher, key, err);
}

static void cipher_free(struct sr_suite_cipher *cipher)
{
	sr_age_cipher_free((struct sr_age_cipher *)cipher);
}

static enum sr_status chunk_seal(struct sr_suite_cipher *cipher, uint64_t index, bool last,
                                 const uint8_t *plain, size_t size, uint8_t *out, struct sr_err *err)
{
	return sr_age_chunk_seal((struct sr_age_cipher *)cipher, index, last, plain, size, out, err);
}

static enum sr_status encrypt(const struct sr_suite_recipient *recipient, struct sr_bytes plain,
                              struct sr_buf *out, struct sr_err *err)
{
	const struct sr_age_recipient one = recipient_in(recipient);

	return sr_age_encrypt(&one, 1, plain, out, err);
}

static enum sr_status reader_open(int fd, uint64_t offset, uint64_t size, const struct sr_secret *identity,
                                  struct sr_suite_reader **out, struct sr_err *err)
{
	return sr_age_reader_open(fd, offset, size, identity, (struct sr_age_reader **)out, err);
}

static enum sr_status unlocker_new(const struct sr_secret *identity, struct sr_suite_unlocker **out,
                                   struct sr_err *err)
{
	return sr_age_unlocker_new(identity, (struct sr_age_unlocker **)out, err);
}

static void unlocker_free(struct sr_suite_unlocker *unlocker)
{
	sr_age_unlocker_free((struct sr_age_unlocker *)unlocker);
}

static enum sr_status head_open(const struct sr_suite_unlocker *unlocker, const uint8_t *head, uint8_t *key,
                                struct sr_err *err)
{
	size_t size;

	SR_TRY(sr_age_unlocker_open((const struct sr_age_unlocker *)unlocker, head, SR_AGE_HEAD_BYTES, key,
	                            &size, err));
	if (size != SR_AGE_HEAD_BYTES)
		return sr_fail(err, SR_CORRUPT, "an age head of %zu bytes", size);
	return SR_OK;
}

static enum sr_status reader_open_key(int fd, uint64_t offset, uint64_t plain_bytes, const uint8_t *key,
                                      struct sr_suite_reader **out, struct sr_err *err)
{
	return sr_age_reader_open_known(fd, offset, plain_bytes, SR_AGE_HEAD_BYTES, key,
	                                (struct sr_age_reader **)out, err);
}

static uint64_t reader_size(const struct sr_suite_reader *reader)
{
	return sr_age_reader_size((const struct sr_age_reader *)reader);
}

static enum sr_status reader_read(struct sr_suite_reader *reader, uint64_t offset, uint8_t *out, size_t size,
                                  size_t *got, struct sr_err *err)
{
	return sr_age_reader_read((struct sr_age_reader *)reader, offset, out, size, got, err);
}

static void reader_close(struct sr_suite_reader *reader)
{
	sr_age_reader_close((struct sr_age_reader *)reader);
}

const struct sr_suite sr_suite_age_x25519 = {
	.name = SR_SUITE_AGE_X25519,
	.head_bytes = SR_AGE_HEAD_BYTES,
	.chunk_bytes = SR_AGE_CHUNK_BYTES,
	.tag_bytes = SR_AGE_TAG_BYTES,
	.key_bytes = SR_AGE_KEY_BYTES,
	.identity_text = SR_AGE_IDENTITY_TEXT,
	.identity_new = sr_age_identity_new,
	.identity_to_text = sr_age_identity_to_text,
	.identity_from_text = sr_age_identity_from_text,
	.recipient_of = recipient_of,
	.seeds_draw = seeds_draw,
	.head_make = head_make,
	.cipher_new = cipher_new,
	.cipher_rekey = cipher_rekey,
	.cipher_free = cipher_free,
	.chunk_seal = chunk_seal,
	.encrypt = encrypt,
	.decrypt = sr_age_decrypt,
	.reader_open = reader_open,
	.unlocker_new = unlocker_new,
	.unlocker_free = unlocker_free,
	.head_open = head_open,
	.reader_open_key = reader_open_key,
	.reader_size = reader_size,
	.reader_read = reader_read,
	.reader_close = reader_close,
};
