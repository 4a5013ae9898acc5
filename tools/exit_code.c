/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/exit_code.h"

int sr_exit_code(enum sr_status status)
{
	switch (status) {
	case SR_OK:
		return 0;
	case SR_USAGE:
		return 2;
	case SR_BLOCKED:
		return 3;
	case SR_DENIED:
		return 4;
	case SR_NOT_FOUND:
		return 5;
	case SR_CORRUPT:
	case SR_TAMPERED:
		return 6;
	case SR_INVALID:
	case SR_EXISTS:
	case SR_BUSY:
	case SR_LIMIT:
	case SR_NO_MEMORY:
	case SR_IO:
		return 1;
	}
	return 1;
}
