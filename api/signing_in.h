/* SPDX-License-Identifier: Apache-2.0 */
/* Routes that give out and take back sessions: they set and clear the cookie. */
#pragma once

#include "api/request.h"

void sr_sign_in(struct sr_request *request);             /* POST /session and POST /pass */
void sr_sign_in_who(struct sr_request *request);         /* GET /session */
void sr_sign_out(struct sr_request *request);            /* DELETE /session */
void sr_sign_out_everywhere(struct sr_request *request); /* DELETE /sessions, DELETE /sessions/{session} */
