/* SPDX-License-Identifier: Apache-2.0 */
/* The commands about cases: a family a file, whose table stands at its end. */
#pragma once

#include "appliance/keeper/core/method.h"

extern const struct sr_method_family sr_case_methods;
extern const struct sr_method_family sr_fixity_methods;
extern const struct sr_method_family sr_retention_methods;
extern const struct sr_method_family sr_seal_methods;
extern const struct sr_method_family sr_vault_methods;
