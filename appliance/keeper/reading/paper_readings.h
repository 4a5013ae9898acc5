/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 调阅登记簿 for paper, from the rows of Readings (readings.h): what one reader opened of one case under one
 * grant in one way on one day is one line, as a register at the counter has it.
 */
#pragma once

#include <jansson.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

/* @from and @to: days such as "2026-01-01". */
SR_CHECKED enum sr_status sr_paper_readings(const json_t *rows, const char *from, const char *to,
                                            struct sr_buf *out, struct sr_err *err);
