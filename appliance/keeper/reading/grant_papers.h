/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes with the files of a granted case: its list for people and for programs, and its seals.  From what
 * DescribeGrant says of the case, with the members of all its answers (or any object of that shape).
 */
#pragma once

#include <jansson.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

#define SR_PAPER_LIST "卷内文件目录.html"
#define SR_PAPER_CATALOGUE "catalogue.json"
#define SR_PAPER_SEAL "SEAL.txt"
#define SR_PAPER_DAMAGE "DAMAGED.txt"      /* instead of them, where a case cannot be described */
#define SR_PAPER_PART_FOLDER "补充卷-%03u" /* of part 2 and later */

/* 卷内文件目录: one row a member, linked to the file beside it. */
SR_CHECKED enum sr_status sr_case_paper_list(const json_t *described, struct sr_buf *out, struct sr_err *err);
/* The same as JSON; @folder is the case's folder, which is said where it is not the number itself. */
SR_CHECKED enum sr_status sr_case_paper_catalogue(const json_t *described, const char *folder,
                                                  struct sr_buf *out, struct sr_err *err);
/* Who sealed when, and how to check it; @note: lines about these copies. */
SR_CHECKED enum sr_status sr_case_paper_seal(const json_t *described, const char *note, struct sr_buf *out,
                                             struct sr_err *err);

/* "", or the folder of a supplement's members, such as "补充卷-002". */
#define SR_PAPER_FOLDER_BYTES 32
void sr_case_paper_folder(unsigned part, char out[SR_PAPER_FOLDER_BYTES]);
