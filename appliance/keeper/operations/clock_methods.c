/* SPDX-License-Identifier: Apache-2.0 */
/* ConfirmClock: the administrator and the security administrator say that the machine's clock is right. */
#include "appliance/keeper/operations/methods.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/keeper_clock.h"
#include "appliance/keeper/state/record.h"

/* The first confirmation, so that the second may come in another process: a command line keeps no keeper. */
#define FIRST_KEY "clock-first"

struct confirmation {
	char boot[SR_BOOT_ID_TEXT];
	struct sr_clock_reading reading;
	json_t *first; /* {"user","role","boot","boot_ns","wall_ns"}; NULL: none of this boot */
	bool set;
	int64_t before_ns;
	enum sr_ledger_clock_state state;
};

static void confirmation_dispose(struct confirmation *c)
{
	json_decref(c->first);
}

static enum sr_status read_first(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct confirmation *c = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

	SR_TRY(sr_record_look(txn, SR_DB_META, FIRST_KEY, &record, err));
	const char *boot = sr_json_text(record, "boot");
	if (boot && strcmp(boot, c->boot) == 0)
		c->first = SR_MOVE(record);
	return SR_OK;
}

static enum sr_status put_first(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct confirmation *c = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

	SR_TRY(SR_JSON_PACK(&record, err, "{s:s,s:s,s:s,s:I,s:I}", "user", act->caller.user, "role",
	                    sr_role_name(act->caller.role), "boot", c->boot, "boot_ns",
	                    (json_int_t)c->reading.boot_ns, "wall_ns", (json_int_t)c->reading.wall_ns));
	return sr_record_put(txn, SR_DB_META, FIRST_KEY, record, err);
}

static enum sr_status drop_first(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	(void)act;
	return sr_record_drop(txn, SR_DB_META, FIRST_KEY, err);
}

static enum sr_status put_set(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct confirmation *c = act->work;
	const char *first = sr_json_text(c->first, "user");
	char before[SR_TIME_TEXT], wall[SR_TIME_TEXT];

	sr_time_format_utc_us(c->before_ns, before);
	sr_time_format_utc_us(c->reading.wall_ns, wall);
	SR_TRY(sr_act_record(act, txn, "clock.set",
	                     json_pack("{s:s,s:s,s:[s*,s]}", "before", before, "wall", wall, "confirmed_by",
	                               first, act->caller.user),
	                     NULL, err));
	return drop_first(act, txn, err);
}

/* Under the keeper's lock: the clock itself. */
static enum sr_status confirm(struct sr_act *act, struct confirmation *c, struct sr_err *err)
{
	struct sr_ledger_clock *clock = &act->keeper->clock;
	const char *word = sr_json_text(c->first, "role");
	enum sr_role role;

	SR_TRY(sr_clock_reading_take(&c->reading, err));
	if (word && sr_role_parse(word, &role)) {
		const struct sr_clock_reading first = {
			.boot_ns = json_integer_value(json_object_get(c->first, "boot_ns")),
			.wall_ns = json_integer_value(json_object_get(c->first, "wall_ns")),
		};

		sr_ledger_clock_resume(clock, role, &first);
	}
	(void)sr_ledger_clock_now(clock, &c->reading);
	if (sr_ledger_clock_state(clock) == SR_LEDGER_CLOCK_FINE)
		return sr_fail(err, SR_INVALID,
		               "ledger time and the machine's clock agree; there is nothing to confirm");
	SR_TRY(sr_ledger_clock_confirm(clock, act->caller.role, &c->reading, &c->set, &c->before_ns, err));
	c->state = sr_ledger_clock_state(clock);
	return SR_OK;
}

static enum sr_status confirm_clock(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(confirmation_dispose) struct confirmation c = { 0 };
	struct sr_keeper *keeper = act->keeper;

	SR_TRY(sr_boot_id_read(c.boot, err));
	sr_act_set_work(act, &c);
	SR_TRY(sr_act_read(act, read_first, err));
	pthread_mutex_lock(&keeper->lock);
	enum sr_status status = confirm(act, &c, err);
	bool awaits = keeper->clock.has_first;
	pthread_mutex_unlock(&keeper->lock);
	if (status != SR_OK && c.first && !awaits) { /* the clock jumped since: it counts as none */
		struct sr_err ignored;

		(void)!sr_act_write(act, NULL, drop_first, &ignored);
	}
	SR_TRY(status);
	SR_TRY(sr_act_write(act, NULL, c.set ? put_set : put_first, err));
	sr_keeper_clock_store(keeper);
	return sr_act_reply(act, err, "{s:b,s:s}", "set", c.set, "state",
	                    sr_ledger_clock_state_name(c.state));
}

static const struct sr_method methods[] = {
	{ "ConfirmClock", "", SR_BY(ADMIN) | SR_BY(SECURITY_ADMIN), SR_DOOR_PEOPLE, 0, confirm_clock },
};
const struct sr_method_family sr_clock_methods = { methods, SR_COUNT(methods) };
