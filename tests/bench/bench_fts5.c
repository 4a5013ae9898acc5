/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same archive room in SQLite: a table of cases, one of members, one of parties, and FTS5 without content
 * and without positions over one column of the same words and pairs of characters that the index files
 * (single characters left out).  Row ids follow the dates, so that a year can be a range of them.
 *
 *   bench_fts5 build FILE CASES     prints "build SECONDS PROCESSOR-SECONDS BYTES", then the same after
 * `optimize` bench_fts5 query FILE CASES     prints "name p50 p95 hits" in microseconds
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/index/fold.h"
#include "tests/bench/archive_room.h"
#include "tests/bench/timing.h"

#define COMMIT_CASES 5000u
#define ROUNDS 300u

static const char schema[] =
	"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA page_size=4096; PRAGMA cache_size=-262144;"
	"PRAGMA mmap_size=68719476736;"
	"CREATE TABLE cases(ordinal INTEGER PRIMARY KEY, id BLOB, number TEXT, title TEXT, organ TEXT, "
	"category TEXT,"
	" procedure TEXT, outcome TEXT, handler TEXT, classes INTEGER, retention INTEGER, retention_end "
	"INTEGER,"
	" started INTEGER, closed INTEGER, listed INTEGER, sealed INTEGER, members INTEGER, bytes INTEGER, "
	"seal BLOB,"
	" archive TEXT, archivist TEXT);"
	"CREATE UNIQUE INDEX cases_id ON cases(id);"
	"CREATE UNIQUE INDEX cases_number ON cases(number, organ);"
	"CREATE INDEX cases_listed ON cases(listed);"
	"CREATE TABLE parties(name TEXT, ordinal INTEGER, PRIMARY KEY(name, ordinal)) WITHOUT ROWID;"
	"CREATE TABLE members(ordinal INTEGER, number INTEGER, class INTEGER, volume INTEGER, classes "
	"INTEGER,"
	" bytes INTEGER, offset INTEGER, head BLOB, path TEXT, title TEXT, kind TEXT, PRIMARY KEY(ordinal, "
	"number))"
	" WITHOUT ROWID;"
	"CREATE VIRTUAL TABLE words USING fts5(pairs, content='', detail=none, columnsize=0, "
	"tokenize='unicode61');";

struct room_db {
	sqlite3 *db;
	sqlite3_stmt *add_case, *add_party, *add_member, *add_words;
};

static void die(sqlite3 *db, const char *what)
{
	fprintf(stderr, "bench_fts5: %s: %s\n", what, sqlite3_errmsg(db));
	exit(EXIT_FAILURE);
}

static void run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		die(db, sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		die(db, sql);
	return statement;
}

static void put_text(sqlite3_stmt *statement, int at, const char *value)
{
	sqlite3_bind_text(statement, at, value, -1, SQLITE_STATIC);
}

static void put_number(sqlite3_stmt *statement, int at, uint64_t value)
{
	sqlite3_bind_int64(statement, at, (sqlite3_int64)value);
}

static void step(struct room_db *room, sqlite3_stmt *statement)
{
	if (sqlite3_step(statement) != SQLITE_DONE)
		die(room->db, "insert");
	sqlite3_reset(statement);
}

static void add_case(struct room_db *room, uint64_t ordinal, const struct room_case *c)
{
	sqlite3_stmt *s = room->add_case;

	put_number(s, 1, ordinal);
	sqlite3_bind_blob(s, 2, c->id, sizeof(c->id), SQLITE_STATIC);
	put_text(s, 3, c->number);
	put_text(s, 4, c->title);
	put_text(s, 5, c->organ);
	put_text(s, 6, c->category);
	put_text(s, 7, "ordinary");
	put_text(s, 8, "penalty");
	put_text(s, 9, c->handler);
	put_number(s, 10, c->classes);
	put_number(s, 11, 30);
	put_number(s, 12, (uint64_t)c->day + 10957);
	put_number(s, 13, (uint64_t)(c->day - 60) * 86400000000000u);
	put_number(s, 14, (uint64_t)c->day);
	put_number(s, 15, (uint64_t)c->day);
	put_number(s, 16, (uint64_t)c->day * 86400000000000u);
	put_number(s, 17, ROOM_MEMBERS);
	put_number(s, 18, c->bytes);
	sqlite3_bind_blob(s, 19, c->seal, sizeof(c->seal), SQLITE_STATIC);
	put_text(s, 20, c->archive);
	put_text(s, 21, "archivist");
	step(room, s);
	put_text(room->add_party, 1, c->party);
	put_number(room->add_party, 2, ordinal);
	step(room, room->add_party);
}

