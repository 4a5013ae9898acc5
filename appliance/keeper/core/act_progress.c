/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/act_progress.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/keeper_parts.h"

#define PAUSE_NS (SR_SECOND_NS / 10)
#define PIECE 200u /* elements of one answer */

static void report(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct sr_act_progress *p = context;
	int64_t now_ns = sr_keeper_boot_ns();
	json_t *part = NULL;
	struct sr_err err;

	if (now_ns - p->last_ns < PAUSE_NS)
		return;
	p->last_ns = now_ns;
	/* A caller that hears nothing more is noticed by the command itself. */
	if (SR_JSON_PACK(&part, &err, "{s:s,s:I,s:I}", "what", what, "done", (json_int_t)done, "total",
	                 (json_int_t)total) != SR_OK ||
	    sr_act_continue(p->act, part, &err) != SR_OK)
		p->progress.report = NULL;
}

void sr_act_progress_init(struct sr_act_progress *p, struct sr_act *act)
{
	*p = (struct sr_act_progress){ .act = act, .last_ns = sr_keeper_boot_ns() };
	if (sr_act_wants_more(act))
		p->progress = (struct sr_progress){ .report = report, .context = p };
}

enum sr_status sr_act_send_list(struct sr_act *act, json_t *object, const char *key, struct sr_err *err)
{
	json_t *list = json_object_get(object, key);
	size_t count = json_array_size(list);

	if (!sr_act_wants_more(act) || count <= PIECE)
		return SR_OK;
	for (size_t i = 0; i < count;) {
		SR_CLEANUP(sr_json_decrefp) json_t *piece = json_array();
		json_t *part = NULL;

		for (size_t end = i + PIECE; i < count && i < end; i++)
			SR_TRY(sr_json_append(piece, json_incref(json_array_get(list, i)), err));
		SR_TRY(SR_JSON_PACK(&part, err, "{s:O}", key, piece));
		SR_TRY(sr_act_continue(act, part, err));
	}
	return json_array_clear(list) < 0 ? sr_fail(err, SR_NO_MEMORY, "no memory for a list") : SR_OK;
}
