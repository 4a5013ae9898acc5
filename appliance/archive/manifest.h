/* SPDX-License-Identifier: Apache-2.0 */
/* Digest lists of a sealed archive, in the form that sha256sum -c reads.  Stateless. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "appliance/archive/verify.h"
#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/crypto/digest.h"

/* One file that a list must name, and what the list says of it. */
struct sr_manifest_entry {
	const char *name; /* as the list writes it; borrowed */
	bool listed;
	struct sr_digest digest; /* where listed */
};

/*
 * Read the list @text of the file @list: lines of 64 small hexadecimal digits, two blanks, a name and LF,
 * that name every one of @entries once and in this order, and nothing else.  Whatever is missing, unknown,
 * double, out of order or malformed is added to @report; what could be read is filled in all the same.
 * Untrusted.
 */
SR_CHECKED enum sr_status sr_manifest_read(const char *list, struct sr_bytes text,
                                           struct sr_manifest_entry *entries, size_t count,
                                           struct sr_verify_report *report, struct sr_err *err);
