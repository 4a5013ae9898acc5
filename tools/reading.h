/* SPDX-License-Identifier: Apache-2.0 */
/* One member under a grant, from the keeper to whoever takes its bytes: what `cat` and `export` share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/keeper/client.h"
#include "appliance/keeper/reading/member_reader.h"

struct sr_reading_request {
	const char *grant, *case_reference;
	uint64_t member;
	const char *channel;
	/* Which bytes: told the member's size; NULL: all.  SR_INVALID when the range holds none of them. */
	enum sr_status (*place)(void *context, uint64_t bytes, uint64_t *from, uint64_t *to,
	                        struct sr_err *err);
	/* Before the first byte; NULL: nobody asks. */
	enum sr_status (*begin)(void *context, const struct sr_member_info *info, struct sr_err *err);
	/*
	 * Takes the next bytes.  *taken is how many of them left this process, also where it fails.  *enough:
	 * nobody wants more, which is no failure.
	 */
	enum sr_status (*take)(void *context, const uint8_t *data, size_t size, size_t *taken, bool *enough,
	                       struct sr_err *err);
	void *context;
};

/*
 * Open, read and close.  The access is closed with the bytes that were taken.  While it reads, the keeper is
 * asked every two seconds whether the grant still lives; when it does not, the rest is not read (SR_DENIED).
 * SR_TAMPERED names the damaged chunk.  Constant memory.
 */
SR_CHECKED enum sr_status sr_reading_run(struct sr_client *client, const struct sr_reading_request *request,
                                         struct sr_err *err);

/* Put the refusal's name in front of @err's text ("NotGranted: …"); returns @status. */
enum sr_status sr_reading_name_refusal(const struct sr_client *client, enum sr_status status,
                                       struct sr_err *err);
