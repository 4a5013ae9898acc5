/* SPDX-License-Identifier: Apache-2.0 */
/* The commands about the register, figures and warnings: a family a file, whose table stands at its end. */
#pragma once

#include "appliance/keeper/core/method.h"

extern const struct sr_method_family sr_register_methods;
extern const struct sr_method_family sr_stat_methods;
extern const struct sr_method_family sr_warn_methods;
