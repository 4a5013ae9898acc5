/* SPDX-License-Identifier: Apache-2.0 */
/* Names and order of what lies in a sealed archive (docs/FORMAT.md, "strongroom-case/1"). */
#pragma once

#include <stdint.h>

#define SR_FORMAT_NAME "strongroom-case/1"

/* Order in the tar: tags before data, members 1…n, tags after data, seals. */
#define SR_NAME_BAGIT "bagit.txt"
#define SR_NAME_COVER "cover.json"
#define SR_NAME_IDENTITY_CMS "keys/identity.p7m"
#define SR_NAME_IDENTITY_AGE "keys/identity.age"
#define SR_NAME_CHAIN "keys/chain.pem"
#define SR_NAME_MEMBER "data/%06u.age" /* from 1 in each part */
#define SR_NAME_CATALOGUE "catalogue.age"
#define SR_NAME_BAG_INFO "bag-info.txt"
#define SR_NAME_MANIFEST "manifest-sha256.txt"
#define SR_NAME_TAGMANIFEST "tagmanifest-sha256.txt"
#define SR_NAME_SIGNATURE "seal/tagmanifest.p7s"
#define SR_NAME_STAMP "seal/tagmanifest.tsr"
#define SR_NAME_SEAL_DIGESTS "seal/sha256.txt"

#define SR_BAGIT_TEXT "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

#define SR_TAR_BLOCK 512u
#define SR_TAR_OCTAL_MAX 077777777777ull /* 8 GiB - 1: above it a pax size record */

/* "<case id>-<part in three digits>" */
#define SR_ARCHIVE_NAME 41 /* 36 + 1 + 3 and NUL */

/* Bytes of the headers before an entry of @size bytes: where that needs a pax record, three blocks. */
static inline uint64_t sr_tar_header_bytes(uint64_t size)
{
	return size > SR_TAR_OCTAL_MAX ? 3 * SR_TAR_BLOCK : SR_TAR_BLOCK;
}

/* Bytes of a whole entry: headers, content, padding to a block. */
static inline uint64_t sr_tar_entry_bytes(uint64_t size)
{
	return sr_tar_header_bytes(size) + (size + SR_TAR_BLOCK - 1) / SR_TAR_BLOCK * SR_TAR_BLOCK;
}
