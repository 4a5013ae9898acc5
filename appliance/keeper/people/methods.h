/* SPDX-License-Identifier: Apache-2.0 */
/* The commands about people: a family a file, whose table stands at its end. */
#pragma once

#include "appliance/keeper/core/method.h"

extern const struct sr_method_family sr_account_methods;
extern const struct sr_method_family sr_application_methods;
extern const struct sr_method_family sr_authority_methods;
extern const struct sr_method_family sr_directory_methods;
extern const struct sr_method_family sr_pass_methods;
extern const struct sr_method_family sr_people_methods;
extern const struct sr_method_family sr_policy_methods;
extern const struct sr_method_family sr_roster_methods;
extern const struct sr_method_family sr_score_sheet_methods;
extern const struct sr_method_family sr_session_methods;
