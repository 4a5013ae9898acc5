/* SPDX-License-Identifier: Apache-2.0 */
/* The X checks of docs/CASE.md that look at the files themselves: X1, X2, X5 to X8, X10 to X13. */
#pragma once

#include "appliance/base/progress.h"
#include "appliance/casefile/description.h"
#include "appliance/casefile/folder.h"

/*
 * Adds findings; an I/O failure on one file is a blocker finding X2 that names it.  SHA-256 is only
 * computed here where the description gives one (@digests false leaves X10 to the seal, which
 * computes it anyway).  Signatures of common formats are recognised here, everything else goes to the probe.
 */
SR_CHECKED enum sr_status sr_inspect_folder(const struct sr_case *description, const struct sr_folder *folder,
                                            bool digests, const struct sr_progress *progress,
                                            struct sr_findings *findings, struct sr_err *err);
