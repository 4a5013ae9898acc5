/* SPDX-License-Identifier: Apache-2.0 */
/* For how long a chain that was found stays the answer.  Private to this folder. */
#pragma once

#include <stdbool.h>
#include <time.h>

#include "appliance/crypto/chain.h"

/* Seconds; what holds at one time between the two, both excluded, holds at each of them. */
struct sr_chain_span {
	time_t from, until;
};

/*
 * @chain is what sr_chain_build found for its first certificate from @embedded and @trust.  False where
 * another time might lead it elsewhere: two certificates of one subject, two lists of one issuer, a
 * certificate of the chain on a list, a date that cannot be read.  Otherwise the only thing that time can
 * change is whether a certificate of the chain or a list of its issuers is valid, and *out is when all of
 * them are.
 */
bool sr_chain_span(const STACK_OF(X509) * chain, const STACK_OF(X509) * embedded,
                   const struct sr_trust *trust, struct sr_chain_span *out);
