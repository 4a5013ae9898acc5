/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/filer.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/index/terms.h"
#include "appliance/keeper/cases/case_facts.h"
#include "appliance/keeper/state/classes.h"
#include "appliance/store/store.h"

#define RETENTION_YEARS_MAX 255u

struct sr_filer {
	struct sr_filer_facts facts;
	struct sr_case_record record; /* of a first part; texts are the description's */
	struct sr_case_part part;
	uint8_t classes; /* of this part */
	char archive[SR_STORE_NAME];
	struct sr_buf parties, parts;
	struct sr_members_packer packer;
	struct sr_buf members;
	struct sr_terms *terms;
	struct sr_case_facts *figures; /* of a first part */
	struct sr_bytes packed;
	bool full; /* a bound of the terms was reached: the rest of the part is found by nobody */
};

void sr_filer_free(struct sr_filer *filer)
{
	if (!filer)
		return;
	sr_buf_dispose(&filer->parties);
	sr_buf_dispose(&filer->parts);
	sr_buf_dispose(&filer->members);
	sr_members_packer_dispose(&filer->packer);
	sr_terms_free(filer->terms);
	sr_case_facts_free(filer->figures);
	free(filer);
}

uint8_t sr_filer_classes(const struct sr_filer *filer)
{
	return filer->classes;
}

/* At most @max bytes of a text, whole characters; empty for NULL. */
static struct sr_bytes cut(const char *text, size_t max)
{
	size_t size = text ? strlen(text) : 0;

	if (size > max) {
		size = max;
		while (size > 0 && ((uint8_t)text[size] & 0xc0) == 0x80)
			size--;
	}
	return (struct sr_bytes){ .data = (const uint8_t *)text, .size = size };
}

bool sr_filer_retention(const json_t *description, int64_t sealed_ns, unsigned *years, int64_t *end_day)
{
	const char *retention = sr_json_text(description, "retention");
	const char *closed = sr_json_text(json_object_get(description, "dates"), "closed");
	int64_t day;
	int year, month, of_month;

	*years = 0;
	*end_day = SR_NO_DAY;
	long given = retention ? strtol(retention, NULL, 10) : 0;
	if (given <= 0 || given > (long)RETENTION_YEARS_MAX)
		return false;
	if (!closed || !sr_date_parse(closed, &day))
		day = sr_date_of_time(sealed_ns);
	sr_date_split(day, &year, &month, &of_month);
	*years = (unsigned)given;
	*end_day = sr_date_join((year + (int)given) % 10000, 12, 31);
	return true;
}

/* The day that lists and searches go by: that of closing, else that of sealing. */
static int64_t listed_day(const struct sr_case_record *record)
{
	int year = 0, month, day;

	if (record->closed_day != SR_NO_DAY)
		sr_date_split(record->closed_day, &year, &month, &day);
	return year >= 1 && year <= 9999 ? record->closed_day : sr_date_of_time(record->sealed_ns);
}

static void take_dates(struct sr_filer *filer)
{
	const json_t *description = filer->facts.description;
	const json_t *dates = json_object_get(description, "dates");
	const char *started = sr_json_text(dates, "started");
	const char *closed = sr_json_text(dates, "closed");
	struct sr_case_record *record = &filer->record;
	unsigned years;

	record->started_ns = SR_NO_TIME;
	record->closed_day = SR_NO_DAY;
	if (started && !sr_time_parse(started, &record->started_ns))
		record->started_ns = SR_NO_TIME;
	if (closed && !sr_date_parse(closed, &record->closed_day))
		record->closed_day = SR_NO_DAY;
	record->sealed_ns = filer->facts.sealed_ns;
	record->listed_day = listed_day(record);
	(void)sr_filer_retention(description, record->sealed_ns, &years, &record->retention_end_day);
	record->retention_years = (uint8_t)years;
}

static enum sr_status take_parties(struct sr_filer *filer, struct sr_err *err)
{
	const json_t *list = json_object_get(filer->facts.description, "parties");
	size_t index;
	json_t *party;

