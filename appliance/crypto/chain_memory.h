/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one run over many archives has learned of certificates: those that were parsed, and chains that were
 * verified.  Archives of one appliance carry the same certificates and lists for years, so that the second
 * one is spared what the first one needed.  Nothing is believed that was not verified from the very same
 * bytes, against the same roots, and for the time that is asked about (chain_span.h); signatures are never
 * remembered. May be used by several threads at once.
 */
#pragma once

#include "appliance/crypto/pki.h"

struct sr_chain_memory;

SR_CHECKED enum sr_status sr_chain_memory_new(struct sr_chain_memory **out, struct sr_err *err);
void sr_chain_memory_free(struct sr_chain_memory *memory); /* NULL is allowed */
static inline void sr_chain_memory_freep(struct sr_chain_memory **memory)
{
	sr_chain_memory_free(*memory);
	*memory = NULL;
}

/*
 * As sr_certs_from_pem (the caller frees *out), from memory where @pem was parsed before.  What is verified
 * with *out as the known certificates is remembered: @memory must outlive it.  @memory NULL:
 * sr_certs_from_pem.
 */
SR_CHECKED enum sr_status sr_chain_memory_certs(struct sr_chain_memory *memory, struct sr_bytes pem,
                                                struct sr_certs **out, struct sr_err *err);
