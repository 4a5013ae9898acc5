/* SPDX-License-Identifier: Apache-2.0 */
/* Routes that are neither a plain command nor content: what they answer is in the table, routes_own.c. */
#pragma once

#include "api/request.h"

void sr_special_health(struct sr_request *request);
void sr_special_metrics(struct sr_request *request);
void sr_special_openapi(struct sr_request *request);
void sr_special_grant(struct sr_request *request);
void sr_special_checkpoint(struct sr_request *request);
void sr_special_tile(struct sr_request *request);
void sr_special_command(struct sr_request *request);

/* May a command be given by its name over HTTP?  For the tests of the table. */
bool sr_special_is_open(const char *command);
