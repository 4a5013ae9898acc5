/* SPDX-License-Identifier: Apache-2.0 */
/* The roles of docs/design/ACCESS.md.  A user has exactly one; a party comes in by a pass alone. */
#pragma once

#include <stdbool.h>

enum sr_role {
	SR_ROLE_HANDLER,
	SR_ROLE_ARCHIVIST,
	SR_ROLE_OFFICIAL,
	SR_ROLE_SUPERVISOR,
	SR_ROLE_PARTY,
	SR_ROLE_AUDITOR,
	SR_ROLE_SECURITY_ADMIN,
	SR_ROLE_ADMIN,
};
#define SR_ROLE_COUNT 8

/* Roles as bits. */
#define SR_BY(role) (1u << SR_ROLE_##role)
#define SR_BY_STAFF                                                                                          \
	(SR_BY(HANDLER) | SR_BY(ARCHIVIST) | SR_BY(OFFICIAL) | SR_BY(SUPERVISOR) | SR_BY(AUDITOR) |          \
	 SR_BY(SECURITY_ADMIN) | SR_BY(ADMIN))
#define SR_BY_ALL (SR_BY_STAFF | SR_BY(PARTY))
#define SR_BY_READERS (SR_BY(HANDLER) | SR_BY(ARCHIVIST) | SR_BY(OFFICIAL) | SR_BY(SUPERVISOR) | SR_BY(PARTY))

/* The role's word in records, the ledger and commands, such as "security-admin".  Never NULL. */
const char *sr_role_name(enum sr_role role);
/* False when @name is no role's word. */
bool sr_role_parse(const char *name, enum sr_role *out);
