/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index with a generated archive room.
 *
 *   bench_index build DIR CASES     make it, as a rebuild does; prints "build SECONDS PROCESSOR-SECONDS
 * BYTES" bench_index query DIR CASES     prints "name p50 p95 hits" in microseconds bench_index look-up DIR
 * CASES   one grant and one member, at random
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/index/case_store.h"
#include "appliance/index/filing.h"
#include "appliance/index/search.h"
#include "appliance/index/terms.h"
#include "tests/bench/archive_room.h"
#include "tests/bench/timing.h"

#define COMMIT_CASES 5000u
#define GATHER_BYTES ((size_t)256 << 20)
#define GRANTS 1000u
#define ROUNDS 300u
#define OPENINGS 2000u

static struct sr_bytes text(const char *string)
{
	return (struct sr_bytes){ .data = (const uint8_t *)string, .size = strlen(string) };
}

struct builder {
	struct sr_env *env;
	struct sr_gather *gather;
	struct sr_terms *terms;
	struct sr_buf members;
	struct sr_buf parties;
	struct sr_buf parts;
};

static void builder_dispose(struct builder *builder)
{
	sr_gather_free(builder->gather);
	sr_terms_free(builder->terms);
	sr_buf_dispose(&builder->members);
	sr_buf_dispose(&builder->parties);
	sr_buf_dispose(&builder->parts);
	sr_env_close(builder->env);
}

static enum sr_status pack_members(struct builder *builder, const struct room_case *room, struct sr_err *err)
{
	SR_CLEANUP(sr_members_packer_dispose) struct sr_members_packer packer = { .first_number = 1 };

	for (unsigned n = 0; n < ROOM_MEMBERS; n++) {
		const struct room_member *member = &room->members[n];
		struct sr_member_row row = { .class = (enum sr_index_class)member->class,
			                     .classes = room->classes,
			                     .bytes = member->bytes,
			                     .offset = member->offset,
			                     .path = text(member->path),
			                     .title = text(member->title),
			                     .kind = text(member->kind) };

		memcpy(row.head, member->head, sizeof(row.head));
		SR_TRY(sr_members_pack(&packer, &row, err));
	}
	builder->members.size = 0;
	return sr_members_finish(&packer, &builder->members, err);
}

static enum sr_status pack_terms(struct builder *builder, const struct room_case *room,
                                 const struct sr_case_record *record, struct sr_bytes *out,
                                 struct sr_err *err)
{
	sr_terms_reset(builder->terms, room->classes);
	SR_TRY(sr_terms_add_record(builder->terms, record, err));
	SR_TRY(sr_terms_add_subtree(builder->terms, text(room->organ), err));
	SR_TRY(sr_terms_add_subtree(builder->terms, text(room->city), err));
	SR_TRY(sr_terms_add_subtree(builder->terms, text("150000-YB"), err));
	for (unsigned n = 0; n < ROOM_MEMBERS; n++) {
		SR_TRY(sr_terms_add_text(builder->terms, 0, text(room->members[n].kind), err));
		SR_TRY(sr_terms_add_text(builder->terms, 0, text(room->members[n].title), err));
	}
	for (unsigned n = 0; n < ROOM_MEDIA; n++) {
		SR_TRY(sr_terms_add_text(builder->terms, 0, text(room->explanations[n].collector), err));
		SR_TRY(sr_terms_add_text(builder->terms, 0, text(room->explanations[n].place), err));
		SR_TRY(sr_terms_add_text(builder->terms, 0, text(room->explanations[n].proves), err));
	}
	return sr_terms_pack(builder->terms, out, err);
}

static enum sr_status file_case(struct builder *builder, struct sr_txn *txn, const struct room_case *room,
                                struct sr_err *err)
{
	struct sr_case_part part = { .number = 1,
		                     .classes = room->classes,
		                     .sealed_ns = room->day * SR_DAY_S * SR_SECOND_NS,
		                     .first_member = 1,
		                     .member_count = ROOM_MEMBERS,
		                     .bytes = room->bytes,
		                     .archive = text(room->archive),
		                     .handler = text(room->handler),
		                     .archivist = text("archivist") };
	struct sr_case_record record = { .classes = room->classes,
		                         .retention_years = 30,
		                         .retention_end_day = room->day + 10957,
		                         .started_ns = (room->day - 60) * SR_DAY_S * SR_SECOND_NS,
		                         .closed_day = room->day,
		                         .listed_day = room->day,
		                         .sealed_ns = part.sealed_ns,
		                         .number = text(room->number),
		                         .title = text(room->title),
		                         .organ = text(room->organ),
		                         .category = text(room->category),
		                         .procedure = text("ordinary"),
		                         .outcome = text("penalty"),
		                         .handler = text(room->handler),
		                         .member_count = ROOM_MEMBERS,
		                         .bytes = room->bytes,
		                         .party_count = 1,
		                         .part_count = 1 };
	struct sr_case_filing filing = { .gather = builder->gather };
	uint64_t ordinal = 0;

