/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/scrypt_key.h"

#include <pthread.h>
#include <string.h>

#include <openssl/evp.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/limits.h"
#include "appliance/base/random.h"
#include "appliance/crypto/failure.h"

/* The passphrase that the keys have, and the one that they are to have. */
#define KEPT 2

struct derived {
	struct sr_scrypt_cost cost;
	uint8_t salt[SR_SCRYPT_SALT_BYTES];
	uint8_t key[SR_SCRYPT_KEY_BYTES];
	size_t size; /* of the passphrase */
	uint8_t passphrase[SR_LIMIT_PASSPHRASE_BYTES];
};

/* Of the process; the one that was used last is the first.  A struct derived each. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sr_secret *kept[KEPT];

/* --- under the lock --------------------------------------------------------------------------------- */

/* In the place of the one at @at, and those before it one further. */
static void put_first(size_t at, struct sr_secret *secret)
{
	for (; at > 0; at--)
		kept[at] = kept[at - 1];
	kept[0] = secret;
}

static bool is_of(const struct derived *derived, const struct sr_secret *passphrase,
                  const struct sr_scrypt_cost *cost)
{
	return derived->size == passphrase->size && memcmp(&derived->cost, cost, sizeof(*cost)) == 0 &&
	       sr_secret_equal(derived->passphrase, passphrase->data, passphrase->size);
}

/* With any salt where @salt is NULL; it becomes the first.  NULL when there is none. */
static const struct derived *look(const struct sr_secret *passphrase, const uint8_t *salt,
                                  const struct sr_scrypt_cost *cost)
{
	for (size_t i = 0; i < KEPT && kept[i]; i++) {
		struct sr_secret *found = kept[i];
		const struct derived *derived = (const struct derived *)(void *)found->data;

		if (!is_of(derived, passphrase, cost) ||
		    (salt && memcmp(derived->salt, salt, sizeof(derived->salt)) != 0))
			continue;
		put_first(i, found);
		return derived;
	}
	return NULL;
}

static enum sr_status keep(const struct sr_secret *passphrase, const uint8_t *salt,
                           const struct sr_scrypt_cost *cost, const uint8_t *key, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *space = NULL;

	SR_TRY(sr_secret_new(sizeof(struct derived), &space, err));
	struct derived *derived = (struct derived *)(void *)space->data;
	derived->cost = *cost;
	memcpy(derived->salt, salt, sizeof(derived->salt));
	memcpy(derived->key, key, sizeof(derived->key));
	memcpy(derived->passphrase, passphrase->data, passphrase->size);
	derived->size = passphrase->size;
	sr_secret_free(kept[KEPT - 1]);
	put_first(KEPT - 1, SR_MOVE(space));
	return SR_OK;
}

static enum sr_status derive(const struct sr_secret *passphrase, struct sr_bytes salt,
                             const struct sr_scrypt_cost *cost, uint8_t *key, struct sr_err *err)
{
	if (EVP_PBE_scrypt((const char *)passphrase->data, passphrase->size, salt.data, salt.size, cost->n,
	                   cost->r, cost->p, 0, key, SR_SCRYPT_KEY_BYTES) != 1)
		return sr_crypto_fail(err, SR_CORRUPT, "scrypt takes more memory than it should");
	return SR_OK;
}

static enum sr_status derive_once(const struct sr_secret *passphrase, const uint8_t *salt,
                                  const struct sr_scrypt_cost *cost, uint8_t *key, struct sr_err *err)
{
	const struct derived *known = look(passphrase, salt, cost);

	if (known) {
		memcpy(key, known->key, SR_SCRYPT_KEY_BYTES);
		return SR_OK;
	}
	SR_TRY(derive(passphrase, (struct sr_bytes){ salt, SR_SCRYPT_SALT_BYTES }, cost, key, err));
	return keep(passphrase, salt, cost, key, err);
}

/* --- for anyone ------------------------------------------------------------------------------------- */

enum sr_status sr_scrypt_key(const struct sr_secret *passphrase, struct sr_bytes salt,
                             const struct sr_scrypt_cost *cost, uint8_t key[SR_SCRYPT_KEY_BYTES],
                             struct sr_err *err)
{
	/* Another's file, or a phrase as long as none of ours. */
	if (salt.size != SR_SCRYPT_SALT_BYTES || passphrase->size > SR_LIMIT_PASSPHRASE_BYTES)
		return derive(passphrase, salt, cost, key, err);
	pthread_mutex_lock(&lock);
	enum sr_status status = derive_once(passphrase, salt.data, cost, key, err);
	pthread_mutex_unlock(&lock);
	return status;
}

enum sr_status sr_scrypt_salt(const struct sr_secret *passphrase, const struct sr_scrypt_cost *cost,
                              uint8_t salt[SR_SCRYPT_SALT_BYTES], struct sr_err *err)
{
	pthread_mutex_lock(&lock);
	const struct derived *known = look(passphrase, NULL, cost);
	if (known)
		memcpy(salt, known->salt, SR_SCRYPT_SALT_BYTES);
	pthread_mutex_unlock(&lock);
	return known ? SR_OK : sr_random_fill(salt, SR_SCRYPT_SALT_BYTES, err);
}
