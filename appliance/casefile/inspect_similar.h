/* SPDX-License-Identifier: Apache-2.0 */
/* Missing members whose file is there under almost the same name: systems differ in how they write "é" and in
 * what they take letter case for, and folders travel between them. */
#pragma once

#include "appliance/casefile/description.h"
#include "appliance/casefile/folder.h"

/*
 * One element a member: the path of a file that differs only in letter case or Unicode normalisation,
 * borrowed from @folder; NULL where there is none.  The caller frees *out.
 */
SR_CHECKED enum sr_status sr_inspect_similar(const struct sr_case *description,
                                             const struct sr_folder *folder, const char ***out,
                                             struct sr_err *err);
