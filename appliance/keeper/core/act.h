/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One command under way: who gives it, what it says, and how it changes the state.  A command of one shape:
 *
 *	static enum sr_status check(struct sr_act *act, struct sr_txn *txn, struct sr_err *err);  reads,
 *refuses static enum sr_status apply(struct sr_act *act, struct sr_txn *txn, struct sr_err *err);  puts
 *entries
 *
 *	enum sr_status sr_run_x(struct sr_act *act, struct sr_err *err)
 *	{
 *		SR_TRY(sr_act_write(act, check, apply, err));
 *		return sr_act_reply(act, err, "{s:s}", "request", …);
 *	}
 *
 * One thread at a time: the worker's, and the writer's while it waits for it.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/base/err.h"
#include "appliance/base/progress.h"
#include "appliance/index/txn.h"
#include "appliance/keeper/core/caller.h"
#include "appliance/keeper/core/method.h"
#include "appliance/keeper/wire/descriptors.h"
#include "appliance/ledger/entry.h"

struct sr_call;
struct sr_keeper;

struct sr_act {
	struct sr_keeper *keeper;
	const struct sr_method *method;
	const json_t *parameters; /* borrowed; checked against the method's table */
	struct sr_caller caller;
	json_t *answer;               /* owned; NULL: an empty object */
	struct sr_descriptors give;   /* go with the answer */
	const char *error;            /* name of the refusal without prefix; NULL: that of the status */
	struct sr_work_pool *move_to; /* run it once more, on these threads, instead of answering */
	bool moved;                   /* that was done */
	bool refusal_counted;         /* the refusal is in the log's sums already */
	bool patient;                 /* its change waits for another's commit (writer.h) */
	struct sr_call *call;         /* for descriptors and further answers */
	void *work;                   /* the command's own */
};

/* What the command's steps work on; borrowed, until other work is set or the command ends. */
void sr_act_set_work(struct sr_act *act, void *work);

/* --- parameters ------------------------------------------------------------------------------------ */

const char *sr_act_text(const struct sr_act *act, const char *key); /* NULL when left out */
/* @fallback when left out. */
int64_t sr_act_count(const struct sr_act *act, const char *key, int64_t fallback);
bool sr_act_flag(const struct sr_act *act, const char *key);
const json_t *sr_act_value(const struct sr_act *act, const char *key);
/* Descriptor @index of the call, now the command's; SR_INVALID when there is none. */
SR_CHECKED enum sr_status sr_act_descriptor(struct sr_act *act, size_t index, int *fd, struct sr_err *err);

/* Append a file that comes as the text under @key, or as the call's first descriptor: SR_LIMIT when that is
 * over @max. */
SR_CHECKED enum sr_status sr_act_file(struct sr_act *act, const char *key, size_t max, struct sr_buf *out,
                                      struct sr_err *err);

/* --- answers --------------------------------------------------------------------------------------- */

/* json_pack into act->answer. */
#define sr_act_reply(act, err, ...) SR_JSON_PACK(&(act)->answer, err, __VA_ARGS__)
/* One of several answers, where the caller takes them; nothing otherwise.  Takes @part. */
SR_CHECKED enum sr_status sr_act_continue(struct sr_act *act, json_t *part, struct sr_err *err);
/* The caller takes several answers. */
bool sr_act_wants_more(const struct sr_act *act);
bool sr_act_is_abandoned(const struct sr_act *act);

/*
 * Take the call away from the command, which then answers nothing when it returns: whoever has it answers
 * later (sr_call_answer, sr_call_refuse).
 */
struct sr_call *sr_act_defer(struct sr_act *act);

/* Refuse under a name of wire_error.c's table ("OwnRequest"); returns its status. */
enum sr_status sr_act_refuse(struct sr_act *act, const char *name, struct sr_err *err, const char *fmt, ...)
	SR_PRINTF(4, 5);
/* The one answer for whatever the caller may not know of: the same words whether it is there or not. */
enum sr_status sr_act_not_found(struct sr_act *act, const char *what, const char *name, struct sr_err *err);

/* --- state ----------------------------------------------------------------------------------------- */

typedef enum sr_status sr_act_step(struct sr_act *act, struct sr_txn *txn, struct sr_err *err);

/* Run @step on a snapshot. */
SR_CHECKED enum sr_status sr_act_read(struct sr_act *act, sr_act_step *step, struct sr_err *err);
/*
 * Run @check (NULL: none), then @apply, in the writer's transaction; returns after the commit.  @check puts
 * nothing and is where a command refuses; both may run again, so they leave outside things alone but for what
 * they overwrite.
 */
SR_CHECKED enum sr_status sr_act_write(struct sr_act *act, sr_act_step *check, sr_act_step *apply,
                                       struct sr_err *err);
/* Write an entry in the caller's name, in @apply.  Takes @fields; *seq may be NULL. */
SR_CHECKED enum sr_status sr_act_record(struct sr_act *act, struct sr_txn *txn, const char *type,
                                        json_t *fields, uint64_t *seq, struct sr_err *err);
/* The same in the appliance's own name (actor null). */
SR_CHECKED enum sr_status sr_act_record_own(struct sr_act *act, struct sr_txn *txn, const char *type,
                                            json_t *fields, uint64_t *seq, struct sr_err *err);
/* An entry in the caller's name but for its number and time, made before sr_act_write, so that the writer has
 * little to do: sr_record_planned (reduce.h) in @apply writes it.  The caller disposes of @out after SR_OK.
 */
SR_CHECKED enum sr_status sr_act_plan(const struct sr_act *act, const char *type, const json_t *fields,
                                      struct sr_entry_plan *out, struct sr_err *err);

/* Has the caller this role (SR_BY bits)? */
bool sr_act_is(const struct sr_act *act, unsigned roles);
