/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for cases and at them: FindCases, ShowCase, ShowPaper. */
#include "appliance/keeper/cases/methods.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/cases/case_papers.h"
#include "appliance/keeper/cases/case_show.h"
#include "appliance/keeper/cases/filing_tick.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/state.h"

#define FIND_LIMIT_DEFAULT 50
#define FILING_PATIENCE_NS SR_SECOND_NS /* a question waits so long for what was sealed before it */

struct finding {
	struct sr_search search;
	struct sr_case_id after;
	struct sr_case_scopes scopes;
	json_t *list;
	uint64_t total;
	char next[SR_UUID_TEXT]; /* "" where there is no further page */
};

static void finding_dispose(struct finding *finding)
{
	json_decref(finding->list);
}

static struct sr_bytes bytes_of(const char *text)
{
	return (struct sr_bytes){ .data = (const uint8_t *)text, .size = text ? strlen(text) : 0 };
}

static json_t *text_of(struct sr_bytes bytes)
{
	return bytes.size ? json_stringn((const char *)bytes.data, bytes.size) : json_null();
}

static enum sr_status add_case(struct finding *finding, const struct sr_case_record *record,
                               struct sr_err *err)
{
	char id[SR_UUID_TEXT], sealed_at[SR_TIME_TEXT];
	SR_CLEANUP(sr_json_decrefp) json_t *one = json_object();

	sr_case_id_format(&record->id, id);
	sr_time_format_utc(record->sealed_ns, sealed_at);
	SR_TRY(sr_json_set(one, "case", json_string(id), err));
	SR_TRY(sr_json_set(one, "number", text_of(record->number), err));
	SR_TRY(sr_json_set(one, "title", text_of(record->title), err));
	SR_TRY(sr_json_set(one, "category", text_of(record->category), err));
	SR_TRY(sr_json_set(one, "organ", text_of(record->organ), err));
	SR_TRY(sr_json_set(one, "sealed_at", json_string(sealed_at), err));
	SR_TRY(sr_json_set(one, "parts", json_integer(record->part_count), err));
	return sr_json_append(finding->list, SR_MOVE(one), err);
}

/* --- FindCases ------------------------------------------------------------------------------------- */

static enum sr_status take_day(const struct sr_act *act, const char *key, bool *has, int64_t *day,
                               struct sr_err *err)
{
	const char *text = sr_act_text(act, key);

	*has = text != NULL;
	if (text && !sr_date_parse(text, day))
		return sr_fail(err, SR_INVALID, "/%s: %s is no day such as 2025-03-02", key, text);
	return SR_OK;
}

static enum sr_status take_question(struct sr_act *act, struct finding *finding, struct sr_err *err)
{
	struct sr_search *search = &finding->search;
	const char *after = sr_act_text(act, "after");
	int64_t limit = sr_act_count(act, "limit", FIND_LIMIT_DEFAULT);

	search->words = bytes_of(sr_act_text(act, "q"));
	search->number = bytes_of(sr_act_text(act, "number"));
	search->party = bytes_of(sr_act_text(act, "party"));
	search->category = bytes_of(sr_act_text(act, "category"));
	SR_TRY(take_day(act, "from", &search->has_from, &search->from_day, err));
	SR_TRY(take_day(act, "to", &search->has_to, &search->to_day, err));
	if (limit > SR_SEARCH_PAGE)
		return sr_fail(err, SR_INVALID, "/limit: at most %u cases a page", SR_SEARCH_PAGE);
	search->limit = (size_t)limit;
	if (after && !sr_case_id_parse(after, &finding->after))
		return sr_fail(err, SR_INVALID, "/after: %s is no page's cursor", after);
	search->after = after ? &finding->after : NULL;
	return SR_OK;
}

/* The reader's own bounds.  An auditor sees how many there are, and none of them. */
static void take_reader(const struct sr_act *act, struct finding *finding)
{
	struct sr_search *search = &finding->search;

	if (sr_act_is(act, SR_BY(AUDITOR))) {
		search->everywhere = true;
		search->clearances = SR_CLASS_ALL;
		search->limit = 0;
		search->after = NULL;
		return;
	}
	sr_case_view_scopes(act, &finding->scopes);
	search->clearances = act->caller.clearances;
	search->scopes = finding->scopes.list;
	search->scope_count = finding->scopes.count;
	search->within = finding->scopes.within;
	search->within_count = finding->scopes.within_count;
}

