/* SPDX-License-Identifier: Apache-2.0 */
/* The log moves the numbers on, and a rebuild gives the same. */
#include "tests/unit/keeper/events.h"

#include "appliance/keeper/state/counter.h"

static void next(struct log_room *room, char letter, const char *wanted)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	char id[SR_LABEL_BYTES];
	struct sr_err err;

	assert_ok(sr_txn_read(room->env, &txn, &err));
	assert_ok(sr_counter_next(txn, letter, id, &err));
	assert_string_equal(id, wanted);
}

static json_t *organ(const char *code)
{
	return json_pack("{s:s,s:s,s:s}", "organ", code, "name", "样例市医疗保障局", "level", "city");
}

static json_t *proposal(const char *id, const char *user)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "proposal", id, "action", "add", "user", user,
	                 "full_name", user, "role", "handler", "organ", "999900");
}

static void an_entry_takes_its_number(void **state)
{
	struct log_room room;

	(void)state;
	log_room_open(&room);
	next(&room, 'P', "P00001");
	assert_int_equal(tell(&room, "organ.added", NULL, organ("999900")), SR_OK);
	assert_int_equal(tell(&room, "user.proposed", NULL, proposal("P00001", "li")), SR_OK);
	next(&room, 'P', "P00002");
	assert_int_equal(tell(&room, "user.proposed", NULL, proposal("P00123", "wang")), SR_OK);
	next(&room, 'P', "P00124");
	/* a lower one takes nothing back, one of another letter and one that is none take nothing */
	assert_int_equal(tell(&room, "user.proposed", NULL, proposal("P00007", "zhao")), SR_OK);
	assert_int_equal(tell(&room, "user.proposed", NULL, proposal("R99999", "qian")), SR_OK);
	assert_int_equal(tell(&room, "user.proposed", NULL, proposal("first", "sun")), SR_OK);
	next(&room, 'P', "P00124");
	next(&room, 'R', "R00001");
	log_room_close(&room);
}

static void a_refused_entry_takes_no_number(void **state)
{
	struct log_room room;

	(void)state;
	log_room_open(&room);
	assert_int_equal(tell(&room, "user.proposed", "nobody", proposal("P00001", "li")), SR_DENIED);
	next(&room, 'P', "P00001");
	log_room_close(&room);
}

static void a_grant_has_an_end_that_nobody_guesses(void **state)
{
	struct log_room room;
	char first[SR_LABEL_BYTES], second[SR_LABEL_BYTES];
	struct sr_err err;

	(void)state;
	log_room_open(&room);
	{
		SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

		assert_ok(sr_txn_read(room.env, &txn, &err));
		assert_ok(sr_counter_next_grant(txn, first, &err));
		assert_ok(sr_counter_next_grant(txn, second, &err));
	}
	assert_int_equal(strlen(first), strlen("G00001-7kq2v9"));
	assert_memory_equal(first, "G00001-", 7);
	assert_int_equal(strspn(first + 7, "0123456789abcdefghjkmnpqrstvwxyz"), 6);
	assert_string_not_equal(first, second);
	log_room_close(&room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_takes_its_number),
		cmocka_unit_test(a_refused_entry_takes_no_number),
		cmocka_unit_test(a_grant_has_an_end_that_nobody_guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
