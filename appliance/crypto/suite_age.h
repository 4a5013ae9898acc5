/* SPDX-License-Identifier: Apache-2.0 */
/* The suite "age-x25519": age files with X25519 recipients.  Private to crypto/: suite.h finds it. */
#pragma once

#include "appliance/crypto/suite.h"

extern const struct sr_suite sr_suite_age_x25519;
