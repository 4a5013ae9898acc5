/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DATA/keys: what seals, stamps and unwraps.  Names of the files in it:
 *   root.pem chain.pem seal.pem seal.key stamp.pem stamp.key wrap.pem wrap.key escrow.pem
 * escrow.age-recipient ledger.key ledger.vkey
 */
#pragma once

#include "appliance/archive/unlock.h"
#include "appliance/archive/writer.h"
#include "appliance/crypto/digest.h"
#include "appliance/crypto/pki.h"
#include "appliance/keeper/keys/data.h"

#define SR_KEY_ROOT "root.pem"
#define SR_KEY_CHAIN "chain.pem"
#define SR_KEY_SEAL "seal"     /* .pem and .key */
#define SR_KEY_STAMP "stamp"   /* .pem and .key */
#define SR_KEY_WRAP "wrap"     /* .pem and .key */
#define SR_KEY_ESCROW "escrow" /* .pem; its key leaves the machine */
#define SR_KEY_ESCROW_AGE "escrow.age-recipient"
#define SR_KEY_LEDGER "ledger.key"
#define SR_KEY_LEDGER_VERIFIER "ledger.vkey"

struct sr_keyring;

/* Put into err->text what a failure to read DATA/keys means and what to do; returns the status that fits. */
enum sr_status sr_keyring_explain(const struct sr_data *data, enum sr_status status, struct sr_err *err);

/* All keys.  SR_DENIED when a key file can be read by others, or the caller cannot read it. */
SR_CHECKED enum sr_status sr_keyring_load(const struct sr_data *data, struct sr_keyring **out,
                                          struct sr_err *err);
void sr_keyring_free(struct sr_keyring *keyring); /* NULL is allowed */
static inline void sr_keyring_freep(struct sr_keyring **keyring)
{
	sr_keyring_free(*keyring);
	*keyring = NULL;
}
/* SR_DENIED, with the file's name, when a certificate that a seal needs has ended by @now_ns. */
SR_CHECKED enum sr_status sr_keyring_require_valid(const struct sr_keyring *keyring, int64_t now_ns,
                                                   struct sr_err *err);
/* The certificates of DATA/keys that the log names: "root" of root.pem, and so on. */
struct sr_key_certificate {
	const char *file, *what;
};
#define SR_KEY_CERTIFICATES 5u
const struct sr_key_certificate *sr_keyring_certificate(size_t index); /* below SR_KEY_CERTIFICATES */
/* SHA-256 of the certificate in @file of the folder @keys_fd (DER), in lower-case hexadecimal. */
SR_CHECKED enum sr_status sr_keyring_fingerprint(int keys_fd, const char *file, char out[SR_DIGEST_HEX],
                                                 struct sr_err *err);

/* When the certificates end: one row each; @rows has room for SR_KEYRING_ENDS.  Returns how many. */
struct sr_keyring_end {
	const char *name; /* file in keys/ */
	int64_t until_ns;
};
#define SR_KEYRING_ENDS 4u
size_t sr_keyring_ends(const struct sr_keyring *keyring, struct sr_keyring_end rows[SR_KEYRING_ENDS]);

/* Borrowed views. */
const struct sr_seal_keys *sr_keyring_seal_keys(const struct sr_keyring *keyring);
const struct sr_opener *sr_keyring_opener(const struct sr_keyring *keyring);
