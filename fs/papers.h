/* SPDX-License-Identifier: Apache-2.0 */
/* The files that are made for each case of a grant: its list of files for people and for programs, and its
 * seals. */
#pragma once

#include <jansson.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

#define SR_FS_LIST_NAME "卷内文件目录.html"
#define SR_FS_CATALOGUE_NAME "catalogue.json"
#define SR_FS_SEAL_NAME "SEAL.txt"
#define SR_FS_DAMAGE_NAME "DAMAGED.txt"
#define SR_FS_PART_FOLDER "补充卷-%03u" /* of part 2 and later */

/* @described: what DescribeGrant says of the case, with all its members. */

/* 卷内文件目录: one row a member, linked to the file beside it. */
SR_CHECKED enum sr_status sr_fs_paper_list(const json_t *described, struct sr_buf *out, struct sr_err *err);
/* The same as JSON; @folder is the case's folder, which is said where it is not the number itself. */
SR_CHECKED enum sr_status sr_fs_paper_catalogue(const json_t *described, const char *folder,
                                                struct sr_buf *out, struct sr_err *err);
/* Who sealed when, and how to check it. */
SR_CHECKED enum sr_status sr_fs_paper_seal(const json_t *described, struct sr_buf *out, struct sr_err *err);
