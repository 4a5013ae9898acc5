/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/review_draw.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

struct drawn {
	const char *id, *stratum;
	struct sr_digest rank;
};

struct stratum {
	size_t first, size; /* of the sorted list */
	size_t places;
	size_t remainder; /* of size × count ÷ population */
};

struct draw {
	struct drawn *cases;
	struct stratum *strata;
	size_t count, stratum_count;
};

static void draw_dispose(struct draw *draw)
{
	free(draw->cases);
	free(draw->strata);
}

static int by_id(const void *a, const void *b)
{
	const struct drawn *left = a, *right = b;

	return strcmp(left->id, right->id);
}

static int by_stratum_and_rank(const void *a, const void *b)
{
	const struct drawn *left = a, *right = b;
	int order = strcmp(left->stratum, right->stratum);

	return order ? order : memcmp(left->rank.bytes, right->rank.bytes, SR_DIGEST_BYTES);
}

static enum sr_status rank_of(const char *seed, const char *id, struct sr_digest *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_buf_printf(&text, err, "%s\n%s", seed, id));
	return sr_digest_of(text.data, text.size, out, err);
}

static enum sr_status take_population(const json_t *population, struct draw *draw, struct sr_err *err)
{
	draw->count = json_array_size(population);
	draw->cases = calloc(draw->count + 1, sizeof(*draw->cases));
	draw->strata = calloc(draw->count + 1, sizeof(*draw->strata));
	if (!draw->cases || !draw->strata)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a population");
	for (size_t i = 0; i < draw->count; i++) {
		const json_t *item = json_array_get(population, i);

		SR_TRY(sr_json_need_text(item, "case", &draw->cases[i].id, err));
		SR_TRY(sr_json_need_text(item, "stratum", &draw->cases[i].stratum, err));
	}
	return SR_OK;
}

static void find_strata(struct draw *draw)
{
	for (size_t i = 0; i < draw->count; i++) {
		struct stratum *last = draw->strata + draw->stratum_count;

		if (i == 0 || strcmp(draw->cases[i - 1].stratum, draw->cases[i].stratum) != 0) {
			*last = (struct stratum){ .first = i };
			draw->stratum_count++;
			last++;
		}
		last[-1].size++;
	}
}

/* Whole places first; the rest one each to the largest remainders, the earlier stratum where they are equal.
 */
static void share_places(struct draw *draw, size_t count)
{
	size_t given = 0;

	for (size_t i = 0; i < draw->stratum_count; i++) {
		struct stratum *stratum = &draw->strata[i];

		stratum->places = stratum->size * count / draw->count;
		stratum->remainder = stratum->size * count % draw->count;
		given += stratum->places;
	}
	for (; given < count; given++) {
		struct stratum *most = NULL;

		for (size_t i = 0; i < draw->stratum_count; i++)
			if (draw->strata[i].places < draw->strata[i].size &&
			    (!most || draw->strata[i].remainder > most->remainder))
				most = &draw->strata[i];
		if (!most)
			return;
		most->places++;
		most->remainder = 0;
	}
}

enum sr_status sr_review_draw(const json_t *population, const char *seed, size_t count, json_t **sample,
                              struct sr_err *err)
{
	SR_CLEANUP(draw_dispose) struct draw draw = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();

	SR_TRY(take_population(population, &draw, err));
	assert(draw.cases != NULL);
	if (draw.count == 0 || count == 0)
		return sr_fail(err, SR_INVALID, "there is nothing to draw from, or nothing to draw");
	count = count < draw.count ? count : draw.count;
	for (size_t i = 0; i < draw.count; i++)
		SR_TRY(rank_of(seed, draw.cases[i].id, &draw.cases[i].rank, err));
	qsort(draw.cases, draw.count, sizeof(*draw.cases), by_stratum_and_rank);
	find_strata(&draw);
	share_places(&draw, count);
	for (size_t i = 0; i < draw.stratum_count; i++)
		for (size_t k = 0; k < draw.strata[i].places; k++)
			SR_TRY(sr_json_append(list, json_string(draw.cases[draw.strata[i].first + k].id),
			                      err));
	*sample = SR_MOVE(list);
	return SR_OK;
}

enum sr_status sr_review_population_digest(const json_t *population, char out[SR_DIGEST_HEX],
                                           struct sr_err *err)
{
	SR_CLEANUP(draw_dispose) struct draw draw = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_digest digest;

	SR_TRY(take_population(population, &draw, err));
	assert(draw.cases != NULL);
	qsort(draw.cases, draw.count, sizeof(*draw.cases), by_id);
	for (size_t i = 0; i < draw.count; i++)
		SR_TRY(sr_buf_printf(&text, err, "%s %s\n", draw.cases[i].id, draw.cases[i].stratum));
	SR_TRY(sr_digest_of(text.data, text.size, &digest, err));
	sr_digest_to_hex(&digest, out);
	return SR_OK;
}
