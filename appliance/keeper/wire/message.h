/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a frame says: a call, an answer or a push (docs/WIRE.md).  Parsing is strict: unknown or doubled keys,
 * other types, `oneway` and `upgrade` are refused.  Thread-safe: no state.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/keeper/wire/frame.h"

#define SR_MESSAGE_NAME_BYTES 128u /* a method's or error's full name, with its NUL */

struct sr_message {
	json_t *root;             /* owned */
	const char *method;       /* of a call or push; NULL in an answer */
	const char *error;        /* of an answer; NULL otherwise */
	const json_t *parameters; /* an object, empty where the frame has none */
	bool more;                /* the caller takes more than one answer */
	bool continues;           /* another answer follows this one */
};

void sr_message_dispose(struct sr_message *message);

/* What a server takes: {"method", "parameters", "more"}.  SR_INVALID names what is wrong with it. */
SR_CHECKED enum sr_status sr_message_parse_call(const uint8_t *text, size_t size, struct sr_message *out,
                                                struct sr_err *err);

/* What a client takes: {"parameters", "continues"}, {"error", "parameters"}, or a push as a call. */
SR_CHECKED enum sr_status sr_message_parse_answer(const uint8_t *text, size_t size, struct sr_message *out,
                                                  struct sr_err *err);

/* Letters, digits, '-' and '.', beginning with a letter, a capital behind the last dot:
 * "org.strongroom.WhoAmI". */
bool sr_message_name_is_valid(const char *name);

/*
 * Write a frame, NUL behind its text.  @parameters NULL stands for an empty object.  SR_LIMIT over
 * SR_LIMIT_FRAME_BYTES; SR_INVALID for a name that is none.  @out must hold no frame.
 */
SR_CHECKED enum sr_status sr_message_write_call(const char *method, const json_t *parameters, bool more,
                                                struct sr_frame *out, struct sr_err *err);
SR_CHECKED enum sr_status sr_message_write_answer(const json_t *parameters, bool continues,
                                                  struct sr_frame *out, struct sr_err *err);
SR_CHECKED enum sr_status sr_message_write_error(const char *name, const json_t *parameters,
                                                 struct sr_frame *out, struct sr_err *err);
