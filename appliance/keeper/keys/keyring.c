/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/keys/keyring.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"

struct sr_keyring {
	struct sr_key *seal_key, *stamp_key, *wrap_key;
	struct sr_cert *seal_cert, *stamp_cert, *wrap_cert, *escrow_cert;
	struct sr_certs *chain, *wrap_certs;
	struct sr_age_recipient escrow;
	char *stamp_url;
	struct sr_seal_keys seal_keys;
	struct sr_opener opener;
};

void sr_keyring_free(struct sr_keyring *keyring)
{
	if (!keyring)
		return;
	sr_key_free(keyring->seal_key);
	sr_key_free(keyring->stamp_key);
	sr_key_free(keyring->wrap_key);
	sr_cert_free(keyring->seal_cert);
	sr_cert_free(keyring->stamp_cert);
	sr_cert_free(keyring->wrap_cert);
	sr_cert_free(keyring->escrow_cert);
	sr_certs_free(keyring->chain);
	sr_certs_free(keyring->wrap_certs);
	free(keyring->stamp_url);
	free(keyring);
}

static enum sr_status read_certs(int dir_fd, const char *name, struct sr_certs **out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };

	SR_TRY(sr_fd_read_file(dir_fd, name, SR_LIMIT_KEY_FILE_BYTES, &pem, err));
	enum sr_status status = sr_certs_from_pem(sr_buf_bytes(&pem), out, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "%s: ", name);
}

static enum sr_status read_cert(int dir_fd, const char *base, struct sr_cert **out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	char name[32];

	snprintf(name, sizeof(name), "%s.pem", base);
	SR_TRY(sr_fd_read_file(dir_fd, name, SR_LIMIT_KEY_FILE_BYTES, &pem, err));
	enum sr_status status = sr_cert_from_pem(sr_buf_bytes(&pem), out, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "%s: ", name);
}

static enum sr_status read_pair(const struct sr_data *data, const char *base, struct sr_key **key,
                                struct sr_cert **cert, struct sr_err *err)
{
	char name[32];

	snprintf(name, sizeof(name), "%s.key", base);
	SR_TRY(read_cert(data->keys_fd, base, cert, err));
	SR_TRY(sr_key_read(data->keys_fd, name, data->passphrase, key, err));
	if (!sr_key_matches(*key, *cert))
		return sr_fail(err, SR_CORRUPT, "keys/%s.key does not belong to keys/%s.pem", base, base);
	return SR_OK;
}

static enum sr_status read_escrow(struct sr_keyring *keyring, int dir_fd, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	const char *recipient;

	SR_TRY(read_cert(dir_fd, SR_KEY_ESCROW, &keyring->escrow_cert, err));
	SR_TRY(sr_fd_read_file(dir_fd, SR_KEY_ESCROW_AGE, SR_LIMIT_KEY_FILE_BYTES, &text, err));
	if (text.size > 0 && text.data[text.size - 1] == '\n')
		text.size--;
	SR_TRY(sr_buf_text(&text, &recipient, err));
	enum sr_status status = sr_age_recipient_from_text(recipient, &keyring->escrow, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, SR_KEY_ESCROW_AGE ": ");
}

static enum sr_status gather(struct sr_keyring *keyring, const struct sr_data *data, struct sr_err *err)
{
	int dir_fd = data->keys_fd;
	const char *url = sr_config_text(data->config, "stamp.url");

	SR_TRY(read_pair(data, SR_KEY_SEAL, &keyring->seal_key, &keyring->seal_cert, err));
	SR_TRY(read_pair(data, SR_KEY_STAMP, &keyring->stamp_key, &keyring->stamp_cert, err));
	SR_TRY(read_pair(data, SR_KEY_WRAP, &keyring->wrap_key, &keyring->wrap_cert, err));
	SR_TRY(read_certs(dir_fd, SR_KEY_CHAIN, &keyring->chain, err));
	SR_TRY(read_escrow(keyring, dir_fd, err));
	SR_TRY(sr_certs_new(&keyring->wrap_certs, err));
	SR_TRY(sr_certs_add(keyring->wrap_certs, keyring->wrap_cert, err));
	SR_TRY(sr_certs_add(keyring->wrap_certs, keyring->escrow_cert, err));
	keyring->stamp_url = url[0] ? strdup(url) : NULL;
	if (url[0] && !keyring->stamp_url)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the keys");

	keyring->seal_keys = (struct sr_seal_keys){
		.seal_key = keyring->seal_key,
		.seal_cert = keyring->seal_cert,
		.chain = keyring->chain,
		.wrap_certs = keyring->wrap_certs,
		.escrow = &keyring->escrow,
		.escrow_count = 1,
		.stamper = { .url = keyring->stamp_url,
		             .key = keyring->stamp_key,
		             .cert = keyring->stamp_cert,
		             .chain = NULL },
	};
	keyring->opener = (struct sr_opener){ .key = keyring->wrap_key, .cert = keyring->wrap_cert };
	return SR_OK;
}

