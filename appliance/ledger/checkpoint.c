/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/ledger/checkpoint.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/cursor.h"
#include "appliance/base/text.h"
#include "appliance/ledger/merkle.h"

/* The root of an empty tree is the hash of nothing, and of no other tree. */
static enum sr_status check_meaning(const struct sr_checkpoint *checkpoint, enum sr_status otherwise,
                                    struct sr_err *err)
{
	struct sr_digest empty;

	SR_TRY(sr_digest_of("", 0, &empty, err));
	if (checkpoint->size > SR_MERKLE_LEAVES ||
	    (checkpoint->size == 0) != sr_digest_equal(&checkpoint->root, &empty))
		return sr_fail(err, otherwise, "the checkpoint's size and root do not go together");
	return SR_OK;
}

enum sr_status sr_checkpoint_sign(const struct sr_checkpoint *checkpoint, const struct sr_key *key,
                                  struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(check_meaning(checkpoint, SR_INVALID, err));
	SR_TRY(sr_buf_printf(&text, err, "%s\n%llu\n", checkpoint->origin,
	                     (unsigned long long)checkpoint->size));
	SR_TRY(sr_base64_encode(SR_BASE64_PADDED, checkpoint->root.bytes, SR_DIGEST_BYTES, &text, err));
	SR_TRY(sr_buf_add(&text, "\n", 1, err));
	return sr_note_sign(sr_buf_bytes(&text), checkpoint->origin, key, out, err);
}

static enum sr_status read_root(const uint8_t *line, size_t size, struct sr_digest *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf root = { 0 };

	SR_TRY(sr_base64_decode(SR_BASE64_PADDED, (const char *)line, size, &root, err));
	if (root.size != SR_DIGEST_BYTES)
		return sr_fail(err, SR_CORRUPT, "the checkpoint's root is no SHA-256 hash");
	memcpy(out->bytes, root.data, SR_DIGEST_BYTES);
	return SR_OK;
}

/* Origin, size, root, and any extension lines: none of them empty. */
static enum sr_status read_text(struct sr_bytes text, struct sr_checkpoint *out, struct sr_err *err)
{
	struct sr_cursor c = { .next = text.data, .left = text.size };
	size_t origin_size, size_size, root_size, extension_size;
	const uint8_t *origin = sr_cursor_line(&c, &origin_size);
	const uint8_t *size = sr_cursor_line(&c, &size_size);
	const uint8_t *root = sr_cursor_line(&c, &root_size);

	if (c.bad || origin_size == 0 || origin_size >= sizeof(out->origin))
		return sr_fail(err, SR_CORRUPT, "the note is no checkpoint: it needs origin, size and root");
	if (!sr_decimal_parse((const char *)size, size_size, SR_MERKLE_LEAVES, &out->size))
		return sr_fail(err, SR_CORRUPT, "the checkpoint's size is no decimal number");
	SR_TRY(read_root(root, root_size, &out->root, err));
	memset(out->origin, 0, sizeof(out->origin));
	memcpy(out->origin, origin, origin_size);
	while (c.left > 0) {
		(void)sr_cursor_line(&c, &extension_size);
		if (extension_size == 0)
			return sr_fail(err, SR_CORRUPT, "the checkpoint has an empty line");
	}
	return check_meaning(out, SR_CORRUPT, err);
}

enum sr_status sr_checkpoint_open(struct sr_bytes note, const char *verifier, struct sr_checkpoint *out,
                                  struct sr_err *err)
{
	struct sr_checkpoint checkpoint;
	struct sr_bytes text;

	if (note.size > SR_CHECKPOINT_BYTES)
		return sr_fail(err, SR_CORRUPT, "a checkpoint has at most %u bytes", SR_CHECKPOINT_BYTES);
	SR_TRY(sr_note_open(note, verifier, &text, err));
	SR_TRY(read_text(text, &checkpoint, err));
	size_t name = strlen(checkpoint.origin);
	if (strncmp(verifier, checkpoint.origin, name) != 0 || verifier[name] != '+')
		return sr_fail(err, SR_TAMPERED, "the checkpoint is of the ledger %s, not of the key's",
		               checkpoint.origin);
	*out = checkpoint;
	return SR_OK;
}
