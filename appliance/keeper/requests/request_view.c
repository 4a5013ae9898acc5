/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/requests/request_view.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/requests/request_access.h"
#include "appliance/keeper/requests/request_words.h"
#include "appliance/keeper/state/numbered.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/reduce_requests.h"

#define LIST_USUAL 100
#define LIST_MAX 1000
#define LIST_CASES_MAX 100000u /* in all rows: an answer is one frame */
#define LIST_NAMED 3u          /* cases of a row that lists name */

/* What lists say of a request. */
static enum sr_status summary(const json_t *request, json_t **out, struct sr_err *err)
{
	static const char *const keys[] = { "request", "state",   "filed",       "filed_by", "reader",
		                            "organ",   "class",   "purpose",     "reason",   "case_count",
		                            "cases",   "members", "volumes",     "channels", "days",
		                            "papers",  "review",  "application", "grant" };
	const json_t *on_behalf = json_object_get(request, "on_behalf");
	SR_CLEANUP(sr_json_decrefp) json_t *row = json_object();

	for (size_t i = 0; i < SR_COUNT(keys); i++) {
		json_t *value = json_object_get(request, keys[i]);

		SR_TRY(sr_json_set(row, keys[i], value ? json_incref(value) : json_null(), err));
	}
	SR_TRY(sr_json_set(row, "for", json_pack("s?", sr_json_text(on_behalf, "name")), err));
	SR_TRY(sr_json_set(row, "for_kind", json_pack("s?", sr_json_text(on_behalf, "kind")), err));
	*out = SR_MOVE(row);
	return SR_OK;
}

/* Number and title, where the caller may know of the case or decide about it; the id alone else. */
static enum sr_status describe_case(struct sr_act *act, struct sr_txn *txn, json_t *id, bool decides,
                                    json_t **out, struct sr_err *err)
{
	struct sr_case_record record;
	bool found;

	SR_TRY(sr_request_case(txn, json_string_value(id), &record, &found, err));
	if (found && !decides)
		SR_TRY(sr_case_view_may_know(act, txn, &record, &found, err));
	if (!found)
		return SR_JSON_PACK(out, err, "{s:O}", "case", id);
	return SR_JSON_PACK(out, err, "{s:O,s:s%,s:s%}", "case", id, "number",
	                    (const char *)record.number.data, record.number.size, "title",
	                    (const char *)record.title.data, record.title.size);
}

/* The first @most of them, as "catalogue". */
static enum sr_status describe_cases(struct sr_act *act, struct sr_txn *txn, const json_t *request,
                                     bool decides, size_t most, json_t *row, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *rows = json_array();
	size_t index;
	json_t *value;

	json_array_foreach(json_object_get(request, "cases"), index, value) {
		json_t *one = NULL;

		if (index == most)
			break;
		SR_TRY(describe_case(act, txn, value, decides, &one, err));
		SR_TRY(sr_json_append(rows, one, err));
	}
	return sr_json_set(row, "catalogue", SR_MOVE(rows), err);
}

/* What is in lists and in full; the caller may see it. */
static enum sr_status describe(struct sr_act *act, struct sr_txn *txn, const json_t *request, size_t most,
                               json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *row = NULL;
	bool decides;

	SR_TRY(summary(request, &row, err));
	SR_TRY(sr_json_set(row, "decisions", json_deep_copy(json_object_get(request, "decisions")), err));
	SR_TRY(sr_request_add_names(txn, request, row, err));
	SR_TRY(sr_request_may_decide(act, txn, request, &decides, err));
	SR_TRY(describe_cases(act, txn, request, decides, most, row, err));
	SR_TRY(sr_request_add_needs(act, txn, request, decides, row, err));
	*out = SR_MOVE(row);
	return SR_OK;
}

struct listing {
	json_t *rows;
	const char *state, *after;
	int64_t limit;
	size_t cases;
	bool more;
};

static enum sr_status list_one(struct sr_act *act, struct sr_txn *txn, struct sr_bytes value,
                               struct listing *listing, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	json_t *row = NULL;
	bool may;

	SR_TRY(sr_json_parse(value.data, value.size, SR_RECORD_BYTES, &record, err));
	const char *state = sr_json_text(record, "state");
	if (listing->state && strcmp(listing->state, state ? state : "") != 0)
		return SR_OK;
	SR_TRY(sr_request_may_see(act, txn, record, &may, err));
	if (!may)
		return SR_OK;
	listing->more =
		json_array_size(listing->rows) == (size_t)listing->limit || listing->cases > LIST_CASES_MAX;
	if (listing->more)
		return SR_OK;
	listing->cases += json_array_size(json_object_get(record, "cases"));
	SR_TRY(describe(act, txn, record, LIST_NAMED, &row, err));
	return sr_json_append(listing->rows, row, err);
}

struct listing_walk {
	struct sr_act *act;
	struct sr_txn *txn;
	struct listing *listing;
};

static enum sr_status list_next(void *context, struct sr_bytes key, struct sr_bytes value, bool *enough,
                                struct sr_err *err)
{
	const struct listing_walk *walk = context;

	(void)key;
	SR_TRY(list_one(walk->act, walk->txn, value, walk->listing, err));
	*enough = walk->listing->more;
	return SR_OK;
}

/* The newest first; @after is the last one of the page before. */
static enum sr_status list_all(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct listing *listing = act->work;
	struct listing_walk walking = { .act = act, .txn = txn, .listing = listing };
	const struct sr_numbered walk = { .db = SR_DB_REQUESTS,
		                          .prefix = "R",
		                          .after = listing->after,
		                          .each = list_next,
		                          .context = &walking };

	return sr_numbered_down(txn, &walk, err);
}

enum sr_status sr_list_requests(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *rows = json_array();
	struct listing listing = {
		.rows = rows,
		.state = sr_act_text(act, "state"),
		.after = sr_act_text(act, "after"),
		.limit = sr_act_count(act, "limit", LIST_USUAL),
	};

	if (listing.limit < 1 || listing.limit > LIST_MAX)
		return sr_fail(err, SR_INVALID, "/limit: must be 1 to %d", LIST_MAX);
	if (listing.after && (listing.after[0] != 'R' || !sr_label_is_valid(listing.after)))
		return sr_fail(err, SR_INVALID, "/after: is no number of a request");
	sr_act_set_work(act, &listing);
	SR_TRY(sr_act_read(act, list_all, err));
	const json_t *last = json_array_get(rows, json_array_size(rows) - 1);
	json_t *next = listing.more ? json_incref(json_object_get(last, "request")) : json_null();
	return sr_act_reply(act, err, "{s:O,s:o}", "requests", rows, "next", next);
}

/* --- one in full ----------------------------------------------------------------------------------- */

static enum sr_status show(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *request = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *row = NULL;
	char digest[SR_DIGEST_HEX];

	SR_TRY(sr_request_find(act, txn, sr_act_text(act, "request"), &request, err));
	SR_TRY(describe(act, txn, request, SIZE_MAX, &row, err));
	SR_TRY(sr_request_digest(request, digest, err));
	SR_TRY(sr_json_set(row, "digest", json_string(digest), err));
	act->answer = SR_MOVE(row);
	return SR_OK;
}

enum sr_status sr_show_request(struct sr_act *act, struct sr_err *err)
{
	return sr_act_read(act, show, err);
}
