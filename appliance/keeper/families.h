/* SPDX-License-Identifier: Apache-2.0 */
/* Families of commands: one a file, "…_methods.c". */
#pragma once

#include "appliance/keeper/method.h"

extern const struct sr_method_family sr_session_methods;
extern const struct sr_method_family sr_seal_methods;
extern const struct sr_method_family sr_case_methods;
extern const struct sr_method_family sr_fixity_methods;
extern const struct sr_method_family sr_vault_methods;
