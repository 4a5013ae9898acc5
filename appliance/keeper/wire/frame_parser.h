/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that parses large frames, so that one caller's 8 MiB of JSON does not hold up the loop. */
#pragma once

#include "appliance/base/err.h"
#include "appliance/keeper/wire/call.h"

struct sr_frame_parser;

SR_CHECKED enum sr_status sr_frame_parser_new(struct sr_frame_parser **out, struct sr_err *err);
/* Parses what is waiting, then ends the thread.  NULL is allowed. */
void sr_frame_parser_free(struct sr_frame_parser *parser);

/* Takes @call; it comes back by sr_call_post_parsed. */
void sr_frame_parser_submit(struct sr_frame_parser *parser, struct sr_call *call);
