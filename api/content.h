/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a member: conditions, ranges, names, decryption as they are sent. */
#pragma once

#include "api/request.h"

/* GET and HEAD /api/v1/grants/{grant}/cases/{case}/members/{member}. */
void sr_content_run(struct sr_request *request);
/* Parameters of CheckMember, where the session has the member open already. */
json_t *sr_content_ahead(struct sr_request *request);
