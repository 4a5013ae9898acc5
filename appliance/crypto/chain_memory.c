/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/chain_memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/crypto/cert.h"
#include "appliance/crypto/certs.h"
#include "appliance/crypto/known_chain.h"

/* A run meets a pair of certificates for each time that the keys were changed; the oldest give way. */
#define KEPT 64u

struct kept_certs {
	struct sr_digest source;
	struct sr_certs *certs;
};

struct kept_chain {
	struct sr_digest key;
	struct sr_known_chain known;
};

struct sr_chain_memory {
	pthread_mutex_t lock; /* what follows */
	struct kept_certs certs[KEPT];
	struct kept_chain chains[KEPT];
	size_t certs_count, chains_count; /* ever kept: the next place, modulo KEPT */
};

enum sr_status sr_chain_memory_new(struct sr_chain_memory **out, struct sr_err *err)
{
	struct sr_chain_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return sr_fail(err, SR_NO_MEMORY, "no memory for certificate chains");
	pthread_mutex_init(&memory->lock, NULL);
	*out = memory;
	return SR_OK;
}

void sr_chain_memory_free(struct sr_chain_memory *memory)
{
	if (!memory)
		return;
	for (size_t i = 0; i < KEPT; i++) {
		sr_certs_free(memory->certs[i].certs);
		sr_known_chain_dispose(&memory->chains[i].known);
	}
	pthread_mutex_destroy(&memory->lock);
	free(memory);
}

/* --- certificates ---------------------------------------------------------------------------------- */

/* The newest first: a run goes through archives in the order of their sealing. */
static const struct sr_certs *find_certs(const struct sr_chain_memory *memory, const struct sr_digest *source)
{
	size_t kept = memory->certs_count < KEPT ? memory->certs_count : KEPT;

	for (size_t i = 1; i <= kept; i++) {
		const struct kept_certs *one = &memory->certs[(memory->certs_count - i) % KEPT];

		if (sr_digest_equal(&one->source, source))
			return one->certs;
	}
	return NULL;
}

static void keep_certs(struct sr_chain_memory *memory, const struct sr_digest *source,
                       const struct sr_certs *certs)
{
	struct sr_certs *copy = NULL;
	struct sr_err ignored;

	if (sr_certs_copy(certs, &copy, &ignored) != SR_OK)
		return;
	pthread_mutex_lock(&memory->lock);
	if (!find_certs(memory, source)) {
		struct kept_certs *place = &memory->certs[memory->certs_count++ % KEPT];
		struct sr_certs *before = place->certs;

		*place = (struct kept_certs){ .source = *source, .certs = copy };
		copy = before;
	}
	pthread_mutex_unlock(&memory->lock);
	sr_certs_free(copy);
}

enum sr_status sr_chain_memory_certs(struct sr_chain_memory *memory, struct sr_bytes pem,
                                     struct sr_certs **out, struct sr_err *err)
{
	struct sr_certs *certs = NULL;
	struct sr_digest source;
	enum sr_status status = SR_OK;

	if (!memory)
		return sr_certs_from_pem(pem, out, err);
	SR_TRY(sr_digest_of(pem.data, pem.size, &source, err));
	pthread_mutex_lock(&memory->lock);
	const struct sr_certs *kept = find_certs(memory, &source);
	if (kept)
		status = sr_certs_copy(kept, &certs, err);
	pthread_mutex_unlock(&memory->lock);
	if (!kept && status == SR_OK) {
		status = sr_certs_from_pem(pem, &certs, err);
		if (status == SR_OK)
			keep_certs(memory, &source, certs);
	}
	if (status != SR_OK)
		return status;
	certs->memory = memory;
	*out = certs;
	return SR_OK;
}

/* --- chains ---------------------------------------------------------------------------------------- */

void sr_known_chain_dispose(struct sr_known_chain *known)
{
	sr_ossl_x509_stack_free(known->embedded);
	sr_ossl_x509_stack_free(known->chain);
	X509_free(known->signer);
	*known = (struct sr_known_chain){ 0 };
}

/* References of its own to the same. */
static bool share(const struct sr_known_chain *known, struct sr_known_chain *out)
{
	struct sr_known_chain copy = {
		.embedded = X509_chain_up_ref(known->embedded),
		.chain = X509_chain_up_ref(known->chain),
		.signer = known->signer,
		.span = known->span,
	};

	X509_up_ref(copy.signer);
	if (!copy.embedded || !copy.chain) {
		sr_known_chain_dispose(&copy);
		return false;
	}
	*out = copy;
	return true;
}

enum sr_status sr_chain_key_of(const struct sr_signed_data *parts, const struct sr_trust *trust,
                               struct sr_chain_key *out, struct sr_err *err)
{
	const struct sr_certs *others = trust->others, *roots = trust->roots;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	const uint64_t head[] = { (uint64_t)trust->use, roots != NULL, parts->certificates.size,
		                  parts->issuer_and_serial.size };

	*out = (struct sr_chain_key){ 0 };
	if (!others || !others->memory || !others->has_source || (roots && !roots->has_source) ||
	    parts->certificates.size == 0)
		return SR_OK;
	SR_TRY(sr_buf_add(&text, head, sizeof(head), err));
	SR_TRY(sr_buf_add(&text, others->source.bytes, SR_DIGEST_BYTES, err));
	if (roots)
		SR_TRY(sr_buf_add(&text, roots->source.bytes, SR_DIGEST_BYTES, err));
	SR_TRY(sr_buf_add(&text, parts->certificates.data, parts->certificates.size, err));
	SR_TRY(sr_buf_add(&text, parts->issuer_and_serial.data, parts->issuer_and_serial.size, err));
	SR_TRY(sr_digest_of(text.data, text.size, &out->digest, err));
	out->memory = others->memory;
	return SR_OK;
}

static const struct kept_chain *find_chain(const struct sr_chain_memory *memory, const struct sr_digest *key)
{
	size_t kept = memory->chains_count < KEPT ? memory->chains_count : KEPT;

	for (size_t i = 1; i <= kept; i++) {
		const struct kept_chain *one = &memory->chains[(memory->chains_count - i) % KEPT];

		if (sr_digest_equal(&one->key, key))
			return one;
	}
	return NULL;
}

bool sr_known_chain_recall(const struct sr_chain_key *key, struct sr_known_chain *out)
{
	struct sr_chain_memory *memory = key->memory;

	if (!memory)
		return false;
	pthread_mutex_lock(&memory->lock);
	const struct kept_chain *kept = find_chain(memory, &key->digest);
	bool known = kept && share(&kept->known, out);
	pthread_mutex_unlock(&memory->lock);
	return known;
}

void sr_known_chain_keep(const struct sr_chain_key *key, const struct sr_known_chain *known)
{
	struct sr_chain_memory *memory = key->memory;
	struct sr_known_chain copy = { 0 };

	if (!memory || !share(known, &copy))
		return;
	pthread_mutex_lock(&memory->lock);
	if (!find_chain(memory, &key->digest)) {
		struct kept_chain *place = &memory->chains[memory->chains_count++ % KEPT];
		struct sr_known_chain before = place->known;

		*place = (struct kept_chain){ .key = key->digest, .known = copy };
		copy = before;
	}
	pthread_mutex_unlock(&memory->lock);
	sr_known_chain_dispose(&copy);
}