	json_array_foreach(list, index, party) {
		struct sr_bytes name = cut(sr_json_text(party, "name"), SR_CASE_NAME_BYTES);

		if (name.size == 0 || filer->record.party_count == SR_CASE_PARTIES)
			continue;
		SR_TRY(sr_case_pack_party(&filer->parties, name, err));
		filer->record.party_count++;
	}
	filer->record.parties = sr_buf_bytes(&filer->parties);
	return SR_OK;
}

static enum sr_status take_record(struct sr_filer *filer, struct sr_err *err)
{
	const struct sr_filer_facts *facts = &filer->facts;
	const json_t *description = facts->description;
	struct sr_case_record *record = &filer->record;
	const char *number = sr_json_text(description, "number");

	if (!number || strlen(number) > SR_CASE_NAME_BYTES)
		return sr_fail(err, SR_INVALID, "a case number (案号) has 1 to %u bytes", SR_CASE_NAME_BYTES);
	if (!sr_case_id_parse(facts->case_id, &record->id))
		return sr_fail(err, SR_INVALID, "%s is no case id", facts->case_id);
	record->classes = filer->classes;
	record->number = cut(number, SR_CASE_NAME_BYTES);
	record->title = cut(sr_json_text(description, "title"), SR_CASE_TEXT_BYTES);
	record->organ = cut(facts->organ, SR_CASE_NAME_BYTES);
	record->unit = cut(sr_json_text(json_object_get(description, "organ"), "unit"), SR_CASE_NAME_BYTES);
	record->category = cut(sr_json_text(description, "category"), SR_CASE_NAME_BYTES);
	record->procedure = cut(sr_json_text(description, "procedure"), SR_CASE_NAME_BYTES);
	record->outcome = cut(sr_json_text(description, "outcome"), SR_CASE_NAME_BYTES);
	record->handler = cut(facts->handler, SR_CASE_NAME_BYTES);
	take_dates(filer);
	SR_TRY(take_parties(filer, err));
	SR_TRY(sr_terms_add_record(filer->terms, record, err));
	for (size_t i = 0; i < SR_FILER_ORGANS && facts->organs[i]; i++)
		SR_TRY(sr_terms_add_subtree(filer->terms, cut(facts->organs[i], SR_CASE_NAME_BYTES), err));
	return SR_OK;
}

static enum sr_status take_part(struct sr_filer *filer, struct sr_err *err)
{
	const struct sr_filer_facts *facts = &filer->facts;

	SR_TRY(sr_store_name(facts->case_id, facts->part, filer->archive, err));
	filer->part = (struct sr_case_part){
		.number = facts->part,
		.classes = filer->classes,
		.sealed_ns = facts->sealed_ns,
		.first_member = facts->first_number,
		.archive = cut(filer->archive, sizeof(filer->archive)),
		.handler = cut(facts->handler, SR_CASE_NAME_BYTES),
		.archivist = cut(facts->archivist, SR_CASE_NAME_BYTES),
	};
	return SR_OK;
}

enum sr_status sr_filer_new(const struct sr_filer_facts *facts, struct sr_filer **out, struct sr_err *err)
{
	SR_CLEANUP(sr_filer_freep) struct sr_filer *filer = calloc(1, sizeof(*filer));

	if (!filer)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a place in the index");
	filer->facts = *facts;
	filer->classes = sr_classes_of(json_object_get(facts->description, "classification"));
	filer->packer.first_number = facts->first_number;
	SR_TRY(sr_terms_new(facts->part == 1 ? filer->classes : facts->case_classes, &filer->terms, err));
	SR_TRY(take_part(filer, err));
	if (facts->part == 1) {
		SR_TRY(take_record(filer, err));
		SR_TRY(sr_case_facts_new(facts->description, facts->defects, facts->applied, facts->sealed_ns,
		                         &filer->figures, err));
	}
	*out = SR_MOVE(filer);
	return SR_OK;
}

static enum sr_index_class class_of(enum sr_member_class class)
{
	switch (class) {
	case SR_MEMBER_DOCUMENT:
		return SR_INDEX_DOCUMENT;
	case SR_MEMBER_MEDIUM:
		return SR_INDEX_MEDIUM;
	case SR_MEMBER_EXPLANATION:
		return SR_INDEX_EXPLANATION;
	}
	return SR_INDEX_DOCUMENT;
}

