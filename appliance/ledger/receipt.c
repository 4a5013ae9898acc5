/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/ledger/receipt.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/cursor.h"
#include "appliance/base/text.h"
#include "appliance/ledger/entry.h"

#define FIRST_LINE "c2sp.org/tlog-proof@v1"

void sr_receipt_dispose(struct sr_receipt *receipt)
{
	sr_buf_dispose(&receipt->entry);
}

enum sr_status sr_receipt_encode(struct sr_bytes entry, uint64_t seq, const struct sr_proof *proof,
                                 struct sr_bytes checkpoint, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_buf_add_text(&text, FIRST_LINE "\nextra ", err));
	SR_TRY(sr_base64_encode(SR_BASE64_PADDED, entry.data, entry.size, &text, err));
	SR_TRY(sr_buf_printf(&text, err, "\nindex %llu\n", (unsigned long long)seq));
	for (size_t i = 0; i < proof->count; i++) {
		SR_TRY(sr_base64_encode(SR_BASE64_PADDED, proof->hashes[i].bytes, SR_DIGEST_BYTES, &text,
		                        err));
		SR_TRY(sr_buf_add(&text, "\n", 1, err));
	}
	SR_TRY(sr_buf_add(&text, "\n", 1, err));
	SR_TRY(sr_buf_add(&text, checkpoint.data, checkpoint.size, err));
	if (text.size > SR_RECEIPT_BYTES)
		return sr_fail(err, SR_LIMIT, "the receipt has over %u bytes", SR_RECEIPT_BYTES);
	return sr_buf_add(out, text.data, text.size, err);
}

struct sr_bytes sr_receipt_note(struct sr_bytes text)
{
	const size_t first = strlen(FIRST_LINE "\n");
	const uint8_t *end;

	if (text.size < first || memcmp(text.data, FIRST_LINE "\n", first) != 0)
		return text;
	end = memmem(text.data, text.size, "\n\n", 2);
	if (!end)
		return text;
	size_t skipped = (size_t)(end + 2 - text.data);
	return (struct sr_bytes){ .data = end + 2, .size = text.size - skipped };
}

static struct sr_bytes take_line(struct sr_cursor *c)
{
	struct sr_bytes line = { 0 };

	line.data = sr_cursor_line(c, &line.size);
	return line;
}

/* Take @prefix off the beginning of a line. */
static bool take_prefix(struct sr_bytes *line, const char *prefix)
{
	size_t size = strlen(prefix);

	if (line->size < size || memcmp(line->data, prefix, size) != 0)
		return false;
	line->data += size;
	line->size -= size;
	return true;
}

/* Hashes up to the empty line, which is taken too. */
static enum sr_status read_hashes(struct sr_cursor *c, struct sr_proof *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf hash = { 0 };

	out->count = 0;
	for (struct sr_bytes line = take_line(c); line.size > 0; line = take_line(c)) {
		hash.size = 0;
		SR_TRY(sr_base64_decode(SR_BASE64_PADDED, (const char *)line.data, line.size, &hash, err));
		if (hash.size != SR_DIGEST_BYTES || out->count == SR_PROOF_HASHES)
			return sr_fail(err, SR_CORRUPT, "the receipt's proof is no list of SHA-256 hashes");
		memcpy(out->hashes[out->count++].bytes, hash.data, SR_DIGEST_BYTES);
	}
	if (c->bad)
		return sr_fail(err, SR_CORRUPT, "the receipt is cut: no checkpoint follows its proof");
	return SR_OK;
}

/* All but the checkpoint, which is what @c has left. */
static enum sr_status read_head(struct sr_cursor *c, struct sr_receipt *receipt, struct sr_proof *proof,
                                struct sr_err *err)
{
	struct sr_bytes first = take_line(c), extra = take_line(c), index = take_line(c);

	if (c->bad || !take_prefix(&first, FIRST_LINE) || first.size != 0)
		return sr_fail(err, SR_CORRUPT, "no receipt: it does not begin with \"" FIRST_LINE "\"");
	if (!take_prefix(&extra, "extra "))
		return sr_fail(err, SR_CORRUPT, "the receipt does not carry its entry in a line \"extra\"");
	if (!take_prefix(&index, "index ") ||
	    !sr_decimal_parse((const char *)index.data, index.size, SR_MERKLE_LEAVES, &receipt->seq))
		return sr_fail(err, SR_CORRUPT, "the receipt has no line \"index\" with a number");
	SR_TRY(sr_base64_decode(SR_BASE64_PADDED, (const char *)extra.data, extra.size, &receipt->entry,
	                        err));
	return read_hashes(c, proof, err);
}

/* The tree speaks for the bytes; the entry must also say of itself that it is this one. */
static enum sr_status check_entry(const struct sr_receipt *receipt, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };

	SR_TRY(sr_entry_decode(sr_buf_bytes(&receipt->entry), &entry, err));
	if (entry.seq != receipt->seq)
		return sr_fail(err, SR_TAMPERED, "the receipt is for entry %llu, but the entry says %llu",
		               (unsigned long long)receipt->seq, (unsigned long long)entry.seq);
	return SR_OK;
}

enum sr_status sr_receipt_verify(struct sr_bytes text, const char *verifier, struct sr_receipt *out,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_receipt_dispose) struct sr_receipt receipt = { 0 };
	struct sr_cursor c = { .next = text.data, .left = text.size };
	struct sr_digest leaf;
	struct sr_proof proof;

	if (text.size > SR_RECEIPT_BYTES)
		return sr_fail(err, SR_CORRUPT, "a receipt has at most %u bytes", SR_RECEIPT_BYTES);
	SR_TRY(read_head(&c, &receipt, &proof, err));
	struct sr_bytes note = { .data = c.next, .size = c.left };
	SR_TRY(sr_checkpoint_open(note, verifier, &receipt.checkpoint, err));
	SR_TRY(sr_merkle_leaf(receipt.entry.data, receipt.entry.size, &leaf, err));
	SR_TRY(sr_merkle_verify_inclusion(&leaf, receipt.seq, receipt.checkpoint.size, &proof,
	                                  &receipt.checkpoint.root, err));
	SR_TRY(check_entry(&receipt, err));
	*out = receipt;
	receipt.entry = (struct sr_buf){ 0 };
	return SR_OK;
}
