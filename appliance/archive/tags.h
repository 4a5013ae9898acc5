/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of an archive's tag files (docs/FORMAT.md; RFC 8493).  Private to archive/.  Whatever has
 * an @out is appended to it.
 */
#pragma once

#include "appliance/archive/cover.h"
#include "appliance/archive/inputs.h"
#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/crypto/digest.h"

#define SR_TAG_NAME 64 /* bytes for a name below the archive's folder, with NUL */

/* "<64 hex digits>  <name>\n", as sha256sum reads it. */
SR_CHECKED enum sr_status sr_tags_add_digest(struct sr_buf *out, const struct sr_digest *digest,
                                             const char *name, struct sr_err *err);

/* "data/000001.age" for @index 0. */
void sr_tags_member_name(size_t index, char out[SR_TAG_NAME]);

/* bag-info.txt; the payload are the age files. */
SR_CHECKED enum sr_status sr_tags_bag_info(const struct sr_cover *cover, const struct sr_inputs *inputs,
                                           struct sr_buf *out, struct sr_err *err);

/*
 * Whether bag-info.txt is exactly what sr_tags_bag_info writes for this cover, @members age files and their
 * @bytes together; the date may be a day off (zones), the version any.  Untrusted.  SR_CORRUPT.
 */
SR_CHECKED enum sr_status sr_tags_check_bag_info(struct sr_bytes text, const struct sr_cover *cover,
                                                 uint64_t bytes, size_t members, struct sr_err *err);

/* manifest-sha256.txt. */
SR_CHECKED enum sr_status sr_tags_manifest(const struct sr_inputs *inputs, struct sr_buf *out,
                                           struct sr_err *err);

/* seal/sha256.txt: names as seen from inside seal/. */
SR_CHECKED enum sr_status sr_tags_seal_digests(struct sr_bytes signature, struct sr_bytes stamp,
                                               struct sr_buf *out, struct sr_err *err);