/* A data directory without its keys is damaged, not empty. */
enum sr_status sr_keyring_explain(const struct sr_data *data, enum sr_status status, struct sr_err *err)
{
	const struct sr_err why = *err;

	if (status != SR_NOT_FOUND)
		return sr_fail_in(err, status, "%s/keys: ", data->path);
	return sr_fail(err, SR_CORRUPT, "%s/keys: %s; put the file back from a backup of keys/", data->path,
	               why.text);
}

enum sr_status sr_keyring_load(const struct sr_data *data, struct sr_keyring **out, struct sr_err *err)
{
	SR_CLEANUP(sr_keyring_freep) struct sr_keyring *keyring = calloc(1, sizeof(*keyring));

	if (!keyring)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the keys");
	enum sr_status status = gather(keyring, data, err);
	if (status != SR_OK)
		return sr_keyring_explain(data, status, err);
	*out = SR_MOVE(keyring);
	return SR_OK;
}

enum sr_status sr_keyring_require_valid(const struct sr_keyring *keyring, int64_t now_ns, struct sr_err *err)
{
	const struct {
		const char *name;
		const struct sr_cert *cert;
	} needed[] = {
		{ SR_KEY_SEAL ".pem", keyring->seal_cert },
		{ SR_KEY_STAMP ".pem", keyring->stamp_url ? NULL : keyring->stamp_cert },
		{ SR_KEY_WRAP ".pem", keyring->wrap_cert },
	};

	for (size_t i = 0; i < SR_COUNT(needed); i++) {
		char end[SR_TIME_TEXT];

		if (!needed[i].cert || now_ns <= sr_cert_not_after_ns(needed[i].cert))
			continue;
		sr_time_format_utc(sr_cert_not_after_ns(needed[i].cert), end);
		return sr_fail(
			err, SR_DENIED,
			"the certificate keys/%s ended at %s; nothing is sealed with it: issue a new one "
			"with "
			"the escrowed root key (docs/OPERATING.md, \"What to do when\"), or mend the clock",
			needed[i].name, end);
	}
	return SR_OK;
}

size_t sr_keyring_ends(const struct sr_keyring *keyring, struct sr_keyring_end rows[SR_KEYRING_ENDS])
{
	const struct {
		const char *name;
		const struct sr_cert *cert;
	} all[SR_KEYRING_ENDS] = {
		{ SR_KEY_SEAL ".pem", keyring->seal_cert },
		{ SR_KEY_STAMP ".pem", keyring->stamp_url ? NULL : keyring->stamp_cert },
		{ SR_KEY_WRAP ".pem", keyring->wrap_cert },
		{ SR_KEY_ESCROW ".pem", keyring->escrow_cert },
	};
	size_t count = 0;

	for (size_t i = 0; i < SR_COUNT(all); i++)
		if (all[i].cert)
			rows[count++] =
				(struct sr_keyring_end){ all[i].name, sr_cert_not_after_ns(all[i].cert) };
	return count;
}

const struct sr_seal_keys *sr_keyring_seal_keys(const struct sr_keyring *keyring)
{
	return &keyring->seal_keys;
}

const struct sr_opener *sr_keyring_opener(const struct sr_keyring *keyring)
{
	return &keyring->opener;
}

/* --- what the log names --------------------------------------------------------------------------------- */

const struct sr_key_certificate *sr_keyring_certificate(size_t index)
{
	static const struct sr_key_certificate certificates[SR_KEY_CERTIFICATES] = {
		{ SR_KEY_ROOT, "root" },
		{ SR_KEY_SEAL ".pem", "seal" },
		{ SR_KEY_STAMP ".pem", "stamp" },
		{ SR_KEY_WRAP ".pem", "wrap" },
		{ SR_KEY_ESCROW ".pem", "escrow" },
	};

	return &certificates[index];
}

enum sr_status sr_keyring_fingerprint(int keys_fd, const char *file, char out[SR_DIGEST_HEX],
                                      struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	SR_CLEANUP(sr_cert_freep) struct sr_cert *cert = NULL;
	struct sr_digest digest;

	SR_TRY(sr_fd_read_file(keys_fd, file, SR_LIMIT_KEY_FILE_BYTES, &pem, err));
	SR_TRY(sr_cert_from_pem(sr_buf_bytes(&pem), &cert, err));
	SR_TRY(sr_cert_digest(cert, &digest, err));
	sr_digest_to_hex(&digest, out);
	return SR_OK;
}
