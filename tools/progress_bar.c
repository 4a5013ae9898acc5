/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/progress_bar.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "appliance/base/text.h"
#include "tools/output.h"

#define REDRAW_NS 100000000ll
#define BAR_CELLS 30

static int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000ll + now.tv_nsec;
}

static void draw(struct sr_progress_bar *bar, const char *what, uint64_t done, uint64_t total, int64_t now)
{
	char cells[BAR_CELLS + 1];
	char name[64];
	char done_text[SR_SIZE_TEXT];
	char total_text[SR_SIZE_TEXT];
	double share = total ? (double)done / (double)total : 1;
	int full = (int)(share * BAR_CELLS);
	double seconds = (double)(now - bar->started_ns) / 1e9;

	if (full > BAR_CELLS)
		full = BAR_CELLS;
	memset(cells, '.', BAR_CELLS);
	memset(cells, '#', (size_t)full);
	cells[BAR_CELLS] = 0;
	snprintf(name, sizeof(name), "%s", what ? what : "");
	sr_text_make_printable(name, sizeof(name));
	sr_output_size(done, done_text);
	sr_output_size(total, total_text);
	fprintf(stderr, "\r\033[K[%s] %3.0f%% %s of %s", cells, share * 100, done_text, total_text);
	if (share > 0.02 && share < 1 && seconds > 1)
		fprintf(stderr, ", %.0f s left", seconds / share - seconds);
	fprintf(stderr, "  %s", name);
	fflush(stderr);
}

static void report(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct sr_progress_bar *bar = context;
	int64_t now = monotonic_ns();

	if (now - bar->last_ns < REDRAW_NS)
		return;
	bar->last_ns = now;
	bar->shown = true;
	draw(bar, what, done, total, now);
}

void sr_progress_bar_init(struct sr_progress_bar *bar)
{
	*bar = (struct sr_progress_bar){ .started_ns = monotonic_ns() };
	bar->last_ns = bar->started_ns;
	if (isatty(STDERR_FILENO))
		bar->progress = (struct sr_progress){ .report = report, .context = bar };
}

void sr_progress_bar_dispose(struct sr_progress_bar *bar)
{
	if (bar->shown)
		fputs("\r\033[K", stderr);
}
