/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the approval table asks of a request (docs/KEEPER.md, "Approval table").  Stateless; tables are those
 * that sr_approval_check_table let in.
 */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"

/* The table as it is written and hashed: at most so many bytes in the compact form. */
#define SR_APPROVAL_TABLE_BYTES 32768u

/*
 * {"rules":[{"class":[…],"purpose":[…],"channels":[…],"classification":[…],"approvals":N,"papers":[…]},…]}: a
 * list that is left out matches everything, one that is given has a word at least; approvals are 1 to 3.
 * SR_INVALID names the place of what is wrong, also of a key or word that nothing would ever match.
 */
SR_CHECKED enum sr_status sr_approval_check_table(const json_t *table, struct sr_err *err);

struct sr_approval_question {
	const char *class; /* of requester: a role, or party, lawyer, court, other */
	const char *purpose;
	const json_t *channels;
	const json_t *classification; /* words that cases and members in scope carry; NULL: none */
};

/* How many officials must approve: the most that any matching rule asks for; one where none matches. */
unsigned sr_approval_officials(const json_t *table, const struct sr_approval_question *question);

/* The first kind of paper that a matching rule asks for and @papers ([{"kind",…}], may be NULL) lacks; NULL
 * when none is missing.  Borrowed from the table. */
const char *sr_approval_missing_paper(const json_t *table, const struct sr_approval_question *question,
                                      const json_t *papers);
