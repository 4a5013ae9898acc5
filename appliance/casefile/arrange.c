/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/arrange.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

#define VOLUMES 2
#define AFTER_ALL INT64_MAX /* the order of kinds that the table does not know */

struct slot {
	const struct sr_member *member;
	size_t index; /* in the description */
	bool is_document;
	enum sr_volume volume; /* proposed */
	int64_t order;         /* in it */
	int64_t pages;         /* 0: nobody knows */
	/* Of a proof of service: the document that it follows, and its place; its own of anything else. */
	size_t anchor;
	int64_t anchor_order;
	bool follows;
};

static const char *const volume_names[] = { [SR_VOLUME_MAIN] = "main", [SR_VOLUME_SUB] = "sub" };

static int compare(const void *a, const void *b)
{
	const struct slot *left = a, *right = b;

	if (left->is_document != right->is_document)
		return left->is_document ? -1 : 1;
	if (left->is_document && left->volume != right->volume)
		return left->volume == SR_VOLUME_MAIN ? -1 : 1;
	if (left->is_document && left->anchor_order != right->anchor_order)
		return left->anchor_order < right->anchor_order ? -1 : 1;
	if (left->is_document && left->anchor != right->anchor)
		return left->anchor < right->anchor ? -1 : 1;
	if (left->follows != right->follows)
		return right->follows ? -1 : 1;
	return (left->index > right->index) - (left->index < right->index);
}

/* The pages counted; of what cannot be counted (pictures, text) those that the description gives. */
static int64_t pages_of(const struct sr_member *member, const struct sr_member_pages *counted)
{
	json_int_t from = json_integer_value(json_object_get(member->json, "page_from"));
	json_int_t to = json_integer_value(json_object_get(member->json, "page_to"));

	if (counted && counted->state == SR_PAGES_COUNTED)
		return counted->pages;
	return from > 0 && to >= from ? to - from + 1 : 0;
}

/* kind: row */
static enum sr_status index_kinds(const struct sr_rulebook *rulebook, json_t *kinds, struct sr_err *err)
{
	const json_t *table = sr_rulebook_table(rulebook, "document_kinds");
	size_t index;
	json_t *row;

	json_array_foreach(table, index, row) {
		const char *kind = sr_json_text(row, "kind");

		if (kind)
			SR_TRY(sr_json_set(kinds, kind, json_incref(row), err));
	}
	return SR_OK;
}

static void place(struct slot *slot, const json_t *row)
{
	const char *volume = sr_json_text(row, "volume");
	const json_t *order = json_object_get(row, "order");

	slot->volume = slot->member->volume;
	slot->order = json_is_integer(order) ? json_integer_value(order) : AFTER_ALL;
	if (volume)
		slot->volume = strcmp(volume, "sub") == 0 ? SR_VOLUME_SUB : SR_VOLUME_MAIN;
}

static void follow(const struct sr_case *description, struct slot *slots, const char *document,
                   const char *proof)
{
	const struct sr_member *served = document ? sr_case_member(description, document) : NULL;
	const struct sr_member *receipt = proof ? sr_case_member(description, proof) : NULL;

	if (!served || !receipt || served == receipt)
		return;
	const struct slot *of = &slots[served - description->members];
	struct slot *slot = &slots[receipt - description->members];
	bool earlier = of->order < slot->anchor_order ||
	               (of->order == slot->anchor_order && of->index < slot->anchor);
	if (of->follows || of->volume != slot->volume || (slot->follows && !earlier))
		return;
	slot->follows = true;
	slot->anchor = of->index;
	slot->anchor_order = of->order;
}

/* A receipt (送达回证, 付邮凭证) lies behind the document that it serves, the first of several. */
static void place_proofs(const struct sr_case *description, struct slot *slots)
{
	size_t index;
	json_t *row;

	json_array_foreach(json_object_get(description->root, "service"), index, row) {
		const char *document = sr_json_text(row, "document");

		follow(description, slots, document, sr_json_text(row, "receipt"));
		follow(description, slots, document, sr_json_text(json_object_get(row, "post"), "proof"));
	}
}

static enum sr_status take_slots(const struct sr_case *description, const struct sr_rulebook *rulebook,
                                 const struct sr_member_pages *pages, struct slot *slots, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *kinds = json_object();

	SR_TRY(index_kinds(rulebook, kinds, err));
	for (size_t i = 0; i < description->member_count; i++) {
		const struct sr_member *member = &description->members[i];

		slots[i] = (struct slot){ .member = member,
			                  .index = i,
			                  .is_document = member->class == SR_MEMBER_DOCUMENT,
			                  .pages = pages_of(member, pages ? &pages[i] : NULL) };
		place(&slots[i], member->kind ? json_object_get(kinds, member->kind) : NULL);
		slots[i].anchor = i;
		slots[i].anchor_order = slots[i].order;
	}
	place_proofs(description, slots);
	qsort(slots, description->member_count, sizeof(*slots), compare);
	return SR_OK;
}

