/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/inside.h"

#include <errno.h>

enum sr_status sr_fail_mdb(struct sr_err *err, int code, const char *what)
{
	switch (code) {
	case MDB_NOTFOUND:
		return sr_fail(err, SR_NOT_FOUND, "%s: no such key", what);
	case MDB_KEYEXIST:
		return sr_fail(err, SR_EXISTS, "%s: the key is there already", what);
	case MDB_MAP_FULL:
		return sr_fail(err, SR_BUSY, "%s: the database's map is full; do the transaction again",
		               what);
	case MDB_READERS_FULL:
		return sr_fail(err, SR_BUSY, "%s: too many read transactions at once", what);
	case MDB_TXN_FULL:
		return sr_fail(err, SR_LIMIT, "%s: too much for one transaction", what);
	case MDB_BAD_VALSIZE:
		return sr_fail(err, SR_INVALID, "%s: a key must have 1 to %u bytes", what, SR_KEY_BYTES);
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_INCOMPATIBLE:
		return sr_fail(err, SR_CORRUPT, "%s: the database is damaged (%s); restore a backup", what,
		               mdb_strerror(code));
	case MDB_BAD_TXN:
		return sr_fail(err, SR_IO, "%s: the transaction failed before and must be aborted", what);
	case MDB_PANIC:
		return sr_fail(err, SR_IO, "%s: an earlier write failed; start again", what);
	case ENOSPC:
	case EDQUOT:
		errno = code;
		return sr_fail_errno(err, "%s: no room for the database", what);
	case EIO: /* LMDB's word for a page that was written in part, as a full disk does it */
		errno = code;
		return sr_fail_errno(err, "%s: the disk is full or failing", what);
	default:
		break;
	}
	if (code < 0)
		return sr_fail(err, SR_IO, "%s: %s", what, mdb_strerror(code));
	errno = code;
	return sr_fail_errno(err, "%s", what);
}
