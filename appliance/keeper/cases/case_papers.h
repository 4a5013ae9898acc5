/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The printable papers of a sealed case, each an HTML page made of what the catalogue and the cover say and
 * nothing else, so that anybody who reads the archive gets the same: 卷宗封面, 卷内文件目录, 备考表,
 * 四性检测报告, 归档封装证明.  docs/CLI.md, "papers".
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

/* One part of ShowCase's answer, and the answer itself. */
struct sr_paper_case {
	const json_t *shown;
	const json_t *part;
};

typedef enum sr_status sr_paper(const struct sr_paper_case *what, struct sr_buf *out, struct sr_err *err);
sr_paper sr_paper_cover, sr_paper_list, sr_paper_notes, sr_paper_properties, sr_paper_proof;

/* A four-property report by itself (casefile/four_properties.h), such as that of an export; @number: 案号. */
SR_CHECKED enum sr_status sr_paper_property_report(const json_t *report, const char *number,
                                                   struct sr_buf *out, struct sr_err *err);
/*
 * What a fixity check found, for paper: 完整性校验报告 with one row an archive, then the items, those that
 * all sound archives have in common once.  @archives: verdicts with "properties", as `verify --json` has
 * them.
 */
SR_CHECKED enum sr_status sr_paper_fixity(const json_t *archives, int64_t at_ns, bool quick,
                                          struct sr_buf *out, struct sr_err *err);

/*
 * One paper of part @part of @shown, as HTML added to @out: @paper is "cover", "list", "notes", "properties"
 * or "proof"; *title (static) is what people call it.  SR_NOT_FOUND for other words and parts.
 */
SR_CHECKED enum sr_status sr_paper_make(const json_t *shown, int64_t part, const char *paper,
                                        struct sr_buf *out, const char **title, struct sr_err *err);

/*
 * All papers of all parts of @shown (ShowCase's answer) as files of the folder @dir_fd; *reply (caller owns)
 * is
 * {"files":[name…]}.  A file that is there is replaced.
 */
SR_CHECKED enum sr_status sr_papers_write(const json_t *shown, int dir_fd, json_t **reply,
                                          struct sr_err *err);