	memcpy(record.id.bytes, room->id, sizeof(room->id));
	memcpy(part.seal, room->seal, sizeof(part.seal));
	builder->parties.size = 0;
	builder->parts.size = 0;
	SR_TRY(sr_case_pack_party(&builder->parties, text(room->party), err));
	SR_TRY(sr_case_pack_part(&builder->parts, &part, err));
	record.parties = sr_buf_bytes(&builder->parties);
	record.parts = sr_buf_bytes(&builder->parts);
	SR_TRY(pack_members(builder, room, err));
	SR_TRY(pack_terms(builder, room, &record, &filing.terms, err));
	filing.members = sr_buf_bytes(&builder->members);
	return sr_case_store_add(txn, &record, &filing, &ordinal, err);
}

static enum sr_status put_grants(struct sr_env *env, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	char value[400];

	memset(value, 'g', sizeof(value));
	SR_TRY(sr_txn_write(env, &txn, err));
	for (uint32_t i = 0; i < GRANTS; i++) {
		uint8_t key[4] = { 0, 0, (uint8_t)(i >> 8), (uint8_t)i };

		SR_TRY(sr_txn_put(txn, SR_DB_GRANTS, (struct sr_bytes){ key, sizeof(key) },
		                  (struct sr_bytes){ (const uint8_t *)value, sizeof(value) }, err));
	}
	return sr_txn_commit(&txn, err);
}

static enum sr_status build_range(struct builder *builder, uint64_t from, uint64_t to, uint64_t count,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	static struct room_case room;

	SR_TRY(sr_txn_write(builder->env, &txn, err));
	for (uint64_t i = from; i < to; i++) {
		room_make(i, count, &room);
		SR_TRY(file_case(builder, txn, &room, err));
	}
	if (to == count)
		SR_TRY(sr_filing_flush(txn, builder->gather, err));
	else if (sr_gather_size(builder->gather) > GATHER_BYTES)
		SR_TRY(sr_gather_flush(builder->gather, txn, err));
	return sr_txn_commit(&txn, err);
}

static enum sr_status report_size(struct sr_env *env, int64_t ns, struct sr_err *err)
{
	struct sr_env_stat stat;

	SR_TRY(sr_env_stat(env, &stat, err));
	printf("build %.1f %.1f %zu\n", (double)ns / 1e9, (double)timing_processor_ns() / 1e9,
	       stat.used_bytes);
	for (enum sr_db db = SR_DB_CASES; db < SR_DB_COUNT; db++)
		printf("size-%s %lu %lu\n", sr_db_name(db), (unsigned long)stat.db[db].entries,
		       (unsigned long)stat.db[db].bytes);
	return SR_OK;
}

static enum sr_status build(const char *path, uint64_t count, struct sr_err *err)
{
	SR_CLEANUP(builder_dispose) struct builder builder = { 0 };
	struct sr_env_options options = { .path = path, .map_start = (size_t)4 << 30 };
	int64_t start = timing_now_ns();

	SR_TRY(sr_env_open(&options, &builder.env, err));
	SR_TRY(sr_gather_new(&builder.gather, err));
	SR_TRY(sr_terms_new(0, &builder.terms, err));
	for (uint64_t from = 0; from < count; from += COMMIT_CASES)
		SR_TRY(build_range(&builder, from, from + COMMIT_CASES < count ? from + COMMIT_CASES : count,
		                   count, err));
	int64_t ns = timing_now_ns() - start;
	SR_TRY(put_grants(builder.env, err));
	return report_size(builder.env, ns, err);
}

/* A page of 20 with its total and its records. */
static struct sr_search_page page;

static enum sr_status one_page(struct sr_env *env, const struct sr_search *search, uint64_t *hits,
                               struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

	SR_TRY(sr_txn_read(env, &txn, err));
	SR_TRY(sr_search_run(txn, search, &page, err));
	*hits += page.total;
	return SR_OK;
}

static enum sr_status measure(struct sr_env *env, const char *name, struct sr_search search,
                              const char *const *words, const char *const *parties, struct sr_err *err)
{
	int64_t ns[ROUNDS];
	uint64_t hits = 0;

	search.limit = 20;
	for (unsigned i = 0; i < ROUNDS + ROOM_WORDS; i++) {
		int64_t start = timing_now_ns();

		hits = 0;
		if (words)
			search.words = text(words[i % ROOM_WORDS]);
		if (parties)
			search.party = text(parties[i % ROOM_WORDS]);
		SR_TRY(one_page(env, &search, &hits, err));
		if (i >= ROOM_WORDS)
			ns[i - ROOM_WORDS] = timing_now_ns() - start;
	}
	timing_report(name, ns, ROUNDS, hits);
	return SR_OK;
}

