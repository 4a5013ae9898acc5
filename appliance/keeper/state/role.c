/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/role.h"

#include <string.h>

const char *sr_role_name(enum sr_role role)
{
	switch (role) {
	case SR_ROLE_HANDLER:
		return "handler";
	case SR_ROLE_ARCHIVIST:
		return "archivist";
	case SR_ROLE_OFFICIAL:
		return "official";
	case SR_ROLE_SUPERVISOR:
		return "supervisor";
	case SR_ROLE_PARTY:
		return "party";
	case SR_ROLE_AUDITOR:
		return "auditor";
	case SR_ROLE_SECURITY_ADMIN:
		return "security-admin";
	case SR_ROLE_ADMIN:
		return "admin";
	}
	return "unknown";
}

bool sr_role_parse(const char *name, enum sr_role *out)
{
	for (int role = 0; role < SR_ROLE_COUNT; role++) {
		if (strcmp(sr_role_name((enum sr_role)role), name) != 0)
			continue;
		*out = (enum sr_role)role;
		return true;
	}
	return false;
}
