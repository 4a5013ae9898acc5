/* SPDX-License-Identifier: Apache-2.0 */
/* The commands about reading: a family a file, whose table stands at its end. */
#pragma once

#include "appliance/keeper/core/method.h"

extern const struct sr_method_family sr_reading_methods;
