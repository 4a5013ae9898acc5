/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the command line gets the passphrase of the keys, in this order: descriptor --passphrase-fd; the
 * systemd credential SR_PASSPHRASE_CREDENTIAL (systemd.exec(5), LoadCredential=); the controlling terminal,
 * without echo.  Never an argument or an environment variable.
 */
#pragma once

#include "appliance/keeper/keys/passphrase.h"
#include "tools/cmd.h"

/* A file in $CREDENTIALS_DIRECTORY. */
#define SR_PASSPHRASE_CREDENTIAL "strongroom-passphrase"

struct sr_passphrase_asker {
	struct sr_passphrase_source source;
	const struct sr_globals *globals;
	const char *new_fd; /* descriptor with a new one; NULL: from where the old one would come */
	bool changes;       /* the old one has those places to itself: a new one is typed, or from new_fd */
	unsigned asked;     /* at the terminal, for the one that the keys have */
};

/* Fill @asker, which must not move while in use, and return its source. */
const struct sr_passphrase_source *sr_passphrase_asker_init(struct sr_passphrase_asker *asker,
                                                            const struct sr_globals *globals);

/* Ask somebody at a terminal whether there is to be one; *out is NULL after an empty line. */
SR_CHECKED enum sr_status sr_passphrase_offer(struct sr_secret **out, struct sr_err *err);
