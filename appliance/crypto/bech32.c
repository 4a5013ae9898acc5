/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/bech32.h"

#include <string.h>

#define CHECKSUM_CHARS 6

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/* One step of the checksum, a BCH code over GF(32) (BIP 173). */
static uint32_t step(uint32_t sum, unsigned value)
{
	static const uint32_t generator[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
	uint32_t top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ value;
	for (unsigned i = 0; i < 5; i++)
		sum ^= top >> i & 1 ? generator[i] : 0;
	return sum;
}

static uint32_t step_prefix(const char *prefix, size_t size)
{
	uint32_t sum = 1;

	for (size_t i = 0; i < size; i++)
		sum = step(sum, (unsigned)prefix[i] >> 5);
	sum = step(sum, 0);
	for (size_t i = 0; i < size; i++)
		sum = step(sum, (unsigned)prefix[i] & 31);
	return sum;
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static char to_lower(char c)
{
	return is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

static char to_upper(char c)
{
	return is_lower(c) ? (char)(c - 'a' + 'A') : c;
}

/* Copy in lower case; false for foreign characters and mixed case. */
static bool normalise(const char *text, size_t size, char *out)
{
	bool lower = false;
	bool upper = false;

	for (size_t i = 0; i < size; i++) {
		if (text[i] < 0x21 || text[i] > 0x7e)
			return false;
		lower |= is_lower(text[i]);
		upper |= is_upper(text[i]);
		out[i] = to_lower(text[i]);
	}
	return !(lower && upper);
}

/* Five bits a character into bytes; false where the last byte is not whole or its padding not zero. */
static bool gather(const char *text, size_t chars, struct sr_bech32 *out, uint32_t *sum)
{
	uint32_t bits = 0;
	unsigned have = 0;

	out->size = 0;
	for (size_t i = 0; i < chars; i++) {
		const char *at = strchr(alphabet, text[i]);

		if (!at || !*at)
			return false;
		uint32_t value = (uint32_t)(at - alphabet);

		*sum = step(*sum, value);
		if (i >= chars - CHECKSUM_CHARS)
			continue;
		bits = (bits << 5 | value) & 0xfff;
		have += 5;
		if (have >= 8) {
			have -= 8;
			out->data[out->size++] = (uint8_t)(bits >> have);
		}
	}
	return have < 5 && (bits & ((1u << have) - 1)) == 0;
}

static enum sr_status decode_lower(const char *text, size_t size, struct sr_bech32 *out, struct sr_err *err)
{
	size_t prefix = size;

	while (prefix > 0 && text[prefix - 1] != '1')
		prefix--;
	if (prefix < 2)
		return sr_fail(err, SR_CORRUPT, "key text has no prefix");
	prefix--;
	if (size - prefix - 1 < CHECKSUM_CHARS)
		return sr_fail(err, SR_CORRUPT, "key text is cut");

	uint32_t sum = step_prefix(text, prefix);
	if (!gather(text + prefix + 1, size - prefix - 1, out, &sum))
		return sr_fail(err, SR_CORRUPT, "key text has a wrong character or is cut");
	if (sum != 1)
		return sr_fail(err, SR_CORRUPT,
		               "key text fails its checksum: a character was mistyped or lost");
	out->prefix = prefix;
	return SR_OK;
}

enum sr_status sr_bech32_decode(const char *text, size_t size, struct sr_bech32 *out, struct sr_err *err)
{
	char lower[SR_BECH32_TEXT_MAX];

	if (size > sizeof(lower))
		return sr_fail(err, SR_CORRUPT, "key text is longer than %zu characters", sizeof(lower));
	if (!normalise(text, size, lower)) {
		sr_wipe(lower, sizeof(lower));
		return sr_fail(err, SR_CORRUPT, "key text has a foreign character or mixes capitals");
	}

	enum sr_status status = decode_lower(lower, size, out, err);
	sr_wipe(lower, sizeof(lower));
	if (status != SR_OK)
		sr_bech32_wipep(out);
	return status;
}

/* The five bits of character @index; behind the end of the data they are zero. */
static unsigned five_bits(const uint8_t *data, size_t size, size_t index)
{
	size_t byte = index * 5 / 8;
	unsigned window = (unsigned)data[byte] << 8 | (byte + 1 < size ? data[byte + 1] : 0u);

	return window >> (11 - index * 5 % 8) & 31;
}

enum sr_status sr_bech32_encode(const char *prefix, bool upper, const uint8_t *data, size_t size, char *out,
                                size_t capacity, struct sr_err *err)
{
	size_t length = strlen(prefix);
	size_t chars = (size * 8 + 4) / 5;
	uint32_t sum = step_prefix(prefix, length);
	size_t at = length;

	if (size > SR_BECH32_DATA_MAX || length >= capacity ||
	    capacity - length < 1 + chars + CHECKSUM_CHARS + 1)
		return sr_fail(err, SR_LIMIT, "no room for the text of a key");
	memcpy(out, prefix, length);
	out[at++] = '1';
	for (size_t i = 0; i < chars; i++) {
		unsigned value = five_bits(data, size, i);

		sum = step(sum, value);
		out[at++] = alphabet[value];
	}
	for (unsigned i = 0; i < CHECKSUM_CHARS; i++)
		sum = step(sum, 0);
	sum ^= 1;
	for (unsigned i = 0; i < CHECKSUM_CHARS; i++)
		out[at++] = alphabet[sum >> (5 * (CHECKSUM_CHARS - 1 - i)) & 31];
	out[at] = 0;
	for (size_t i = 0; upper && i < at; i++)
		out[i] = to_upper(out[i]);
	return SR_OK;
}
