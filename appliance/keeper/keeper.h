/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper: the one holder of keys, index and ledger, and the one door to them (docs/KEEPER.md).  As a
 * process of its own under `serve`, or for the length of one command of the owner of the data directory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "appliance/base/err.h"
#include "appliance/keeper/wire/peer.h"

struct sr_keeper;
struct sr_passphrase_source;

struct sr_keeper_options {
	const char *data;                              /* the data directory */
	bool wait;                                     /* wait for another keeper to end; else SR_BUSY */
	bool listen;                                   /* at DATA/run/keeper.sock */
	const struct sr_passphrase_source *passphrase; /* of the keys, asked if they have one; NULL: nobody */
};

/*
 * Open everything, see that the log extends what was published, deal with what a crash left, and be ready.
 * SR_BUSY: another keeper has the data directory; SR_TAMPERED: the database is not the one that was
 * published last; SR_NOT_FOUND, SR_DENIED, SR_CORRUPT as sr_data_open and the keyring.
 */
SR_CHECKED enum sr_status sr_keeper_open(const struct sr_keeper_options *options, struct sr_keeper **out,
                                         struct sr_err *err);
/* Finishes what is under way, stores what must outlast the process.  NULL is allowed. */
void sr_keeper_close(struct sr_keeper *keeper);
static inline void sr_keeper_closep(struct sr_keeper **keeper)
{
	sr_keeper_close(*keeper);
	*keeper = NULL;
}

/* Serve until sr_keeper_stop. */
SR_CHECKED enum sr_status sr_keeper_run(struct sr_keeper *keeper, struct sr_err *err);
/* May be called in a signal handler, and from any thread. */
void sr_keeper_stop(struct sr_keeper *keeper);

/* Serve the socket @fd, which is taken in every case. */
SR_CHECKED enum sr_status sr_keeper_adopt(struct sr_keeper *keeper, int fd, enum sr_peer_kind kind,
                                          bool pushes, struct sr_err *err);