/* Page numbers of the proposal, 0 where they cannot be said; *last is the page before, -1 once unknown. */
static void number_pages(const struct slot *slot, int64_t *last, int64_t *from, int64_t *to)
{
	*from = *to = 0;
	if (!slot->is_document || *last < 0)
		return;
	if (slot->pages == 0) {
		*last = -1;
		return;
	}
	*from = *last + 1;
	*to = *last + slot->pages;
	*last = *to;
}

static json_t *number(int64_t value)
{
	return value > 0 ? json_integer(value) : json_null();
}

static enum sr_status note_change(json_t *changed, const char *key, bool differs, struct sr_err *err)
{
	return differs ? sr_json_append(changed, json_string(key), err) : SR_OK;
}

static enum sr_status put_slot(const struct slot *slot, size_t place_now, int64_t from, int64_t to,
                               json_t *list, json_int_t *changes, struct sr_err *err)
{
	const json_t *json = slot->member->json;
	SR_CLEANUP(sr_json_decrefp) json_t *changed = json_array();
	json_t *one = NULL;

	SR_TRY(note_change(changed, "order", slot->index != place_now, err));
	SR_TRY(note_change(changed, "volume", slot->is_document && slot->volume != slot->member->volume,
	                   err));
	SR_TRY(note_change(changed, "page_from",
	                   from > 0 && json_integer_value(json_object_get(json, "page_from")) != from, err));
	SR_TRY(note_change(changed, "page_to",
	                   from > 0 && json_integer_value(json_object_get(json, "page_to")) != to, err));
	*changes += json_array_size(changed) > 0;
	SR_TRY(SR_JSON_PACK(&one, err, "{s:I,s:s,s:s?,s:s,s:o,s:o,s:o,s:O}", "index", (json_int_t)slot->index,
	                    "path", slot->member->path, "kind", slot->member->kind, "volume",
	                    volume_names[slot->volume], "pages", number(slot->is_document ? slot->pages : 0),
	                    "page_from", number(from), "page_to", number(to), "changed", changed));
	return sr_json_append(list, one, err);
}

enum sr_status sr_arrange(const struct sr_case *description, const struct sr_rulebook *rulebook,
                          const struct sr_member_pages *pages, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf space = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	int64_t last[VOLUMES] = { 0 };
	json_int_t changes = 0;

	SR_TRY(sr_buf_reserve(&space, (description->member_count + 1) * sizeof(struct slot), err));
	struct slot *slots = (struct slot *)(void *)space.data;
	SR_TRY(take_slots(description, rulebook, pages, slots, err));
	for (size_t i = 0; i < description->member_count; i++) {
		int64_t from, to;

		number_pages(&slots[i], &last[slots[i].volume], &from, &to);
		SR_TRY(put_slot(&slots[i], i, from, to, list, &changes, err));
	}
	return SR_JSON_PACK(out, err, "{s:O,s:I}", "members", list, "changed", changes);
}

/* --- as a description ----------------------------------------------------------------------------------- */

static bool names(const json_t *list, const char *word)
{
	size_t index;
	json_t *item;

	json_array_foreach(list, index, item)
		if (strcmp(json_string_value(item), word) == 0)
			return true;
	return false;
}

static enum sr_status take_over(json_t *member, const json_t *row, struct sr_err *err)
{
	static const char *const keys[] = { "volume", "page_from", "page_to" };

	for (size_t i = 0; i < SR_COUNT(keys); i++) {
		json_t *value = json_object_get(row, keys[i]);

		if (names(json_object_get(row, "changed"), keys[i]))
			SR_TRY(sr_json_set(member, keys[i], json_incref(value), err));
	}
	return SR_OK;
}

enum sr_status sr_arrange_apply(const struct sr_case *description, const json_t *arrangement, json_t **out,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *root = json_deep_copy(description->root);
	const json_t *members = json_object_get(root, "members");
	json_t *list = json_array();
	size_t index;
	json_t *row;

	json_array_foreach(json_object_get(arrangement, "members"), index, row) {
		size_t from = (size_t)json_integer_value(json_object_get(row, "index"));
		json_t *member = json_array_get(members, from);

		enum sr_status status = take_over(member, row, err);
		if (status == SR_OK)
			status = sr_json_append(list, json_incref(member), err);
		if (status != SR_OK) {
			json_decref(list);
			return status;
		}
	}
	SR_TRY(sr_json_set(root, "members", list, err));
	*out = SR_MOVE(root);
	return SR_OK;
}