static enum sr_status query(const char *path, struct sr_err *err)
{
	SR_CLEANUP(sr_env_closep) struct sr_env *env = NULL;
	struct sr_env_options options = { .path = path };
	struct sr_search all = { .clearances = SR_CLASS_ALL, .everywhere = true };
	struct sr_scope city = { SR_SCOPE_SUBTREE, text("150300-YB") };
	struct sr_search year = all;
	struct sr_search range = all;
	struct sr_search scoped = { .clearances = SR_CLASS_PRIVACY, .scopes = &city, .scope_count = 1 };

	year.has_from = year.has_to = range.has_from = range.has_to = true;
	year.from_day = sr_date_join(2022, 1, 1);
	year.to_day = sr_date_join(2022, 12, 31);
	range.from_day = sr_date_join(2020, 3, 10);
	range.to_day = sr_date_join(2020, 11, 20);
	SR_TRY(sr_env_open(&options, &env, err));
	SR_TRY(measure(env, "word-rare", all, room_rare_words, NULL, err));
	SR_TRY(measure(env, "word-common", all, room_common_words, NULL, err));
	SR_TRY(measure(env, "word-rare-year", year, room_rare_words, NULL, err));
	SR_TRY(measure(env, "word-common-year", year, room_common_words, NULL, err));
	SR_TRY(measure(env, "party-prefix", all, NULL, room_parties, err));
	SR_TRY(measure(env, "date-range", range, NULL, NULL, err));
	SR_TRY(measure(env, "word-common-scoped", scoped, room_common_words, NULL, err));
	return measure(env, "word-rare-scoped", scoped, room_rare_words, NULL, err);
}

/* What an opening asks the database: the grant, the case's record, the member's row. */
static enum sr_status look_up(struct sr_env *env, const struct sr_case_id *id, uint32_t number,
                              struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	uint8_t key[4] = { 0, 0, 0, (uint8_t)number };
	struct sr_bytes grant;
	struct sr_case_part part;
	struct sr_member_row row;

	SR_TRY(sr_txn_read(env, &txn, err));
	SR_TRY(sr_txn_get(txn, SR_DB_GRANTS, (struct sr_bytes){ key, sizeof(key) }, &grant, err));
	return sr_case_store_member(txn, id, number, &part, &row, err);
}

/* What it writes before anything is served. */
static enum sr_status log_opening(struct sr_env *env, uint32_t number, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	uint8_t key[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
		           (uint8_t)number };
	char entry[600];

	memset(entry, 'e', sizeof(entry));
	SR_TRY(sr_txn_write(env, &txn, err));
	SR_TRY(sr_txn_put(txn, SR_DB_ENTRIES, (struct sr_bytes){ key, sizeof(key) },
	                  (struct sr_bytes){ (const uint8_t *)entry, sizeof(entry) }, err));
	return sr_txn_commit(&txn, err);
}

static enum sr_status look_ups(const char *path, uint64_t count, struct sr_err *err)
{
	SR_CLEANUP(sr_env_closep) struct sr_env *env = NULL;
	struct sr_env_options options = { .path = path };
	static struct sr_case_id ids[20000];
	static int64_t ns[SR_COUNT(ids)];
	static struct room_case room;

	SR_TRY(sr_env_open(&options, &env, err));
	for (size_t i = 0; i < SR_COUNT(ids); i++) {
		room_make(i * 7919 * 131 % count, count, &room);
		memcpy(ids[i].bytes, room.id, sizeof(room.id));
	}
	for (size_t round = 0; round < 2; round++) {
		for (size_t i = 0; i < SR_COUNT(ids); i++) {
			int64_t start = timing_now_ns();

			SR_TRY(look_up(env, &ids[i], 1 + (uint32_t)i % ROOM_MEMBERS, err));
			ns[i] = timing_now_ns() - start;
		}
	}
	timing_report("look-up", ns, SR_COUNT(ids), count);
	int64_t processor = timing_processor_ns();
	for (uint32_t i = 0; i < OPENINGS; i++) {
		int64_t start = timing_now_ns();

		SR_TRY(look_up(env, &ids[i], 1 + i % ROOM_MEMBERS, err));
		SR_TRY(log_opening(env, i, err));
		ns[i] = timing_now_ns() - start;
	}
	processor = timing_processor_ns() - processor;
	timing_report("opening", ns, OPENINGS, count);
	printf("opening-processor %.1f\n", (double)processor / 1000 / OPENINGS);
	return SR_OK;
}

int main(int argc, char **argv)
{
	struct sr_err err = { 0 };
	enum sr_status status = SR_USAGE;
	uint64_t count = argc == 4 ? strtoull(argv[3], NULL, 10) : 0;

	if (count > 0 && strcmp(argv[1], "build") == 0)
		status = build(argv[2], count, &err);
	else if (count > 0 && strcmp(argv[1], "query") == 0)
		status = query(argv[2], &err);
	else if (count > 0 && strcmp(argv[1], "look-up") == 0)
		status = look_ups(argv[2], count, &err);
	if (status != SR_OK)
		fprintf(stderr, "bench_index: %s\n",
		        status == SR_USAGE ? "build|query|look-up DIR CASES" : err.text);
	return status == SR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
