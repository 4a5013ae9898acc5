/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The figures of a year (docs/RULEBOOK.md, "Figures"): counted from register, case facts, requests and
 * reviews as a caller may see them, each with the cases behind it.  One thread.
 */
#pragma once

#include <jansson.h>

#include "appliance/keeper/act.h"

struct sr_figures;

SR_CHECKED enum sr_status sr_figures_new(struct sr_act *act, int year, struct sr_figures **out,
                                         struct sr_err *err);
void sr_figures_free(struct sr_figures *figures); /* NULL is allowed */
static inline void sr_figures_freep(struct sr_figures **figures)
{
	sr_figures_free(*figures);
	*figures = NULL;
}

/* Whom and what one count is about; texts are borrowed and may be NULL. */
struct sr_figure_subject {
	const char *case_id, *number;
	const char *organ, *unit, *category;
};
/* One more under @label ("yes", "no", "unknown", or a word) of the figure @name; a case stands there once. */
SR_CHECKED enum sr_status sr_figures_count(struct sr_figures *figures, const char *name, const char *label,
                                           const struct sr_figure_subject *subject, struct sr_err *err);
/* Add hundredths of an amount (decimal text, NULL: nothing) to the sum @name. */
SR_CHECKED enum sr_status sr_figures_sum(struct sr_figures *figures, const char *name, const char *amount,
                                         struct sr_err *err);
/* Working hours of one request. */
SR_CHECKED enum sr_status sr_figures_hours(struct sr_figures *figures, double hours, struct sr_err *err);

/* {"year","figures":{NAME:[{"label","value","cases":[{"case","number"}]}]},"rates":{NAME:x|null},"sums":{…},
 * "hours":{"median","p90","count"},"groups":[…]}; the caller owns *out. */
SR_CHECKED enum sr_status sr_figures_json(struct sr_figures *figures, json_t **out, struct sr_err *err);
