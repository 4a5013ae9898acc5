/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads that came through the HTTP front end: what happens of itself.  The commands: upload_methods.c. */
#pragma once

struct sr_keeper;

/* Every ten minutes: uploads that got no byte for two days go. */
void sr_uploads_tick(struct sr_keeper *keeper);
