/* SPDX-License-Identifier: Apache-2.0 */
/* A grant's files from what DescribeGrant says: its cases one after another. */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"
#include "fs/tree.h"

/*
 * Add a further answer to the cases gathered so far: a case with many members comes in several.  Takes
 * nothing; @cases is a list.
 */
SR_CHECKED enum sr_status sr_fs_gather_case(json_t *cases, const json_t *answer, struct sr_err *err);

/* SR_CORRUPT when the keeper's answers are not what docs/KEEPER.md says. */
SR_CHECKED enum sr_status sr_fs_tree_build(const json_t *cases, struct sr_fs_tree **out, struct sr_err *err);