static void add_members(struct room_db *room, uint64_t ordinal, const struct room_case *c)
{
	sqlite3_stmt *s = room->add_member;

	for (unsigned n = 0; n < ROOM_MEMBERS; n++) {
		const struct room_member *member = &c->members[n];

		put_number(s, 1, ordinal);
		put_number(s, 2, n + 1);
		put_number(s, 3, (uint64_t)member->class);
		put_number(s, 4, 0);
		put_number(s, 5, c->classes);
		put_number(s, 6, member->bytes);
		put_number(s, 7, member->offset);
		sqlite3_bind_blob(s, 8, member->head, sizeof(member->head), SQLITE_STATIC);
		put_text(s, 9, member->path);
		put_text(s, 10, member->title);
		put_text(s, 11, member->kind);
		step(room, s);
	}
}

/* Words with a blank behind each. */
static enum sr_status add_word(void *context, struct sr_bytes word, struct sr_err *err)
{
	struct sr_buf *words = context;

	SR_TRY(sr_buf_add(words, word.data, word.size, err));
	return sr_buf_add(words, " ", 1, err);
}

static void cut(struct sr_buf *words, const char *text)
{
	struct sr_bytes bytes = { (const uint8_t *)text, strlen(text) };
	struct sr_err err;

	if (sr_cut(bytes, true, add_word, words, &err) != SR_OK)
		exit(EXIT_FAILURE);
}

static void add_words(struct room_db *room, uint64_t ordinal, const struct room_case *c, struct sr_buf *words)
{
	words->size = 0;
	cut(words, c->number);
	cut(words, c->title);
	cut(words, c->party);
	for (unsigned n = 0; n < ROOM_MEMBERS; n++) {
		cut(words, c->members[n].kind);
		if (strcmp(c->members[n].title, c->members[n].kind) != 0)
			cut(words, c->members[n].title);
	}
	for (unsigned n = 0; n < ROOM_MEDIA; n++) {
		cut(words, c->explanations[n].collector);
		cut(words, c->explanations[n].place);
		cut(words, c->explanations[n].proves);
	}
	put_number(room->add_words, 1, ordinal);
	sqlite3_bind_text(room->add_words, 2, (const char *)words->data, (int)words->size, SQLITE_STATIC);
	step(room, room->add_words);
}

static void report_size(const char *path, const char *name, int64_t start)
{
	struct stat st = { 0 };

	if (stat(path, &st) < 0)
		exit(EXIT_FAILURE);
	printf("%s %.1f %.1f %ld\n", name, (double)(timing_now_ns() - start) / 1e9,
	       (double)timing_processor_ns() / 1e9, (long)st.st_size);
}

static void build(const char *path, uint64_t count)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf words = { 0 };
	static struct room_case c;
	struct room_db room = { 0 };
	int64_t start = timing_now_ns();

	if (sqlite3_open(path, &room.db) != SQLITE_OK)
		die(room.db, path);
	run(room.db, schema);
	room.add_case =
		prepare(room.db, "INSERT INTO cases VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
	room.add_party = prepare(room.db, "INSERT INTO parties VALUES(?,?)");
	room.add_member = prepare(room.db, "INSERT INTO members VALUES(?,?,?,?,?,?,?,?,?,?,?)");
	room.add_words = prepare(room.db, "INSERT INTO words(rowid, pairs) VALUES(?,?)");
	for (uint64_t i = 0; i < count; i++) {
		if (i % COMMIT_CASES == 0)
			run(room.db, "BEGIN");
		room_make(i, count, &c);
		add_case(&room, i + 1, &c);
		add_members(&room, i + 1, &c);
		add_words(&room, i + 1, &c, &words);
		if (i % COMMIT_CASES == COMMIT_CASES - 1 || i == count - 1)
			run(room.db, "COMMIT");
	}
	run(room.db, "PRAGMA wal_checkpoint(TRUNCATE)");
	report_size(path, "build", start);
	run(room.db, "INSERT INTO words(words) VALUES('optimize'); ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)");
	report_size(path, "build-optimized", start);
	sqlite3_finalize(room.add_case);
	sqlite3_finalize(room.add_party);
	sqlite3_finalize(room.add_member);
	sqlite3_finalize(room.add_words);
	sqlite3_close(room.db);
}

/* ?1 is the text, ?2 and ?3 the bounds. */
struct question {
	const char *name;
	const char *total;
	const char *page;
	const char *const *texts;
	bool is_prefix; /* ?2 is the end of the names that begin with ?1 */
	uint64_t from, to;
};

static uint64_t answer(sqlite3_stmt *total, sqlite3_stmt *page, const struct question *question,
                       const char *text, const char *end)
{
	uint64_t hits = 0;

	for (int i = 0; i < 2; i++) {
		sqlite3_stmt *s = i == 0 ? total : page;

		if (text)
			put_text(s, 1, text);
		if (end)
			put_text(s, 2, end);
		else if (sqlite3_bind_parameter_count(s) == 3) {
			put_number(s, 2, question->from);
			put_number(s, 3, question->to);
		}
		while (sqlite3_step(s) == SQLITE_ROW)
			hits += i == 0 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
		sqlite3_reset(s);
	}
	return hits;
}

