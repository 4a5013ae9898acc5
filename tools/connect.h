/* SPDX-License-Identifier: Apache-2.0 */
/* From the global options to the keeper, and secrets from standard input. */
#pragma once

#include "appliance/base/secret.h"
#include "appliance/keeper/client.h"
#include "tools/cmd.h"

/* A client as the global options say; the password of --as is read first. */
SR_CHECKED enum sr_status sr_connect(const struct sr_globals *globals, struct sr_client **out,
                                     struct sr_err *err);

/* The same; *shown receives the password of --as, or NULL. */
SR_CHECKED enum sr_status sr_connect_keeping(const struct sr_globals *globals, struct sr_secret **shown,
                                             struct sr_client **out, struct sr_err *err);

/* A file to read, whose descriptor goes to the keeper.  The caller owns *fd. */
SR_CHECKED enum sr_status sr_open_file(const char *path, int *fd, struct sr_err *err);

/*
 * The next line of standard input without its end, into locked memory; on a terminal it is asked for with
 * @prompt and not shown.  SR_USAGE when there is none.
 */
SR_CHECKED enum sr_status sr_read_secret(const char *prompt, struct sr_secret **out, struct sr_err *err);

/* Connect, give one command and print: JSON as it is, or by @print.  Takes @parameters. */
SR_CHECKED enum sr_status sr_command_run(const struct sr_globals *globals, const char *method,
                                         json_t *parameters,
                                         enum sr_status (*print)(const json_t *reply, struct sr_err *err),
                                         struct sr_err *err);
/* The same for a request that carries descriptors; nothing of it is taken. */
SR_CHECKED enum sr_status sr_command_ask(const struct sr_globals *globals,
                                         const struct sr_client_request *request,
                                         enum sr_status (*print)(const json_t *reply, struct sr_err *err),
                                         struct sr_err *err);
