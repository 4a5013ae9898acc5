/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ReportFixity: a front end, or a command that reads, met a chunk that fails its tag.  The keeper looks
 * itself before it writes `fixity.failed`, and writes each chunk once a day.
 */
#pragma once

#include "appliance/keeper/core/act.h"

struct sr_damage_reports;

SR_CHECKED enum sr_status sr_damage_reports_new(struct sr_damage_reports **out, struct sr_err *err);
void sr_damage_reports_free(struct sr_damage_reports *reports); /* NULL is allowed */

SR_CHECKED enum sr_status sr_run_report_fixity(struct sr_act *act, struct sr_err *err);
