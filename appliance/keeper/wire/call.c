/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/call.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/wire/message.h"
#include "appliance/keeper/wire/wire_error.h"

#define ROOM_BYTES (1u << 20)

struct sr_call {
	struct sr_call *next;
	struct sr_mailbox *mailbox;
	struct sr_connection *connection; /* the loop's alone */
	struct sr_peer peer;
	struct sr_frame frame; /* the descriptors; the text until it is parsed */
	size_t weight;
	struct sr_message message;
	enum sr_status status; /* of the parsing */
	struct sr_err err;
	atomic_bool abandoned;
	bool handing, at_once;     /* the loop's alone: handed over just now; answered meanwhile */
	struct sr_backlog backlog; /* guarded by the mailbox */
	/* Part of the call, so that an answer can always be posted. */
	struct sr_post parsed, last;
};

enum sr_status sr_call_new(struct sr_mailbox *mailbox, struct sr_connection *connection,
                           const struct sr_peer *peer, struct sr_frame *frame, struct sr_call **out,
                           struct sr_err *err)
{
	struct sr_call *call = calloc(1, sizeof(*call));

	if (!call) {
		sr_frame_dispose(frame);
		return sr_fail(err, SR_NO_MEMORY, "no memory for a call");
	}
	call->mailbox = sr_mailbox_ref(mailbox);
	call->connection = connection;
	call->peer = *peer;
	sr_frame_move(&call->frame, frame);
	call->weight = sizeof(*call) + call->frame.capacity + call->frame.weight;
	*out = call;
	return SR_OK;
}

void sr_call_free(struct sr_call *call)
{
	sr_frame_dispose(&call->frame);
	sr_frame_dispose(&call->last.frame);
	sr_message_dispose(&call->message);
	sr_mailbox_unref(call->mailbox);
	free(call);
}

void sr_call_parse(struct sr_call *call)
{
	struct sr_frame text = { 0 };

	sr_frame_move(&text, &call->frame);
	sr_descriptors_move(&call->frame.descriptors, &text.descriptors);
	call->status = sr_message_parse_call(text.text, text.size, &call->message, &call->err);
	sr_frame_dispose(&text);
}

enum sr_status sr_call_parsed(const struct sr_call *call, struct sr_err *err)
{
	if (call->status != SR_OK)
		*err = call->err;
	return call->status;
}

/*
 * Behind the post the loop may free the call at any moment: nothing of it is touched any more, and the
 * mailbox is held here for as long as posting takes.
 */
static void post_away(struct sr_call *call, struct sr_post *post)
{
	struct sr_mailbox *mailbox = sr_mailbox_ref(call->mailbox);

	if (!sr_mailbox_post(mailbox, post))
		sr_call_free(call);
	sr_mailbox_unref(mailbox);
}

void sr_call_post_parsed(struct sr_call *call)
{
	call->parsed = (struct sr_post){ .kind = SR_POST_PARSED, .call = call };
	post_away(call, &call->parsed);
}

const char *sr_call_method(const struct sr_call *call)
{
	return call->message.method;
}

const json_t *sr_call_parameters(const struct sr_call *call)
{
	return call->message.parameters;
}

const struct sr_peer *sr_call_peer(const struct sr_call *call)
{
	return &call->peer;
}

bool sr_call_wants_more(const struct sr_call *call)
{
	return call->message.more;
}

bool sr_call_is_abandoned(const struct sr_call *call)
{
	return atomic_load(&call->abandoned);
}

size_t sr_call_descriptor_count(const struct sr_call *call)
{
	return call->frame.descriptors.count;
}

int sr_call_take_descriptor(struct sr_call *call, size_t index)
{
	return sr_descriptors_take(&call->frame.descriptors, index);
}

struct sr_connection *sr_call_connection(const struct sr_call *call)
{
	return call->connection;
}

void sr_call_abandon(struct sr_call *call)
{
	call->connection = NULL;
	atomic_store(&call->abandoned, true);
	/* Whoever waits for room need not wait on. */
	sr_mailbox_backlog_queue(call->mailbox, &call->backlog, 0, 0);
}

size_t sr_call_weight(const struct sr_call *call)
{
	return call->weight;
}

