/* SPDX-License-Identifier: Apache-2.0 */
/* The filesystem's process: serves the mount that `strongroom serve` made until SIGTERM or the keeper's end.
 */
#pragma once

#include "appliance/base/err.h"

/* SR_IO when the keeper is gone; SR_INVALID when it was not started by a supervisor. */
SR_CHECKED enum sr_status sr_fs_main(struct sr_err *err);
