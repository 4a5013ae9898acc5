/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Putting DATA/keys under a passphrase, under another one or under none.  The new files are made in keys.new,
 * which then changes places with keys in one step: whoever looks, or starts after a crash, finds all keys
 * under the one or all under the other.  Needs the data directory's lock.
 */
#pragma once

#include "appliance/keeper/keys/data.h"

/* Make keys.new: every private key under @passphrase (NULL: none), everything else as it is. */
SR_CHECKED enum sr_status sr_protect_prepare(const struct sr_data *data, const struct sr_secret *passphrase,
                                             struct sr_err *err);
/* Let it change places with keys, and remove what was there.  @data->keys_fd is of the old ones from now on.
 */
SR_CHECKED enum sr_status sr_protect_finish(const struct sr_data *data, struct sr_err *err);
/* Remove what a change that was cut short left behind; at start. */
SR_CHECKED enum sr_status sr_protect_clear(const struct sr_data *data, struct sr_err *err);
