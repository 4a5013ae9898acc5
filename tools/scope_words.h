/* SPDX-License-Identifier: Apache-2.0 */
/* Words of options that may be given again, as the keeper's commands take them. */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"

/* For options (options.h, each): add the argument to a list of texts; with commas between, several. */
SR_CHECKED enum sr_status sr_words_add(void *list, const char *argument, struct sr_err *err);
SR_CHECKED enum sr_status sr_words_add_commas(void *list, const char *argument, struct sr_err *err);
/*
 * "[CASE:]N" into [{"case","members":[N,…]},…], which @scope is; without CASE the element has no "case", and
 * the keeper takes the request's only one.
 */
SR_CHECKED enum sr_status sr_words_add_member(void *scope, const char *argument, struct sr_err *err);
/* A whole number for an option; SR_USAGE names it. */
SR_CHECKED enum sr_status sr_words_count(const char *option, const char *text, json_t *into, const char *key,
                                         struct sr_err *err);
/* Set a text, a list that is not empty; nothing for NULL or an empty one. */
SR_CHECKED enum sr_status sr_words_set_text(json_t *into, const char *key, const char *text,
                                            struct sr_err *err);
SR_CHECKED enum sr_status sr_words_set_list(json_t *into, const char *key, json_t *list, struct sr_err *err);