/* What a case is found by besides its own fields: kind, title, and what the explanation says. */
static enum sr_status add_terms(struct sr_filer *filer, const struct sr_filer_member *member, uint8_t classes,
                                struct sr_err *err)
{
	const json_t *explanation = json_object_get(member->json, "explanation");
	const char *const texts[] = {
		sr_json_text(member->json, "kind"),     sr_json_text(member->json, "title"),
		sr_json_text(explanation, "collector"), sr_json_text(explanation, "place"),
		sr_json_text(explanation, "proves"),
	};

	for (size_t i = 0; i < SR_COUNT(texts) && !filer->full; i++) {
		enum sr_status status = SR_OK;

		if (texts[i])
			status = sr_terms_add_text(filer->terms, filer->classes | classes,
			                           cut(texts[i], SIZE_MAX), err);
		filer->full = status == SR_LIMIT;
		if (status != SR_OK && !filer->full)
			return status;
	}
	return SR_OK;
}

enum sr_status sr_filer_add(struct sr_filer *filer, const struct sr_filer_member *member, struct sr_err *err)
{
	const char *volume = sr_json_text(member->json, "volume");
	struct sr_member_row row = {
		.class = class_of(member->class),
		.sub_volume = volume && strcmp(volume, sr_volume_name(SR_VOLUME_SUB)) == 0,
		/* A later part may be classified above the case that it belongs to. */
		.classes = sr_classes_of(json_object_get(member->json, "classification")) |
		           (filer->facts.part > 1 ? filer->classes : 0),
		.bytes = member->bytes,
		.offset = member->offset,
		.path = cut(member->path, SR_LIMIT_PATH_BYTES),
		.title = cut(sr_json_text(member->json, "title"), SR_CASE_TEXT_BYTES),
		.kind = cut(sr_json_text(member->json, "kind"), SR_CASE_NAME_BYTES),
	};

	memcpy(row.head, member->head, sizeof(row.head));
	SR_TRY(sr_members_pack(&filer->packer, &row, err));
	if (filer->figures)
		SR_TRY(sr_case_facts_add(filer->figures, member->json, err));
	return add_terms(filer, member, row.classes, err);
}

enum sr_status sr_filer_finish(struct sr_filer *filer, const struct sr_digest *seal, uint64_t archive_bytes,
                               struct sr_err *err)
{
	struct sr_case_record *record = &filer->record;

	memcpy(filer->part.seal, seal->bytes, sizeof(filer->part.seal));
	filer->part.bytes = archive_bytes;
	filer->part.member_count = filer->packer.count;
	SR_TRY(sr_members_finish(&filer->packer, &filer->members, err));
	sr_members_packer_dispose(&filer->packer);
	SR_TRY(sr_terms_pack(filer->terms, &filer->packed, err));
	if (filer->figures)
		SR_TRY(sr_case_facts_finish(filer->figures, err));
	SR_TRY(sr_case_pack_part(&filer->parts, &filer->part, err));
	record->member_count = filer->part.member_count;
	record->bytes = archive_bytes;
	record->part_count = 1;
	record->parts = sr_buf_bytes(&filer->parts);
	return SR_OK;
}

enum sr_status sr_filer_put(struct sr_filer *filer, struct sr_txn *txn, struct sr_gather *gather,
                            struct sr_err *err)
{
	const struct sr_case_filing filing = { .members = sr_buf_bytes(&filer->members),
		                               .terms = filer->packed,
		                               .gather = gather };
	struct sr_case_id id;
	uint64_t ordinal;

	if (filer->facts.part == 1) {
		SR_TRY(sr_case_store_add(txn, &filer->record, &filing, &ordinal, err));
		return sr_case_facts_put(filer->figures, txn, filer->facts.case_id, err);
	}
	if (!sr_case_id_parse(filer->facts.case_id, &id))
		return sr_fail(err, SR_INVALID, "%s is no case id", filer->facts.case_id);
	return sr_case_store_supplement(txn, &id, &filer->part, &filing, err);
}
