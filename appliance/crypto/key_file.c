/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/key_file.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "appliance/base/fd.h"
#include "appliance/base/limits.h"
#include "appliance/base/random.h"
#include "appliance/base/text.h"
#include "appliance/crypto/key.h"
#include "appliance/crypto/pbes2.h"

SR_OSSL_RELEASE(p8_freep, PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)
SR_OSSL_RELEASE(sig_freep, X509_SIG, X509_SIG_free)

/* --- writing --------------------------------------------------------------------------------------- */

static enum sr_status key_to_pem(const struct sr_key *key, const struct sr_secret *passphrase, BIO *pem,
                                 struct sr_err *err)
{
	SR_CLEANUP(p8_freep) PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(key->pkey);
	SR_CLEANUP(sig_freep) X509_SIG *encrypted = NULL;

	if (!plain)
		return sr_crypto_fail(err, SR_NO_MEMORY, "cannot encode the key");
	if (!passphrase) {
		if (PEM_write_bio_PKCS8_PRIV_KEY_INFO(pem, plain) != 1)
			return sr_crypto_fail(err, SR_NO_MEMORY, "cannot encode the key");
		return SR_OK;
	}
	SR_TRY(sr_pbes2_encrypt(plain, passphrase, &encrypted, err));
	if (PEM_write_bio_PKCS8(pem, encrypted) != 1)
		return sr_crypto_fail(err, SR_NO_MEMORY, "cannot encode the key");
	return SR_OK;
}

/* The whole file under another name first, so that @name is never there in part. */
static enum sr_status write_new_file(int dir_fd, const char *name, const char *data, size_t size,
                                     struct sr_err *err)
{
	uint8_t random[8];
	char hex[2 * sizeof(random) + 1];
	char temporary[64];

	SR_TRY(sr_random_fill(random, sizeof(random), err));
	sr_hex_encode(random, sizeof(random), hex);
	snprintf(temporary, sizeof(temporary), ".key-%s", hex);
	SR_TRY(sr_fd_write_file(dir_fd, temporary, 0600, data, size, err));
	if (renameat2(dir_fd, temporary, dir_fd, name, RENAME_NOREPLACE) < 0) {
		enum sr_status status = sr_fail_errno(err, "name the key file %s", name);

		unlinkat(dir_fd, temporary, 0);
		return status;
	}
	return sr_fd_sync(dir_fd, "folder", err);
}

enum sr_status sr_key_compose(const struct sr_key *key, const struct sr_secret *passphrase,
                              struct sr_secret **out, struct sr_err *err)
{
	sr_key_prepare_memory();
	SR_CLEANUP(sr_bio_freep) BIO *pem = BIO_new(BIO_s_secmem()); /* wiped when freed */
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;
	char *data = NULL;

	if (!pem)
		return sr_crypto_fail(err, SR_NO_MEMORY, "key file");
	if (passphrase && passphrase->size > INT_MAX)
		return sr_fail(err, SR_INVALID, "the passphrase is too long");
	SR_TRY(key_to_pem(key, passphrase, pem, err));
	long size = BIO_get_mem_data(pem, &data);
	if (size <= 0)
		return sr_crypto_fail(err, SR_NO_MEMORY, "key file");
	SR_TRY(sr_secret_new((size_t)size, &text, err));
	memcpy(text->data, data, text->size);
	*out = SR_MOVE(text);
	return SR_OK;
}

enum sr_status sr_key_write(const struct sr_key *key, int dir_fd, const char *name,
                            const struct sr_secret *passphrase, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;

	SR_TRY(sr_key_compose(key, passphrase, &text, err));
	assert(text);
	return write_new_file(dir_fd, name, (const char *)text->data, text->size, err);
}

/* --- reading --------------------------------------------------------------------------------------- */

/* What PEM_read_bio_ex hands out in secure memory. */
struct pem_block {
	char *name, *header;
	unsigned char *data;
	long size;
};

static void pem_block_dispose(struct pem_block *block)
{
	OPENSSL_secure_free(block->name);
	OPENSSL_secure_free(block->header);
	OPENSSL_secure_clear_free(block->data, block->size > 0 ? (size_t)block->size : 0);
}

/* Others who could have written or read the file make the key worthless. */
static enum sr_status require_private(int fd, const char *name, struct stat *st, struct sr_err *err)
{
	if (fstat(fd, st) < 0)
		return sr_fail_errno(err, "stat key file %s", name);
	if (!S_ISREG(st->st_mode))
		return sr_fail(err, SR_INVALID, "key file %s is not a regular file", name);
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return sr_fail(err, SR_DENIED,
		               "key file %s belongs to another user; chown it to yourself and "
		               "chmod 600 it",
		               name);
	if (st->st_mode & 077)
		return sr_fail(err, SR_DENIED, "others may read or write key file %s; chmod 600 it", name);
	if (st->st_size > SR_LIMIT_KEY_FILE_BYTES)
		return sr_fail(err, SR_LIMIT, "key file %s has more than %u bytes", name,
		               SR_LIMIT_KEY_FILE_BYTES);
	return SR_OK;
}

