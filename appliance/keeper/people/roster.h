/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A roster: people to be proposed, as a table (CSV, RFC 4180; UTF-8 with or without a byte-order mark, or
 * GB 18030).  The first line names the columns, in English or Chinese and in any order:
 *   user 用户名, role 角色, organ 机关代码, full_name 姓名, clearances 权限, login 登录名
 * user and role must be there; clearances are words with ";" between them; an empty field is left out.
 * Passwords have no column: they do not belong in files.
 */
#pragma once

#include <jansson.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

#define SR_ROSTER_BYTES (1u << 20)
#define SR_ROSTER_ROWS 2000u

/*
 * Rows as [{"line":N,"row":{"user","role",…,"clearances":[…]}},…]; the caller owns *rows.  SR_INVALID names
 * line and column of what is wrong: an unknown or missing column, a row without user or role, the same user
 * or login twice; SR_LIMIT.
 */
SR_CHECKED enum sr_status sr_roster_read(struct sr_bytes file, json_t **rows, struct sr_err *err);
