/* SPDX-License-Identifier: Apache-2.0 */
/* DescribeGrant: what a reader sees of the cases of a grant. */
#pragma once

#include "appliance/keeper/core/act.h"

SR_CHECKED enum sr_status sr_run_describe_grant(struct sr_act *act, struct sr_err *err);