static enum sr_status open_key_file(int dir_fd, const char *name, int *out, struct sr_err *err)
{
	if (dir_fd != AT_FDCWD)
		return sr_fd_open_regular(dir_fd, name, out, err);
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return sr_fail_errno(err, "open key file %s", name);
	*out = fd;
	return SR_OK;
}

enum sr_status sr_key_file_read(int dir_fd, const char *name, struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *file = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	struct stat st;

	SR_TRY(open_key_file(dir_fd, name, &fd, err));
	SR_TRY(require_private(fd, name, &st, err));
	if (st.st_size == 0)
		return sr_fail(err, SR_CORRUPT, "key file %s is empty", name);
	SR_TRY(sr_secret_new((size_t)st.st_size, &file, err));
	SR_TRY(sr_fd_pread_all(fd, file->data, file->size, 0, err));
	*out = SR_MOVE(file);
	return SR_OK;
}

static enum sr_status decrypt_key(const struct pem_block *block, const struct sr_secret *passphrase,
                                  PKCS8_PRIV_KEY_INFO **out, struct sr_err *err)
{
	const unsigned char *at = block->data;

	SR_CLEANUP(sig_freep) X509_SIG *encrypted = d2i_X509_SIG(NULL, &at, block->size);
	if (!encrypted || at != block->data + block->size)
		return sr_crypto_fail(err, SR_CORRUPT, "not an encrypted PKCS#8 key");
	if (!passphrase || passphrase->size > INT_MAX)
		return sr_fail(err, SR_DENIED, "the key needs its passphrase");
	return sr_pbes2_decrypt(encrypted, passphrase, out, err);
}

static enum sr_status decode_key(const struct pem_block *block, const struct sr_secret *passphrase,
                                 PKCS8_PRIV_KEY_INFO **out, struct sr_err *err)
{
	const unsigned char *at = block->data;

	if (strcmp(block->name, PEM_STRING_PKCS8) == 0)
		return decrypt_key(block, passphrase, out, err);
	if (strcmp(block->name, PEM_STRING_PKCS8INF) != 0)
		return sr_fail(err, SR_CORRUPT,
		               "no PKCS#8 private key; convert it with openssl pkcs8 -topk8");
	*out = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, block->size);
	if (!*out || at != block->data + block->size)
		return sr_crypto_fail(err, SR_CORRUPT, "not a PKCS#8 key");
	return SR_OK;
}

enum sr_status sr_key_parse(const struct sr_secret *file, const struct sr_secret *passphrase,
                            struct sr_key **out, struct sr_err *err)
{
	sr_key_prepare_memory();
	SR_CLEANUP(sr_bio_freep) BIO *pem = BIO_new_mem_buf(file->data, (int)file->size);
	SR_CLEANUP(pem_block_dispose) struct pem_block block = { 0 };
	SR_CLEANUP(p8_freep) PKCS8_PRIV_KEY_INFO *plain = NULL;

	if (!pem)
		return sr_crypto_fail(err, SR_NO_MEMORY, "read a key");
	/* This call never decrypts, so nothing can ever ask a terminal for a passphrase. */
	if (PEM_read_bio_ex(pem, &block.name, &block.header, &block.data, &block.size, PEM_FLAG_SECURE) != 1)
		return sr_crypto_fail(err, SR_CORRUPT, "no PEM key");
	SR_TRY(decode_key(&block, passphrase, &plain, err));
	EVP_PKEY *pkey = EVP_PKCS82PKEY(plain);
	if (!pkey)
		return sr_crypto_fail(err, SR_CORRUPT, "not a private key");
	if (!sr_pkey_is_accepted(pkey)) {
		EVP_PKEY_free(pkey);
		return sr_fail(err, SR_CORRUPT,
		               "a key of another kind than P-256, P-384, P-521, Ed25519 or "
		               "RSA of 3072 bits");
	}
	return sr_key_wrap(pkey, out, err);
}

enum sr_status sr_key_read(int dir_fd, const char *name, const struct sr_secret *passphrase,
                           struct sr_key **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *file = NULL;

	SR_TRY(sr_key_file_read(dir_fd, name, &file, err));
	assert(file);
	enum sr_status status = sr_key_parse(file, passphrase, out, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "key file %s: ", name);
	return SR_OK;
}
