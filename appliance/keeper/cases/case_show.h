/* SPDX-License-Identifier: Apache-2.0 */
/* Cover and catalogue of a case, without what is beyond the reader's clearances. */
#pragma once

#include "appliance/keeper/core/act.h"

/*
 * {"case","number","title","parts":[{"part","archive","seal","sealed_at","cover":{…},"catalogue":{…}}]}; the
 * caller owns *reply.  Hidden members: no row, no finding, and their paths are null wherever the description
 * names them; a part that is hidden as a whole is left out.
 *
 * To a caller who takes several answers, parts go as {"parts":[…]} with empty lists of members, each followed
 * by
 * {"members":[…]} of the part before; the last answer then has no parts.  NotFound as sr_case_view_find.
 */
SR_CHECKED enum sr_status sr_case_show(struct sr_act *act, const char *reference, json_t **reply,
                                       struct sr_err *err);
