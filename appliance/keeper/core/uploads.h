/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads that came through the HTTP front end: what happens of itself.  The commands: upload_methods.c. */
#pragma once

#include "appliance/keeper/core/act.h"

struct sr_keeper;

/* Every ten minutes: uploads that got no byte for two days go. */
void sr_uploads_tick(struct sr_keeper *keeper);

/* A finished upload of the caller's, from its beginning, for reading; nobody writes it as long as @fd is
 * open. NotFound for others' and for none; SR_INVALID while bytes are missing, SR_BUSY while a front end
 * writes. */
SR_CHECKED enum sr_status sr_uploads_open(struct sr_act *act, const char *id, int *fd, struct sr_err *err);
/* It was taken.  What cannot be removed goes by itself after two days. */
void sr_uploads_remove(struct sr_keeper *keeper, const char *id);