static void free_page(struct sr_search_page **page)
{
	free(*page);
}

static enum sr_status run_search(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct finding *finding = act->work;
	SR_CLEANUP(free_page) struct sr_search_page *page = calloc(1, sizeof(*page));

	if (!page)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a page of cases");
	SR_TRY(sr_search_run(txn, &finding->search, page, err));
	for (size_t i = 0; i < page->count; i++)
		SR_TRY(add_case(finding, &page->cases[i], err));
	finding->total = page->total;
	if (page->more && page->count > 0)
		sr_case_id_format(&page->cases[page->count - 1].id, finding->next);
	return SR_OK;
}

/* A party's pass: the cases of its grant, whatever was asked beside the number. */
static enum sr_status list_granted(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct finding *finding = act->work;
	const char *number = sr_act_text(act, "number");
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;
	size_t index;
	json_t *id;

	enum sr_status status = sr_state_grant(txn, act->caller.grant, &grant, err);
	if (status == SR_DENIED)
		return SR_OK;
	SR_TRY(status);
	json_array_foreach(json_object_get(grant, "cases"), index, id) {
		struct sr_case_record record;
		struct sr_case_id parsed;
		bool may_know = false;

		if (!json_is_string(id) || !sr_case_id_parse(json_string_value(id), &parsed))
			continue;
		status = sr_case_store_get(txn, &parsed, &record, err);
		if (status == SR_NOT_FOUND)
			continue;
		SR_TRY(status);
		SR_TRY(sr_case_view_may_know(act, txn, &record, &may_know, err));
		if (!may_know || (number && (strlen(number) != record.number.size ||
		                             memcmp(number, record.number.data, record.number.size) != 0)))
			continue;
		finding->total++;
		SR_TRY(add_case(finding, &record, err));
	}
	return SR_OK;
}

static enum sr_status find_cases(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(finding_dispose) struct finding finding = { .list = json_array() };

	if (!finding.list)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a list");
	sr_act_set_work(act, &finding);
	SR_TRY(take_question(act, &finding, err));
	take_reader(act, &finding);
	if (act->caller.pass) {
		SR_TRY(sr_act_read(act, list_granted, err));
	} else {
		sr_filing_catch_up(act->keeper, FILING_PATIENCE_NS);
		SR_TRY(sr_act_read(act, run_search, err));
	}
	return sr_act_reply(act, err, "{s:O,s:I,s:s?}", "cases", finding.list, "total",
	                    (json_int_t)finding.total, "next", finding.next[0] ? finding.next : NULL);
}

/* --- ShowCase -------------------------------------------------------------------------------------- */

static enum sr_status show_case(struct sr_act *act, struct sr_err *err)
{
	return sr_case_show(act, sr_act_text(act, "case"), &act->answer, err);
}

/* --- ShowPaper ------------------------------------------------------------------------------------- */

static enum sr_status show_paper(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *shown = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf page = { .secret = true };
	const int64_t part = sr_act_count(act, "part", 1);
	const char *title = NULL, *html;

	SR_TRY(sr_case_show(act, sr_act_text(act, "case"), &shown, err));
	SR_TRY(sr_paper_make(shown, part, sr_act_text(act, "paper"), &page, &title, err));
	SR_TRY(sr_buf_text(&page, &html, err));
	return sr_act_reply(act, err, "{s:O,s:I,s:s,s:s,s:s}", "case", json_object_get(shown, "case"), "part",
	                    (json_int_t)part, "paper", sr_act_text(act, "paper"), "title", title, "html",
	                    html);
}

static const struct sr_method methods[] = {
	{ "FindCases",
	  "q:text? number:text? party:text? category:text? from:text? to:text? limit:count? after:text?",
	  SR_BY_READERS | SR_BY(AUDITOR), SR_DOOR_PEOPLE, 0, find_cases },
	{ "ShowCase", "case:text", SR_BY_READERS, SR_DOOR_PEOPLE, SR_METHOD_SLOW, show_case },
	{ "ShowPaper", "case:text paper:text part:count?", SR_BY_READERS, SR_DOOR_PEOPLE, SR_METHOD_SLOW,
	  show_paper },
};
const struct sr_method_family sr_case_methods = { methods, SR_COUNT(methods) };
