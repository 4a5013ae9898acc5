/* SPDX-License-Identifier: Apache-2.0 */
/* Refused attempts in the log, as often as refusals.h says: session.refused, access.refused. */
#pragma once

struct sr_act;
struct sr_keeper;

/* An attempt of this command's caller was refused: counted, and written now and then. */
void sr_refusal_log_note(struct sr_act *act, const char *why);
/* One without a session (sign-in, pass, application).  @known_user: the name that was given if there is such
 * a user. */
void sr_refusal_log_stranger(struct sr_act *act, const char *known_user, const char *why);

/* Sums of refusals whose time has come; all of them. */
void sr_refusal_log_tick(struct sr_keeper *keeper);
void sr_refusal_log_end(struct sr_keeper *keeper);
