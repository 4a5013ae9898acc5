/* SPDX-License-Identifier: Apache-2.0 */
/* FileRequest: what somebody wants to read, checked and written down (docs/KEEPER.md, "Requests"). */
#pragma once

#include "appliance/keeper/core/act.h"

SR_CHECKED enum sr_status sr_file_request(struct sr_act *act, struct sr_err *err);

/* The purposes of a reading that the base rulebook names: SR_INVALID lists them for a word that is none. */
SR_CHECKED enum sr_status sr_purpose_check(const char *purpose, struct sr_err *err);
