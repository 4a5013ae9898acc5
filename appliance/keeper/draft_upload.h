/* SPDX-License-Identifier: Apache-2.0 */
/* A case folder on this machine becomes a draft, file by file, through a client: `draft new FOLDER`. */
#pragma once

#include <jansson.h>

#include "appliance/keeper/client.h"

/*
 * case.json and every file of @folder into a new draft; @folder NULL: an empty one.  *reply (caller owns) is
 * {"draft","files","bytes"}.  When a file fails, the draft stays with what it has, and the text names it.
 */
SR_CHECKED enum sr_status sr_draft_upload(struct sr_client *client, const char *folder,
                                          const struct sr_progress *progress, json_t **reply,
                                          struct sr_err *err);
