/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text tag files of a bag (RFC 8493 section 2.3): lines that end in LF, CR or CRLF, the bag declaration
 * (2.1.1) and bag-info.txt (2.2.2).  Every byte is untrusted; what is wrong goes into the verdict.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/archive/bag_report.h"
#include "appliance/base/buf.h"
#include "appliance/base/err.h"

/* Bytes still to be split, and the number of the last line. */
struct sr_bag_lines {
	struct sr_bytes left;
	size_t number;
};

/* One line without its end, in place; false when there is none left.  The last may lack its end. */
bool sr_bag_lines_next(struct sr_bag_lines *lines, struct sr_bytes *out);

/*
 * Check that @text is UTF-8 without NUL and without a byte-order mark.  *usable says whether its lines
 * are worth reading; a byte-order mark is a problem, but is cut off and the rest is read.
 */
SR_CHECKED enum sr_status sr_bag_text_check(const char *name, struct sr_bytes *text,
                                            struct sr_bag_verdict *verdict, bool *usable, struct sr_err *err);

/* *supported is false for a version or an encoding that we do not read: then nothing else is checked. */
SR_CHECKED enum sr_status sr_bag_declaration_check(struct sr_bytes text, struct sr_bag_verdict *verdict,
                                                   bool *supported, struct sr_err *err);

/* What of bag-info.txt is compared with the bag. */
struct sr_bag_info {
	bool has_oxum;
	uint64_t octets; /* Payload-Oxum: bytes of the payload */
	uint64_t files;  /* Payload-Oxum: payload files */
};

SR_CHECKED enum sr_status sr_bag_info_check(struct sr_bytes text, struct sr_bag_verdict *verdict,
                                            struct sr_bag_info *out, struct sr_err *err);
