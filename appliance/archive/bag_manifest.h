/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names and lines of manifests (RFC 8493 sections 2.1.3, 2.2.1, 2.4) and of fetch.txt (2.2.3).
 * Every byte is untrusted.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/limits.h"

#define SR_BAG_ALGORITHM_TEXT 16 /* with NUL */

struct sr_bag_manifest {
	bool is_tag;
	char algorithm[SR_BAG_ALGORITHM_TEXT]; /* lower-case letters and digits */
	size_t digest_bytes;                   /* 0: an algorithm whose size we do not know */
	bool is_relied_upon;                   /* sha256, sha512 */
};

enum sr_bag_name {
	SR_BAG_NAME_OTHER,    /* not of the form manifest-….txt or tagmanifest-….txt */
	SR_BAG_NAME_MANIFEST, /* and *out is set */
	SR_BAG_NAME_WRONG,    /* of that form, but what it names is no normalised algorithm */
};

enum sr_bag_name sr_bag_manifest_name(const char *path, struct sr_bag_manifest *out);

/* Whether the file @path of a bag is a text that is read: bagit.txt, bag-info.txt, fetch.txt, a manifest. */
bool sr_bag_is_text(const char *path);

struct sr_bag_entry {
	uint8_t digest[64]; /* digest_bytes of the manifest; nothing for an unknown algorithm */
	bool is_starred;  /* "*" before the path, as sha256sum --binary writes it: see sr_bag_entry_unstar */
	bool has_percent; /* a '%' that is not part of %0A, %0D or %25; it stands for itself */
	bool has_length;
	uint64_t length; /* of a line of fetch.txt */
	char path[SR_LIMIT_BAG_PATH_BYTES + 1];
};

/* NULL and *out filled in, or what is wrong with the line. */
const char *sr_bag_manifest_line(struct sr_bytes line, size_t digest_bytes, struct sr_bag_entry *out);
const char *sr_bag_fetch_line(struct sr_bytes line, struct sr_bag_entry *out);

/* NULL, or why a path must not be used: it leaves the bag on some system, or is no path. */
const char *sr_bag_path_refusal(const char *path);
/* NULL, or why a legal path will not do everywhere (RFC 8493 section 6.1.2). */
const char *sr_bag_path_remark(const char *path);
