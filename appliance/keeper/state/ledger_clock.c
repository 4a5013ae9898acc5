/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/ledger_clock.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"

#define WARN_NS (SR_LEDGER_CLOCK_WARN_S * SR_SECOND_NS)
#define STOP_NS (SR_LEDGER_CLOCK_STOP_S * SR_SECOND_NS)
#define CONFIRM_NS (SR_LEDGER_CLOCK_CONFIRM_S * SR_SECOND_NS)

/* --- arithmetic that cannot overflow: a wall clock may say anything ----------------------------- */

static int64_t plus(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

static int64_t minus(int64_t a, int64_t b)
{
	int64_t difference;

	if (__builtin_sub_overflow(a, b, &difference))
		return b < 0 ? INT64_MAX : INT64_MIN;
	return difference;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
	if (value < low)
		return low;
	return value > high ? high : value;
}

/* More than @limit_ns apart, in either direction? */
static bool exceeds(int64_t difference_ns, int64_t limit_ns)
{
	return difference_ns > limit_ns || difference_ns < -limit_ns;
}

/* --- running ------------------------------------------------------------------------------------ */

int64_t sr_ledger_clock_disagreement_ns(const struct sr_ledger_clock *clock)
{
	return minus(clock->last.wall_ns, clock->ledger_ns);
}

/* A stop holds until people confirm, even if the wall clock comes back. */
static void judge(struct sr_ledger_clock *clock)
{
	int64_t off_ns = sr_ledger_clock_disagreement_ns(clock);

	if (off_ns >= 0)
		clock->accepted_ns = 0;
	if (exceeds(minus(off_ns, clock->accepted_ns), STOP_NS))
		clock->stopped = true;
}

/* How far to go towards the wall clock, not further than to it; what is doubted draws nothing. */
static int64_t correction(const struct sr_ledger_clock *clock, int64_t elapsed_ns)
{
	int64_t off_ns = minus(clock->last.wall_ns, plus(clock->ledger_ns, elapsed_ns));
	int64_t most_ns = elapsed_ns / SR_LEDGER_CLOCK_SLEW;

	if (clock->stopped)
		return 0;
	if (off_ns < 0 && clock->accepted_ns < 0)
		most_ns = elapsed_ns / SR_LEDGER_CLOCK_SLEW_FAST;
	return clamp(off_ns, -most_ns, most_ns);
}

int64_t sr_ledger_clock_now(struct sr_ledger_clock *clock, const struct sr_clock_reading *reading)
{
	int64_t elapsed_ns = minus(reading->boot_ns, clock->last.boot_ns);

	/* Late readings of another thread: not a step back. */
	if (elapsed_ns < 0)
		return clock->ledger_ns;
	clock->last = *reading;
	/* A jump is judged before it may draw. */
	struct sr_ledger_clock moved = *clock;
	moved.ledger_ns = plus(moved.ledger_ns, elapsed_ns);
	judge(&moved);
	clock->stopped = moved.stopped;
	int64_t corrected_ns = correction(clock, elapsed_ns);
	clock->ledger_ns = plus(plus(clock->ledger_ns, elapsed_ns), corrected_ns);
	/* What was confirmed shrinks with what remains of it. */
	if (clock->accepted_ns < 0 && corrected_ns < 0)
		clock->accepted_ns = clamp(minus(clock->accepted_ns, corrected_ns), INT64_MIN, 0);
	judge(clock);
	return clock->ledger_ns;
}

enum sr_ledger_clock_state sr_ledger_clock_state(const struct sr_ledger_clock *clock)
{
	if (clock->stopped)
		return SR_LEDGER_CLOCK_STOPPED;
	if (exceeds(sr_ledger_clock_disagreement_ns(clock), WARN_NS))
		return SR_LEDGER_CLOCK_WARNING;
	return SR_LEDGER_CLOCK_FINE;
}

const char *sr_ledger_clock_state_name(enum sr_ledger_clock_state state)
{
	switch (state) {
	case SR_LEDGER_CLOCK_FINE:
		return "fine";
	case SR_LEDGER_CLOCK_WARNING:
		return "warning";
	case SR_LEDGER_CLOCK_STOPPED:
		return "stopped";
	}
	return "unknown";
}

bool sr_ledger_clock_allows_grants(const struct sr_ledger_clock *clock)
{
	return sr_ledger_clock_state(clock) == SR_LEDGER_CLOCK_FINE;
}

bool sr_ledger_clock_allows_openings(const struct sr_ledger_clock *clock)
{
	return !clock->stopped;
}

/* --- starting ----------------------------------------------------------------------------------- */

static bool is_same_boot(const struct sr_ledger_clock_start *start)
{
	const struct sr_ledger_clock_mark *mark = start->mark;

	return mark && strncmp(mark->boot_id, start->boot_id, SR_BOOT_ID_TEXT) == 0 &&
	       mark->boot_ns <= start->reading.boot_ns;
}

void sr_ledger_clock_start(struct sr_ledger_clock *clock, const struct sr_ledger_clock_start *start)
{
	const struct sr_ledger_clock_mark *mark = start->mark;
	int64_t floor_ns = start->last_entry_ns;

	*clock = (struct sr_ledger_clock){ .last = start->reading };
	memcpy(clock->boot_id, start->boot_id, strnlen(start->boot_id, SR_BOOT_ID_TEXT - 1));
	if (floor_ns <= 0) {
		clock->ledger_ns = clamp(start->reading.wall_ns, 0, INT64_MAX);
		return;
	}
	if (mark) {
		int64_t mark_ns = mark->ledger_ns;

		if (is_same_boot(start))
			mark_ns = plus(mark_ns, minus(start->reading.boot_ns, mark->boot_ns));
		floor_ns = mark_ns > floor_ns ? mark_ns : floor_ns;
		clock->stopped = mark->stopped;
		clock->accepted_ns = clamp(mark->accepted_ns, INT64_MIN, 0);
	}
	int64_t ahead_ns = minus(start->reading.wall_ns, floor_ns);
	bool was_off = !is_same_boot(start) && !clock->stopped && ahead_ns > 0 && ahead_ns <= STOP_NS;
	clock->ledger_ns = was_off ? start->reading.wall_ns : floor_ns;
	judge(clock);
}

void sr_ledger_clock_mark(const struct sr_ledger_clock *clock, struct sr_ledger_clock_mark *out)
{
	*out = (struct sr_ledger_clock_mark){ .boot_ns = clock->last.boot_ns,
		                              .ledger_ns = clock->ledger_ns,
		                              .accepted_ns = clock->accepted_ns,
		                              .stopped = clock->stopped };
	memcpy(out->boot_id, clock->boot_id, sizeof(out->boot_id));
}

/* --- confirming --------------------------------------------------------------------------------- */

/* Do two readings tell of the same wall clock, within 5 minutes? */
static bool agree(const struct sr_clock_reading *first, const struct sr_clock_reading *second)
{
	int64_t passed_ns = minus(second->boot_ns, first->boot_ns);

	return !exceeds(minus(minus(second->wall_ns, first->wall_ns), passed_ns), WARN_NS);
}

static void set_to_wall(struct sr_ledger_clock *clock)
{
	int64_t off_ns = sr_ledger_clock_disagreement_ns(clock);

	clock->stopped = false;
	clock->has_first = false;
	clock->accepted_ns = off_ns < 0 ? off_ns : 0;
	if (off_ns > 0)
		clock->ledger_ns = clock->last.wall_ns;
}

enum sr_status sr_ledger_clock_confirm(struct sr_ledger_clock *clock, enum sr_role role,
                                       const struct sr_clock_reading *reading, bool *set, int64_t *before_ns,
                                       struct sr_err *err)
{
	if (role != SR_ROLE_ADMIN && role != SR_ROLE_SECURITY_ADMIN)
		return sr_fail(err, SR_DENIED,
		               "the administrator and the security administrator confirm the clock");
	if (reading->wall_ns < 0)
		return sr_fail(err, SR_INVALID, "the machine's clock is before 1970; set it, then confirm");
	int64_t now_ns = sr_ledger_clock_now(clock, reading);

	if (clock->has_first && minus(reading->boot_ns, clock->first.boot_ns) > CONFIRM_NS)
		clock->has_first = false;
	if (clock->has_first && !agree(&clock->first, reading)) {
		clock->has_first = false;
		return sr_fail(err, SR_INVALID,
		               "the machine's clock jumped since the first confirmation; both confirm again");
	}
	if (!clock->has_first) {
		clock->has_first = true;
		clock->first_role = role;
		clock->first = *reading;
		*set = false;
		return SR_OK;
	}
	if (clock->first_role == role)
		return sr_fail(err, SR_EXISTS, "confirmed already; now the %s confirms",
		               role == SR_ROLE_ADMIN ? "security administrator" : "administrator");
	*before_ns = now_ns;
	set_to_wall(clock);
	*set = true;
	return SR_OK;
}

void sr_ledger_clock_resume(struct sr_ledger_clock *clock, enum sr_role role,
                            const struct sr_clock_reading *reading)
{
	if (clock->has_first)
		return;
	clock->has_first = true;
	clock->first_role = role;
	clock->first = *reading;
}

/* --- this machine ------------------------------------------------------------------------------- */

static int64_t time_of(const struct timespec *time)
{
	return plus((int64_t)time->tv_sec * SR_SECOND_NS, time->tv_nsec);
}

enum sr_status sr_clock_reading_take(struct sr_clock_reading *out, struct sr_err *err)
{
	struct timespec boot;

	if (clock_gettime(CLOCK_BOOTTIME, &boot) < 0)
		return sr_fail_errno(err, "read CLOCK_BOOTTIME");
	*out = (struct sr_clock_reading){ .boot_ns = time_of(&boot), .wall_ns = sr_clock_now_ns() };
	return SR_OK;
}

enum sr_status sr_boot_id_read(char out[SR_BOOT_ID_TEXT], struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_fd_read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", SR_BOOT_ID_TEXT, &text, err));
	if (text.size < SR_BOOT_ID_TEXT - 1)
		return sr_fail(err, SR_CORRUPT, "the kernel's boot id has %zu characters", text.size);
	memcpy(out, text.data, SR_BOOT_ID_TEXT - 1);
	out[SR_BOOT_ID_TEXT - 1] = '\0';
	return SR_OK;
}
