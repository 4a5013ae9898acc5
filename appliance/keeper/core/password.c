/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/password.h"

#include <argon2.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/random.h"
#include "appliance/base/text.h"
#include "appliance/keeper/core/phc.h"

#define SALT_BYTES 16
#define HASH_BYTES 32
#define GROUPS 5
#define GROUP_LETTERS 5

const struct sr_password_cost sr_password_cost = { .memory_kib = 65536, .passes = 3, .lanes = 1 };

static void wipe_phc(struct sr_phc *phc)
{
	sr_wipe(phc, sizeof(*phc));
}

/* --- rules -------------------------------------------------------------------------------------- */

static bool is_white(uint32_t c)
{
	return c == ' ' || c == 0xa0 || c == 0x3000 || c == 0xfeff || (c >= 0x2000 && c <= 0x200b);
}

enum sr_status sr_password_check(const struct sr_secret *password, const char *user_name, struct sr_err *err)
{
	const uint8_t *at = password->data;
	size_t left = password->size;
	bool blank = true;

	if (left < SR_PASSWORD_BYTES_MIN)
		return sr_fail(err, SR_INVALID, "the password is too short; take at least %d bytes",
		               SR_PASSWORD_BYTES_MIN);
	if (left > SR_PASSWORD_BYTES_MAX)
		return sr_fail(err, SR_INVALID, "the password is too long; take at most %d bytes",
		               SR_PASSWORD_BYTES_MAX);
	while (left > 0) {
		uint32_t c;
		size_t bytes = sr_utf8_decode(at, left, &c);

		if (bytes == 0)
			return sr_fail(err, SR_INVALID,
			               "the password is not UTF-8; type it in a UTF-8 terminal");
		if (c < 0x20 || (c >= 0x7f && c < 0xa0))
			return sr_fail(err, SR_INVALID,
			               "the password holds a control character; type it again");
		blank = blank && is_white(c);
		at += bytes;
		left -= bytes;
	}
	if (blank)
		return sr_fail(err, SR_INVALID, "the password is blank; take letters or digits");
	if (strlen(user_name) == password->size &&
	    strncasecmp((const char *)password->data, user_name, password->size) == 0)
		return sr_fail(err, SR_INVALID, "the password is the user's name; take another");
	return SR_OK;
}

/* --- argon2id ----------------------------------------------------------------------------------- */

/* argon2's blocks say as much as the password: out of core files and of forked children; argon2 wipes them.
 */
static int allocate_blocks(uint8_t **memory, size_t size)
{
	void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (data == MAP_FAILED)
		return ARGON2_MEMORY_ALLOCATION_ERROR;
	(void)madvise(data, size, MADV_DONTDUMP);
	(void)madvise(data, size, MADV_DONTFORK);
	*memory = data;
	return ARGON2_OK;
}

static void free_blocks(uint8_t *memory, size_t size)
{
	munmap(memory, size);
}

/* Set phc->hash from its cost, salt and hash_size. */
static enum sr_status compute(const struct sr_secret *password, struct sr_phc *phc, struct sr_err *err)
{
	if (password->size > SR_PASSWORD_BYTES_MAX)
		return sr_fail(err, SR_INVALID, "the password is too long; the most is %d bytes",
		               SR_PASSWORD_BYTES_MAX);
	argon2_context context = {
		.out = phc->hash,
		.outlen = (uint32_t)phc->hash_size,
		.pwd = password->data,
		.pwdlen = (uint32_t)password->size,
		.salt = phc->salt,
		.saltlen = (uint32_t)phc->salt_size,
		.t_cost = phc->cost.passes,
		.m_cost = phc->cost.memory_kib,
		.lanes = phc->cost.lanes,
		.threads = 1,
		.version = ARGON2_VERSION_13,
		.allocate_cbk = allocate_blocks,
		.free_cbk = free_blocks,
	};
	int code = argon2id_ctx(&context);

	if (code == ARGON2_MEMORY_ALLOCATION_ERROR)
		return sr_fail(err, SR_NO_MEMORY, "no memory (%u KiB) for a password hash",
		               phc->cost.memory_kib);
	if (code != ARGON2_OK)
		return sr_fail(err, SR_INVALID, "argon2id: %s", argon2_error_message(code));
	return SR_OK;
}

enum sr_status sr_password_hash(const struct sr_secret *password, const struct sr_password_cost *cost,
                                char out[SR_PASSWORD_HASH_TEXT], struct sr_err *err)
{
	SR_CLEANUP(wipe_phc)
	struct sr_phc phc = { .cost = *cost, .salt_size = SALT_BYTES, .hash_size = HASH_BYTES };

	if (!sr_phc_cost_is_valid(cost))
		return sr_fail(err, SR_INVALID, "a password cost of m=%u,t=%u,p=%u is out of bounds",
		               cost->memory_kib, cost->passes, cost->lanes);
	SR_TRY(sr_random_fill(phc.salt, phc.salt_size, err));
	SR_TRY(compute(password, &phc, err));
	return sr_phc_encode(&phc, out, err);
}

static bool is_outdated(const struct sr_phc *phc, const struct sr_password_cost *wanted)
{
	return phc->cost.memory_kib < wanted->memory_kib || phc->cost.passes < wanted->passes ||
	       phc->cost.lanes < wanted->lanes || phc->salt_size < SALT_BYTES || phc->hash_size < HASH_BYTES;
}

enum sr_status sr_password_verify(const struct sr_secret *password, const char *encoded,
                                  const struct sr_password_cost *wanted, bool *outdated, struct sr_err *err)
{
	/* Nobody's: an unknown user costs what a known one does, and is told the same. */
	SR_CLEANUP(wipe_phc)
	struct sr_phc stored = { .cost = *wanted, .salt_size = SALT_BYTES, .hash_size = HASH_BYTES };

	if (!sr_phc_cost_is_valid(wanted))
		return sr_fail(err, SR_INVALID, "a password cost of m=%u,t=%u,p=%u is out of bounds",
		               wanted->memory_kib, wanted->passes, wanted->lanes);
	if (encoded)
		SR_TRY(sr_phc_decode(encoded, &stored, err));
	SR_CLEANUP(wipe_phc) struct sr_phc given = stored;
	SR_TRY(compute(password, &given, err));
	bool same = sr_secret_equal(given.hash, stored.hash, stored.hash_size);
	if (!same || !encoded)
		return sr_fail(err, SR_DENIED, "wrong user name or password");
	*outdated = is_outdated(&stored, wanted);
	return SR_OK;
}

/* --- random passwords --------------------------------------------------------------------------- */

enum sr_status sr_password_make_random(struct sr_secret **out, struct sr_err *err)
{
	/* Crockford's base 32 in small letters: who reads O, I or L has misread 0 or 1. */
	static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
	SR_CLEANUP(sr_secret_freep) struct sr_secret *random = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *password = NULL;

	_Static_assert(sizeof(letters) - 1 == 32, "five bits a letter");
	SR_TRY(sr_secret_new((size_t)GROUPS * GROUP_LETTERS, &random, err));
	SR_TRY(sr_secret_new(SR_PASSWORD_RANDOM_BYTES, &password, err));
	SR_TRY(sr_random_fill(random->data, random->size, err));
	for (size_t i = 0, at = 0; i < random->size; i++) {
		if (i > 0 && i % GROUP_LETTERS == 0)
			password->data[at++] = '-';
		password->data[at++] = (uint8_t)letters[random->data[i] & 31];
	}
	*out = SR_MOVE(password);
	return SR_OK;
}
