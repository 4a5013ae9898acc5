/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rulebook packs that there are: those of the binary, and the bureau's own from a folder.  There,
 * NAME.json is the pack NAME and holidays.json a table of holidays for every pack: years that neither a pack
 * nor those that it extends have.  Read once, when it is first asked for; nothing of it changes then.  Any
 * thread.  docs/RULEBOOK.md, "Packs of your own".
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/base/buf.h"

#define SR_OWN_HOLIDAYS "holidays" /* no pack has this name */

struct sr_pack {
	const char *name;
	struct sr_bytes text; /* JSON; not yet parsed */
	bool own;
};

/*
 * Where own packs lie; @path (borrowed, NULL: nowhere) must stay.  Forgets what was read: before any thread
 * asks for packs, in tests when none does.  A folder that is not there holds none.
 */
void sr_pack_shelf_use(const char *path);

/*
 * All packs, those of the binary first, then own ones by name; they live as long as the program.  SR_INVALID
 * names the file that is no pack's: its name, owner or mode, or that of a pack of the binary; SR_LIMIT: too
 * many, too large.
 */
SR_CHECKED enum sr_status sr_pack_shelf_list(const struct sr_pack **out, size_t *count, struct sr_err *err);
/* SR_NOT_FOUND lists the names there are. */
SR_CHECKED enum sr_status sr_pack_shelf_find(const char *name, const struct sr_pack **out,
                                             struct sr_err *err);
/* {"holidays":{years}} and the bytes of the file; *out NULL: there is none.  Borrowed. */
SR_CHECKED enum sr_status sr_pack_shelf_holidays(const json_t **out, struct sr_bytes *text,
                                                 struct sr_err *err);
/* The same from such a file's bytes, untrusted; the caller owns *out.  SR_INVALID names the place. */
SR_CHECKED enum sr_status sr_own_holidays_parse(struct sr_bytes text, json_t **out, struct sr_err *err);
