/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The figures of a year (docs/RULEBOOK.md, "Figures"): counted from register, case facts, requests and
 * reviews as a caller may see them, each with the cases behind it.  One thread.
 */
#pragma once

#include <jansson.h>

#include "appliance/keeper/core/act.h"

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
/*
 * One case to which @article applied, and whether it lacked something under it: a defect, or a blocker when
 * it was first submitted.  Lacking ones also count as the figure article_defects, with their cases.
 */
SR_CHECKED enum sr_status sr_figures_article(struct sr_figures *figures, const char *article, bool lacking,
                                             const struct sr_figure_subject *subject, struct sr_err *err);
/* One case of @officer, and whether it lacked anything. */
#define SR_FIGURES_OFFICER_CASES 5 /* a rate of fewer is not told */
SR_CHECKED enum sr_status sr_figures_officer(struct sr_figures *figures, const char *officer, bool lacking,
                                             const struct sr_figure_subject *subject, struct sr_err *err);
/* Working hours of one request. */
SR_CHECKED enum sr_status sr_figures_hours(struct sr_figures *figures, double hours, struct sr_err *err);

/* {"year","figures":{NAME:[{"label","value","cases":[{"case","number"}]}]},"rates":{NAME:x|null},"sums":{…},
 * "hours":{"median","p90","count"},"groups":[…],"articles":{ARTICLE:{"applied","lacking","rate"}},
 * "officers":[{"officer","organ","cases","lacking","rate"}]}; the caller owns *out. */
SR_CHECKED enum sr_status sr_figures_json(struct sr_figures *figures, json_t **out, struct sr_err *err);
