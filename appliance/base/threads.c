/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/threads.h"

#include <sched.h>

static unsigned core_count(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0) /* of more cores than the set holds */
		return CPU_SETSIZE;
	return (unsigned)CPU_COUNT(&set);
}

unsigned sr_threads_for(unsigned asked, uint64_t pieces, unsigned max)
{
	const unsigned wanted = asked > 0 ? asked : core_count();
	const uint64_t most = pieces < max ? pieces : max;

	if (most == 0)
		return 1;
	return wanted < most ? wanted : (unsigned)most;
}
