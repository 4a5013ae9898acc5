/* SPDX-License-Identifier: Apache-2.0 */
/* A question cut into conditions: a case must fulfil each, by one of its alternatives. */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/index/search.h"

#define SR_CONDITIONS (SR_SEARCH_TERMS + 8u)

/* One search term, or all that begin with it. */
struct sr_alternative {
	size_t at; /* in the question's bytes */
	size_t size;
	bool is_prefix;
};

struct sr_condition {
	size_t first; /* alternatives; none: nothing fulfils it */
	size_t count;
};

struct sr_question {
	struct sr_buf bytes;
	struct sr_buf alternatives; /* of struct sr_alternative */
	struct sr_condition conditions[SR_CONDITIONS];
	size_t condition_count;
	int64_t from_day; /* INT64_MIN: no bound */
	int64_t to_day;   /* INT64_MAX: no bound */
};

void sr_question_dispose(struct sr_question *question);

/* SR_INVALID when @search breaks a bound.  @out is zeroed before, and to be disposed of in every case. */
SR_CHECKED enum sr_status sr_question_make(const struct sr_search *search, struct sr_question *out,
                                           struct sr_err *err);

/* Alternative @index of all. */
const struct sr_alternative *sr_question_alternative(const struct sr_question *question, size_t index);

/* Add a condition, then its alternatives. */
SR_CHECKED enum sr_status sr_question_begin(struct sr_question *question, struct sr_err *err);
SR_CHECKED enum sr_status sr_question_add(struct sr_question *question, char kind, struct sr_bytes text,
                                          bool is_prefix, struct sr_err *err);
