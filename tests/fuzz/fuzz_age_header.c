/* SPDX-License-Identifier: Apache-2.0 */
/* Header of an age file: any bytes are parsed or refused, and no made-up header passes its MAC. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/crypto/age.h"
#include "appliance/crypto/age_grammar.h"

static const char identity_text[] =
	"AGE-SECRET-KEY-1NYPHNMA6PLRZS5T0HCGF0UJDS9TSNXH770D65D65992RVCFCJ6ES9E9KK7";

static struct sr_secret *identity;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sr_age_header header;
	uint8_t payload_key[SR_AGE_KEY_BYTES];
	size_t head = 0;
	struct sr_err err;

	if (!identity &&
	    sr_age_identity_from_text(identity_text, strlen(identity_text), &identity, &err) != SR_OK)
		abort();
	bool parses = sr_age_header_parse(data, size, &header, &err) == SR_OK;
	if (parses && (header.count == 0 || header.count > SR_LIMIT_AGE_STANZAS || header.size > size ||
	               header.covered.data != data || header.covered.size >= header.size))
		abort();
	bool opens = sr_age_head_open(data, size, identity, payload_key, &head, &err) == SR_OK;
	if (opens && (!parses || head > size))
		abort();
	return 0;
}
