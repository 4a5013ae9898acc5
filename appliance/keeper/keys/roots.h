/* SPDX-License-Identifier: Apache-2.0 */
/* Whom to trust when an archive is verified. */
#pragma once

#include "appliance/crypto/pki.h"
#include "appliance/keeper/keys/data.h"

struct sr_roots {
	struct sr_certs *seal;  /* NULL: nobody in particular */
	struct sr_certs *stamp; /* the same and the stamp's own: an authority for stamps is none for seals */
};

void sr_roots_dispose(struct sr_roots *roots);

/* From PEM files of the caller's; both may be NULL, and then both stay NULL.  SR_USAGE for a root of stamps
 * alone. */
SR_CHECKED enum sr_status sr_roots_read(const char *seal, const char *stamp, struct sr_roots *out,
                                        struct sr_err *err);
/* The same from the text of such files; both may be NULL.  SR_INVALID when one does not parse. */
SR_CHECKED enum sr_status sr_roots_parse(const char *seal, const char *stamp, struct sr_roots *out,
                                         struct sr_err *err);
/* The appliance's root, and the outside time-stamp authority's (stamp.root) where one is configured. */
SR_CHECKED enum sr_status sr_roots_of_data(const struct sr_data *data, struct sr_roots *out,
                                           struct sr_err *err);
