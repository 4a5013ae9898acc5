/* SPDX-License-Identifier: Apache-2.0 */
/* Scanned papers that go with a command: their descriptors, and what each is. */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "appliance/base/err.h"

#define SR_PAPERS_MAX 16

struct sr_papers {
	json_t *list; /* [{"kind","name"},…]; the caller begins it as an empty array */
	int files[SR_PAPERS_MAX];
	size_t count;
	size_t max; /* how many the command takes, at most SR_PAPERS_MAX */
};

void sr_papers_dispose(struct sr_papers *papers);
/* Open @path as one more paper of a kind (@kind_size bytes of @kind).  SR_USAGE: not UTF-8, or too many. */
SR_CHECKED enum sr_status sr_papers_add(struct sr_papers *papers, const char *kind, size_t kind_size,
                                        const char *path, struct sr_err *err);
/* The last part of a path. */
const char *sr_papers_name(const char *path);