struct sr_backlog *sr_call_backlog(struct sr_call *call)
{
	return &call->backlog;
}

struct sr_call **sr_call_next(struct sr_call *call)
{
	return &call->next;
}

bool sr_call_wait_room(struct sr_call *call, int timeout_ms)
{
	return sr_mailbox_backlog_wait(call->mailbox, &call->backlog, ROOM_BYTES, timeout_ms);
}

static void attach(struct sr_frame *frame, struct sr_descriptors *descriptors)
{
	if (descriptors)
		sr_descriptors_move(&frame->descriptors, descriptors);
}

bool sr_call_hand_over(struct sr_call *call, void (*handle)(void *context, struct sr_call *call),
                       void *context, struct sr_frame *answer)
{
	call->handing = true;
	handle(context, call);
	/* Whoever answers later posts, and the loop alone frees what was posted: the call is still there. */
	call->handing = false;
	if (call->at_once)
		sr_frame_move(answer, &call->last.frame);
	return call->at_once;
}

/* An answer of the thread that handed the call over need not wake it. */
static void post_last(struct sr_call *call)
{
	if (sr_mailbox_is_own(call->mailbox) && call->handing) {
		call->at_once = true;
		return;
	}
	call->last.kind = SR_POST_LAST;
	call->last.call = call;
	sr_mailbox_backlog_post(call->mailbox, &call->backlog, call->last.frame.size);
	post_away(call, &call->last);
}

void sr_call_answer(struct sr_call *call, const json_t *parameters, struct sr_descriptors *descriptors)
{
	struct sr_err err;
	enum sr_status status = sr_message_write_answer(parameters, false, &call->last.frame, &err);

	if (status != SR_OK) {
		if (descriptors)
			sr_descriptors_dispose(descriptors);
		sr_call_refuse(call, NULL, status, &err);
		return;
	}
	attach(&call->last.frame, descriptors);
	post_last(call);
}

/* Whatever fails here leaves the frame empty, and the loop closes the connection instead. */
static enum sr_status write_error(const char *name, const struct sr_err *err, struct sr_frame *out)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = sr_wire_error_parameters(err);
	struct sr_err ignored;

	if (!parameters)
		return SR_NO_MEMORY;
	return sr_message_write_error(name, parameters, out, &ignored);
}

void sr_call_refuse(struct sr_call *call, const char *name, enum sr_status status, const struct sr_err *err)
{
	const char *known = name ? name : sr_wire_error_name(status);

	(void)!write_error(known ? known : SR_WIRE_PREFIX "Io", err, &call->last.frame);
	post_last(call);
}

static enum sr_status check_continue(const struct sr_call *call, struct sr_err *err)
{
	if (!sr_call_wants_more(call))
		return sr_fail(err, SR_INVALID, "the caller of %s takes one answer", sr_call_method(call));
	if (sr_call_is_abandoned(call))
		return sr_fail(err, SR_IO, "the caller of %s is gone", sr_call_method(call));
	return SR_OK;
}

enum sr_status sr_call_continue(struct sr_call *call, const json_t *parameters,
                                struct sr_descriptors *descriptors, struct sr_err *err)
{
	struct sr_descriptors none = { 0 };
	SR_CLEANUP(sr_descriptors_dispose) struct sr_descriptors taken = { 0 };

	sr_descriptors_move(&taken, descriptors ? descriptors : &none);
	SR_TRY(check_continue(call, err));
	struct sr_post *post = calloc(1, sizeof(*post));
	if (!post)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an answer");
	enum sr_status status = sr_message_write_answer(parameters, true, &post->frame, err);
	if (status != SR_OK) {
		free(post);
		return status;
	}
	post->kind = SR_POST_CONTINUE;
	post->call = call;
	sr_descriptors_move(&post->frame.descriptors, &taken);
	sr_mailbox_backlog_post(call->mailbox, &call->backlog, post->frame.size);
	if (!sr_mailbox_post(call->mailbox, post)) {
		sr_frame_dispose(&post->frame);
		free(post);
		return sr_fail(err, SR_IO, "the keeper is stopping");
	}
	return SR_OK;
}
