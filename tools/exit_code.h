/* SPDX-License-Identifier: Apache-2.0 */
/* Exit codes of docs/CLI.md for status codes. */
#pragma once

#include "appliance/base/err.h"

int sr_exit_code(enum sr_status status);
