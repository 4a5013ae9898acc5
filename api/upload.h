/* SPDX-License-Identifier: Apache-2.0 */
/* Resumable uploads, tus 1.0.0: core, creation, termination, checksum, expiration (docs/HTTP.md, "Uploads").
 */
#pragma once

#include "api/request.h"

void sr_upload_options(struct sr_request *request); /* OPTIONS /api/v1/uploads */
void sr_upload_create(struct sr_request *request);  /* POST /api/v1/uploads */
void sr_upload_state(struct sr_request *request);   /* HEAD /api/v1/uploads/{upload} */
void sr_upload_drop(struct sr_request *request);    /* DELETE /api/v1/uploads/{upload} */
/* PATCH /api/v1/uploads/{upload}: asks before the body comes, takes it, and tells how far it is. */
void sr_upload_begin(struct sr_request *request);
void sr_upload_end(struct sr_request *request);

/* POST /api/v1/drafts/{draft}/members {"path","description","upload"}: a finished upload becomes a member. */
void sr_upload_into_draft(struct sr_request *request);
