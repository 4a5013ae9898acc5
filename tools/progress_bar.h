/* SPDX-License-Identifier: Apache-2.0 */
/* A progress bar on standard error when that is a terminal; nothing otherwise. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/progress.h"

struct sr_progress_bar {
	struct sr_progress progress; /* hand out &bar.progress */
	bool shown;
	int64_t last_ns;
	int64_t started_ns;
};

/* @bar must not move while in use. */
void sr_progress_bar_init(struct sr_progress_bar *bar);
/* Wipe the line, so that messages start at its beginning. */
void sr_progress_bar_dispose(struct sr_progress_bar *bar);
