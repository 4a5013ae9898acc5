/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exports (channel `copy`): ExportGrant begins one, openings on the channel count for it, FinishExport writes
 * `export.made`.  One that is not finished leaves its accesses in the log and nothing else.
 */
#pragma once

#include "appliance/keeper/core/act.h"
#include "appliance/keeper/wire/peer.h"

struct sr_exports;

SR_CHECKED enum sr_status sr_exports_new(struct sr_exports **out, struct sr_err *err);
void sr_exports_free(struct sr_exports *exports); /* NULL is allowed */
/* Exports of a connection that has ended are forgotten. */
void sr_exports_gone(struct sr_exports *exports, const struct sr_peer *peer);

SR_CHECKED enum sr_status sr_run_export_grant(struct sr_act *act, struct sr_err *err);
SR_CHECKED enum sr_status sr_run_finish_export(struct sr_act *act, struct sr_err *err);

/* Openings on the channel `copy` belong to an export that the caller began: Invalid. */
SR_CHECKED enum sr_status sr_export_require(struct sr_act *act, const char *grant, struct sr_err *err);
/* A member was opened for it. */
void sr_export_count(struct sr_act *act, const char *grant, const char *case_id, uint64_t bytes);
