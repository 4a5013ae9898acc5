/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call that a caller made of the keeper.  The handler owns it from the moment it is handed over until it
 * answers for good (sr_call_answer, sr_call_refuse), which may happen in any thread, at once or later; each
 * call must be answered, also when its caller is gone or the listener has ended.  One thread at a time.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "appliance/base/err.h"
#include "appliance/keeper/wire/descriptors.h"
#include "appliance/keeper/wire/frame.h"
#include "appliance/keeper/wire/mailbox.h"
#include "appliance/keeper/wire/peer.h"

struct sr_call;
struct sr_connection;

/* --- for handlers --- */

/* Borrowed; valid until the call is answered. */
const char *sr_call_method(const struct sr_call *call);
const json_t *sr_call_parameters(const struct sr_call *call);
const struct sr_peer *sr_call_peer(const struct sr_call *call);

/* The caller takes several answers ("more"). */
bool sr_call_wants_more(const struct sr_call *call);

/* The caller hung up: nobody will see the answer, which must be given all the same. */
bool sr_call_is_abandoned(const struct sr_call *call);

size_t sr_call_descriptor_count(const struct sr_call *call);
/* Now the handler's; -1 when there is no such descriptor.  Those not taken are closed with the answer. */
int sr_call_take_descriptor(struct sr_call *call, size_t index);

/*
 * The last answer; the call is no longer the handler's.  @parameters (borrowed; NULL: empty object) is
 * written here, in the calling thread.  @descriptors are taken (NULL: none).  An answer that cannot be
 * written becomes an error.
 */
void sr_call_answer(struct sr_call *call, const json_t *parameters, struct sr_descriptors *descriptors);

/*
 * Answer with an error; the call is no longer the handler's.  @name: a full name of the table in
 * wire_error.c, or NULL for the general name of @status.  @err's text goes to the caller as {"message":TEXT}.
 */
void sr_call_refuse(struct sr_call *call, const char *name, enum sr_status status, const struct sr_err *err);

/*
 * One answer of several; the call stays the handler's.  SR_INVALID when the caller did not ask for more,
 * SR_IO when the caller is gone.  @descriptors are taken in every case.
 */
SR_CHECKED enum sr_status sr_call_continue(struct sr_call *call, const json_t *parameters,
                                           struct sr_descriptors *descriptors, struct sr_err *err);

/*
 * Wait until less than 1 MiB of this call's answers is on its way, so that a slow reader is not dropped for
 * what we produce.  False after @timeout_ms.  Never in the handler's own thread: the loop would wait for
 * itself.
 */
bool sr_call_wait_room(struct sr_call *call, int timeout_ms);

/* --- for the loop --- */

/* Takes @frame in every case.  The call refers to @connection, whose peer is copied. */
SR_CHECKED enum sr_status sr_call_new(struct sr_mailbox *mailbox, struct sr_connection *connection,
                                      const struct sr_peer *peer, struct sr_frame *frame,
                                      struct sr_call **out, struct sr_err *err);
void sr_call_free(struct sr_call *call);
static inline void sr_call_freep(struct sr_call **call)
{
	if (*call)
		sr_call_free(*call);
	*call = NULL;
}

/* Parse the frame and wipe its text; the result is kept.  Any thread. */
void sr_call_parse(struct sr_call *call);
/* SR_OK, or why the frame was no call. */
SR_CHECKED enum sr_status sr_call_parsed(const struct sr_call *call, struct sr_err *err);
/* Let another thread's parsing be told to the loop. */
void sr_call_post_parsed(struct sr_call *call);

/* NULL when the caller is gone. */
struct sr_connection *sr_call_connection(const struct sr_call *call);
void sr_call_abandon(struct sr_call *call);

/*
 * Hand the call to @handle in the loop's thread.  True: it was answered there and then, and *answer (the
 * caller's; no memory when memory was short) is to be sent instead of a post.
 */
bool sr_call_hand_over(struct sr_call *call, void (*handle)(void *context, struct sr_call *call),
                       void *context, struct sr_frame *answer);

/* Bytes of memory that the call takes until it is answered. */
size_t sr_call_weight(const struct sr_call *call);
struct sr_backlog *sr_call_backlog(struct sr_call *call);
/* A list of calls that wait for the parser. */
struct sr_call **sr_call_next(struct sr_call *call);
