/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A draft for the commands: who may touch it, and what is written down of it.  Its files are
 * draft_folder.h's, its record reduce.h's.  docs/KEEPER.md, "Drafts".
 */
#pragma once

#include "appliance/keeper/core/act.h"
#include "appliance/keeper/drafts/draft_folder.h"

enum sr_draft_wanted {
	SR_DRAFT_ANY,      /* whoever may see it */
	SR_DRAFT_OPEN,     /* may be changed: open or returned */
	SR_DRAFT_ALIVE,    /* neither sealed nor dropped */
	SR_DRAFT_RECEIVED, /* submitted, and the caller had no hand in it */
};

/*
 * The draft of the parameter "draft", if the caller may know of it (a handler their own, an archivist those
 * of their organ, but for those of a sealed case that they may not know of): NotFound otherwise.  WrongState
 * when it is not as @wanted, NotYourRole for who prepared it and would receive it.  The caller owns *out.
 */
SR_CHECKED enum sr_status sr_draft_look(struct sr_act *act, struct sr_txn *txn, enum sr_draft_wanted wanted,
                                        json_t **out, struct sr_err *err);
/* Whether the caller may know of that record. */
SR_CHECKED enum sr_status sr_draft_may_know(struct sr_act *act, struct sr_txn *txn, const json_t *draft,
                                            bool *out, struct sr_err *err);
/* The same in a snapshot of its own. */
SR_CHECKED enum sr_status sr_draft_get(struct sr_act *act, enum sr_draft_wanted wanted, json_t **out,
                                       struct sr_err *err);

/* Look, then lock its folder; look again after the wait. */
SR_CHECKED enum sr_status sr_draft_enter(struct sr_act *act, enum sr_draft_wanted wanted, json_t **record,
                                         struct sr_draft_folder *folder, struct sr_err *err);

/* Write one entry of the draft, if it still is as @wanted; @fields (borrowed) without "draft". */
SR_CHECKED enum sr_status sr_draft_record(struct sr_act *act, const char *type, json_t *fields,
                                          enum sr_draft_wanted wanted, struct sr_err *err);

/* What the rulebook says of it now.  @check is the object of `check` with "unanswered" and "timeline"
 * (draft_view.h); the caller owns it.
 */
struct sr_draft_verdict {
	json_t *check;
	char rulebook_digest[SR_DIGEST_HEX];
	size_t blockers, unanswered;
};
void sr_draft_verdict_dispose(struct sr_draft_verdict *verdict);
SR_CHECKED enum sr_status sr_draft_judge(struct sr_act *act, const struct sr_draft_folder *folder,
                                         struct sr_draft_verdict *out, struct sr_err *err);

/* At the keeper's start: what was sealed or dropped and lies there still goes; so do files without a name. */
struct sr_keeper;
SR_CHECKED enum sr_status sr_drafts_begin(struct sr_keeper *keeper, struct sr_err *err);
/* Drop what nobody touched for 30 days; looks once an hour. */
void sr_drafts_tick(struct sr_keeper *keeper);
