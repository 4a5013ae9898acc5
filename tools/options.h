/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a verb as a table: "--name VALUE", "--name=VALUE" or a flag; everything else is a word. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "appliance/base/err.h"

struct sr_option {
	const char *name;   /* with its dashes: "--out" */
	const char **value; /* receives the argument; NULL for a flag */
	bool *flag;         /* set for a flag */
	/* For an option that may be given again: called with each argument instead of @value. */
	enum sr_status (*each)(void *context, const char *argument, struct sr_err *err);
	void *context;
	bool many; /* with @each: further words behind its argument are arguments, too */
};

/* Words that are no options: borrowed from argv, which is reordered so that they come first. */
struct sr_words {
	char **list;
	int count;
};

/* argv[0] is skipped.  "--" ends the options.  SR_USAGE names what is wrong; @min to @max words (@max < 0:
 * any number). */
SR_CHECKED enum sr_status sr_options_parse(int argc, char **argv, const struct sr_option *options,
                                           size_t option_count, int min, int max, struct sr_words *words,
                                           struct sr_err *err);
