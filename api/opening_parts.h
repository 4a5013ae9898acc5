/* SPDX-License-Identifier: Apache-2.0 */
/* One open member, and what the keeper is asked about it.  For openings.c alone. */
#pragma once

#include "api/openings.h"
#include "appliance/keeper/reading/member_reader.h"

#define SR_OPENING_TEXT 128u

struct sr_opening {
	struct sr_opening *next;
	uint64_t serial;
	unsigned users; /* requests that read it */
	int64_t used_s; /* when the last one went, CLOCK_MONOTONIC */
	atomic_bool over;
	char token[SR_OPENING_TEXT], address[SR_OPENING_TEXT];
	char grant[SR_OPENING_TEXT], case_id[SR_OPENING_TEXT];
	char channel[8];
	uint64_t member;

	struct sr_member_handle *handle;
	char etag[80];
};

/* OpenMember; the caller owns *out. */
SR_CHECKED enum sr_status sr_opening_ask(const struct sr_keeper_link *link,
                                         const struct sr_opening_wanted *wanted, struct sr_opening **out,
                                         char *refusal, struct sr_err *err);
/* CloseMember, and free it. */
void sr_opening_close(const struct sr_keeper_link *link, struct sr_opening *opening);
/* ReportFixity, where a read found something damaged. */
void sr_opening_report(const struct sr_keeper_link *link, struct sr_opening *opening);
/* CheckMember: the session still counts, and the grant still allows it. */
bool sr_opening_lives(const struct sr_keeper_link *link, uint64_t opened, const char *token,
                      const char *address);
