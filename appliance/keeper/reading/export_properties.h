/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The four-property report of what is copied out (四性检测, 移交环节): judged while the plaintext passes by.
 * docs/FORMAT.md, "Four properties".  No state; any thread.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "appliance/base/err.h"

#define SR_PAPER_PROPERTIES "四性检测报告.html"
#define SR_PAPER_PROPERTIES_JSON "properties.json"

/* One case of an export. */
struct sr_export_facts {
	const json_t *described; /* what DescribeGrant said of it, with the members of all its answers */
	uint64_t members;        /* that were copied */
	uint64_t bytes;          /* of them */
	uint64_t matching;       /* members whose SHA-256 is that of the catalogue */
	const char *form;        /* "directory", "tar", "iso" */
	int64_t at_ns;
};

/* A report of the stage "export" (casefile/four_properties.h); the caller owns *out. */
SR_CHECKED enum sr_status sr_export_properties(const struct sr_export_facts *facts, json_t **out,
                                               struct sr_err *err);