static void measure(sqlite3 *db, const struct question *question)
{
	sqlite3_stmt *total = prepare(db, question->total);
	sqlite3_stmt *page = prepare(db, question->page);
	int64_t ns[ROUNDS];
	uint64_t hits = 0;

	for (unsigned i = 0; i < ROUNDS + ROOM_WORDS; i++) {
		const char *text = question->texts ? question->texts[i % ROOM_WORDS] : NULL;
		char end[ROOM_TEXT];
		int64_t start = timing_now_ns();

		snprintf(end, sizeof(end), "%s\xf4\x8f\xbf\xbf", text ? text : "");
		hits = answer(total, page, question, text, question->is_prefix ? end : NULL);
		if (i >= ROOM_WORDS)
			ns[i - ROOM_WORDS] = timing_now_ns() - start;
	}
	timing_report(question->name, ns, ROUNDS, hits);
	sqlite3_finalize(total);
	sqlite3_finalize(page);
}

#define COLUMNS "c.id, c.number, c.title, c.organ, c.category, c.sealed, c.classes"

static const char word_total[] = "SELECT count(*) FROM words WHERE words MATCH ?1";
static const char word_page[] = "SELECT " COLUMNS " FROM words w JOIN cases c ON c.ordinal = w.rowid"
				" WHERE words MATCH ?1 ORDER BY w.rowid DESC LIMIT 20";
static const char range_total[] =
	"SELECT count(*) FROM words WHERE words MATCH ?1 AND rowid BETWEEN ?2 AND ?3";
static const char range_page[] =
	"SELECT " COLUMNS " FROM words w JOIN cases c ON c.ordinal = w.rowid"
	" WHERE words MATCH ?1 AND w.rowid BETWEEN ?2 AND ?3 ORDER BY w.rowid DESC LIMIT 20";
static const char join_total[] = "SELECT count(*) FROM words w JOIN cases c ON c.ordinal = w.rowid"
				 " WHERE words MATCH ?1 AND c.listed BETWEEN ?2 AND ?3";
static const char join_page[] =
	"SELECT " COLUMNS " FROM words w JOIN cases c ON c.ordinal = w.rowid"
	" WHERE words MATCH ?1 AND c.listed BETWEEN ?2 AND ?3 ORDER BY w.rowid DESC LIMIT 20";
static const char party_total[] =
	"SELECT count(DISTINCT ordinal) FROM parties WHERE name >= ?1 AND name < ?2";
static const char party_page[] =
	"SELECT DISTINCT " COLUMNS " FROM parties p JOIN cases c ON c.ordinal = p.ordinal"
	" WHERE p.name >= ?1 AND p.name < ?2 ORDER BY p.ordinal DESC LIMIT 20";
static const char date_total[] = "SELECT count(*) FROM cases WHERE listed BETWEEN ?2 AND ?3 AND ?1 IS NULL";
static const char date_page[] =
	"SELECT " COLUMNS " FROM cases c WHERE listed BETWEEN ?2 AND ?3 AND ?1 IS NULL"
	" ORDER BY listed DESC, ordinal DESC LIMIT 20";

static void query(const char *path, uint64_t count)
{
	uint64_t per_year = (count + ROOM_YEARS - 1) / ROOM_YEARS;
	uint64_t year = per_year * (2022 - ROOM_FIRST_YEAR) + 1;
	uint64_t january = (uint64_t)sr_date_join(2022, 1, 1);
	const struct question questions[] = {
		{ "word-rare", word_total, word_page, room_rare_words, false, 0, 0 },
		{ "word-common", word_total, word_page, room_common_words, false, 0, 0 },
		{ "word-rare-year", range_total, range_page, room_rare_words, false, year,
		  year + per_year - 1 },
		{ "word-common-year", range_total, range_page, room_common_words, false, year,
		  year + per_year - 1 },
		{ "word-rare-year-by-date", join_total, join_page, room_rare_words, false, january,
		  january + 364 },
		{ "word-common-year-by-date", join_total, join_page, room_common_words, false, january,
		  january + 364 },
		{ "party-prefix", party_total, party_page, room_parties, true, 0, 0 },
		{ "date-range", date_total, date_page, NULL, false, (uint64_t)sr_date_join(2020, 3, 10),
		  (uint64_t)sr_date_join(2020, 11, 20) },
	};
	sqlite3 *db = NULL;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		die(db, path);
	run(db, "PRAGMA cache_size=-262144; PRAGMA mmap_size=68719476736");
	for (size_t i = 0; i < SR_COUNT(questions); i++)
		measure(db, &questions[i]);
	sqlite3_close(db);
}

int main(int argc, char **argv)
{
	uint64_t count = argc == 4 ? strtoull(argv[3], NULL, 10) : 0;

	if (count > 0 && strcmp(argv[1], "build") == 0)
		build(argv[2], count);
	else if (count > 0 && strcmp(argv[1], "query") == 0)
		query(argv[2], count);
	else
		fprintf(stderr, "bench_fts5: build|query FILE CASES\n");
	return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
