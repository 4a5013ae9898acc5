/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The register of readings (调阅登记簿), from the entries of the log: one row for each member that was
 * opened. An auditor sees all rows, the others those of the cases that they may know of.
 */
#pragma once

#include "appliance/keeper/core/act.h"

/* The first entry that is not before @time_ns (times never go backwards); the log's size where all are. */
SR_CHECKED enum sr_status sr_readings_first_at(struct sr_txn *txn, int64_t time_ns, uint64_t *out,
                                               struct sr_err *err);

/*
 * {"rows":[{"seq","time","closed","reader","full_name","organ","request","grant","purpose","reason","case",
 * "number","title","part","member","channel","address","uid","bytes","approved_by","organ_name","papers","on_behalf",
 * "approved_by_names","approved_at"}],"next":SEQ|null}; days
 * from
 * @from to @to in the appliance's zone, both included.
 */
SR_CHECKED enum sr_status sr_run_readings(struct sr_act *act, struct sr_err *err);

/* The first entry that is not before @time_ns, or the log's size: times never go backwards. */
SR_CHECKED enum sr_status sr_readings_first_at(struct sr_txn *txn, int64_t time_ns, uint64_t *out,
                                               struct sr_err *err);
