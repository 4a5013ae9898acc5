/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the text of case.json or of a catalogue to its tree, in little memory: a case of 10,000 members says
 * the same few words again and again, and each is kept once.  Thread-safe.
 */
#pragma once

#include <jansson.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

/* How big a tree may grow: values (null, text, …), and objects and lists among them. */
struct sr_tree_bounds {
	size_t values;
	size_t containers;
};

/*
 * The same tree as sr_json_parse makes of UTF-8 text with a list "members" in its outermost object, or
 * without. SR_LIMIT over @bounds or SR_LIMIT_JSON_DEPTH, SR_CORRUPT (line and column) for text that is no
 * JSON.  Equal texts may share one json_t, so texts in the tree must not be changed in place.  The caller
 * owns *out.
 */
SR_CHECKED enum sr_status sr_case_text_parse(struct sr_bytes text, struct sr_tree_bounds bounds, json_t **out,
                                             struct sr_err *err);
