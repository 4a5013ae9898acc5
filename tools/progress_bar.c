/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/progress_bar.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "appliance/base/text.h"
#include "tools/output.h"

#define REDRAW_NS 100000000ll
#define BAR_CELLS 30
#define BAR_CELLS_NARROW 10
#define NARROW_COLUMNS 70
#define COLUMNS_DEFAULT 80

static int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000ll + now.tv_nsec;
}

static size_t terminal_columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
	                                                                       : COLUMNS_DEFAULT;
}

/* One line and never more: what wraps could not be drawn over. */
static void draw(struct sr_progress_bar *bar, const char *what, uint64_t done, uint64_t total, int64_t now)
{
	char cells[BAR_CELLS + 1];
	char line[256];
	char left[32] = "";
	char done_text[SR_SIZE_TEXT];
	char total_text[SR_SIZE_TEXT];
	double share = total ? (double)done / (double)total : 1;
	size_t columns = terminal_columns();
	size_t width = columns < NARROW_COLUMNS ? BAR_CELLS_NARROW : BAR_CELLS;
	double seconds = (double)(now - bar->started_ns) / 1e9;

	share = share > 1 ? 1 : share;
	memset(cells, '.', width);
	memset(cells, '#', (size_t)(share * (double)width));
	cells[width] = 0;
	sr_output_size(done, done_text);
	sr_output_size(total, total_text);
	if (share > 0.02 && share < 1 && seconds > 1)
		snprintf(left, sizeof(left), ", %.0f s left", seconds / share - seconds);
	snprintf(line, sizeof(line), "[%s] %3.0f%% %s of %s%s  %s", cells, share * 100, done_text, total_text,
	         left, what ? what : "");
	sr_text_make_printable(line, sizeof(line));
	sr_output_clip(line, columns - 1);
	fprintf(stderr, "\r\033[K%s", line);
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
