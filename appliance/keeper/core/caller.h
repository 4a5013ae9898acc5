/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who gives a command.  At the socket: whoever the session token names, else the user to whom the caller's
 * Unix login is bound (name and uid both).  Through api: whoever the token names.  Through fs: the user of
 * the uid that the kernel reported.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "appliance/keeper/state/label.h"
#include "appliance/keeper/state/session.h"
#include "appliance/keeper/wire/peer.h"

struct sr_keeper;
struct sr_txn;

struct sr_caller {
	bool known; /* false: nobody; the rest but address and uid is empty */
	bool pass;  /* a party under a pass: @user is the pass, @grant its grant */
	char user[SR_LABEL_BYTES];
	enum sr_role role;
	unsigned roles; /* as bits: @role, and what it stands in for (see KEEPER.md, "First days") */
	char organ[SR_LABEL_BYTES];
	char full_name[256]; /* may be empty */
	uint8_t clearances;  /* enum sr_classes */
	bool has_uid;        /* a Unix login: at the socket and through fs */
	uid_t uid;
	pid_t pid;                        /* 0: not known */
	char login[SR_LABEL_BYTES];       /* name of @uid, or "" */
	char session[SR_SESSION_ID_TEXT]; /* "" without one */
	char csrf[SR_SESSION_TOKEN_TEXT]; /* of the session */
	char grant[SR_LABEL_BYTES];
	char address[SR_LABEL_BYTES]; /* of a browser, or "uid:1000" */
};

/* What the wire says of the caller; texts are borrowed and may be NULL. */
struct sr_caller_claim {
	const struct sr_peer *peer;
	const char *token;   /* api, socket */
	const char *address; /* api */
	bool has_uid;        /* fs */
	uid_t uid;
	pid_t pid;
	bool at_once; /* nothing is waited for: what is to be written is left to others */
};

/*
 * SR_OK also for nobody.  SR_DENIED for a token that is no live session's, and for a Unix login whose uid is
 * another's now.  A session's use counts.
 */
SR_CHECKED enum sr_status sr_caller_identify(struct sr_keeper *keeper, const struct sr_caller_claim *claim,
                                             struct sr_caller *out, struct sr_err *err);

/* The entry's actor, in the order that docs/LEDGER.md asks for.  The caller owns *out. */
SR_CHECKED enum sr_status sr_caller_actor(const struct sr_caller *caller, json_t **out, struct sr_err *err);

/* Fill in what the record of a person says (role, organ, clearances, name).  SR_CORRUPT when it is none. */
SR_CHECKED enum sr_status sr_caller_take_person(struct sr_caller *caller, const json_t *person,
                                                struct sr_err *err);
