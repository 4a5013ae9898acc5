/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a chain memory, and adding to it.  Private to this folder. */
#pragma once

#include "appliance/crypto/chain_memory.h"
#include "appliance/crypto/chain_span.h"
#include "appliance/crypto/signed_data.h"

/* What a signature's verification found besides the signature; references are the holder's own. */
struct sr_known_chain {
	STACK_OF(X509) * embedded;
	X509 *signer;
	STACK_OF(X509) * chain; /* signer first */
	struct sr_chain_span span;
};
void sr_known_chain_dispose(struct sr_known_chain *known);

/* Everything that embedded certificates, signer and chain follow from, but for the time. */
struct sr_chain_key {
	struct sr_chain_memory *memory; /* NULL: nothing can be remembered */
	struct sr_digest digest;
};
SR_CHECKED enum sr_status sr_chain_key_of(const struct sr_signed_data *parts, const struct sr_trust *trust,
                                          struct sr_chain_key *out, struct sr_err *err);

/* False when it is not known; the caller disposes of *out after true. */
bool sr_known_chain_recall(const struct sr_chain_key *key, struct sr_known_chain *out);
/* Keep references of one's own to what @known has.  Without memory for it, it is not kept. */
void sr_known_chain_keep(const struct sr_chain_key *key, const struct sr_known_chain *known);
