/* SPDX-License-Identifier: Apache-2.0 */
/* A stored session that is read is written as the same bytes, and its times make sense. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/keeper/state/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_session session;
	struct sr_err err;

	if (sr_session_decode((struct sr_bytes){ .data = data, .size = size }, &session, &err) != SR_OK)
		return 0;
	if (sr_session_encode(&session, &text, &err) != SR_OK || text.size != size ||
	    memcmp(text.data, data, size) != 0 || session.last_used_ns < session.opened_ns ||
	    session.last_used_ns > sr_session_until_ns(&session) ||
	    sr_session_due_ns(&session) > sr_session_until_ns(&session) || !sr_label_is_valid(session.user))
		abort();
	return 0;
}
