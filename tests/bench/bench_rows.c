/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same number of durable rows in SQLite: WAL, synchronous=FULL, one transaction a row, each caller with a
 * connection of its own.
 *
 *   bench_rows FILE CALLERS N     prints "rows-CALLERS per-second p50 p99" with times in microseconds
 */
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

#include "tests/bench/timing.h"

#define VALUE 700

struct caller {
	const char *path;
	sqlite3 *db;
	sqlite3_stmt *put;
	pthread_t thread;
	pthread_barrier_t *start;
	size_t count;
	int64_t *ns;
};

static void die(sqlite3 *db, const char *what)
{
	fprintf(stderr, "bench_rows: %s: %s\n", what, db ? sqlite3_errmsg(db) : "");
	exit(EXIT_FAILURE);
}

static void open_db(struct caller *caller)
{
	static const char set_up[] =
		"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=60000;"
		"CREATE TABLE IF NOT EXISTS log(seq INTEGER PRIMARY KEY, entry BLOB);";

	if (sqlite3_open(caller->path, &caller->db) != SQLITE_OK ||
	    sqlite3_busy_timeout(caller->db, 60000) != SQLITE_OK ||
	    sqlite3_exec(caller->db, set_up, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(caller->db, "INSERT INTO log(entry) VALUES(randomblob(700))", -1, &caller->put,
	                       NULL) != SQLITE_OK)
		die(caller->db, "open");
}

static void *put_many(void *context)
{
	struct caller *caller = context;

	pthread_barrier_wait(caller->start);
	for (size_t i = 0; i < caller->count; i++) {
		int64_t start = timing_now_ns();
		int code = sqlite3_step(caller->put);

		if (code != SQLITE_DONE)
			die(caller->db, "insert");
		sqlite3_reset(caller->put);
		caller->ns[i] = timing_now_ns() - start;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_barrier_t start;

	if (argc != 4)
		die(NULL, "FILE CALLERS N");
	size_t callers = strtoul(argv[2], NULL, 10);
	size_t count = strtoul(argv[3], NULL, 10);
	size_t all = callers * count;
	struct caller *list = calloc(callers, sizeof(*list));
	int64_t *ns = calloc(all, sizeof(*ns));
	if (!list || !ns)
		die(NULL, "no memory");
	pthread_barrier_init(&start, NULL, (unsigned)callers + 1);
	for (size_t i = 0; i < callers; i++) {
		list[i] = (struct caller){
			.path = argv[1], .start = &start, .count = count, .ns = ns + i * count
		};
		open_db(&list[i]);
		if (pthread_create(&list[i].thread, NULL, put_many, &list[i]) != 0)
			die(NULL, "no thread");
	}
	pthread_barrier_wait(&start);
	int64_t began = timing_now_ns();
	for (size_t i = 0; i < callers; i++)
		pthread_join(list[i].thread, NULL);
	int64_t took = timing_now_ns() - began;
	qsort(ns, all, sizeof(*ns), timing_compare);
	printf("rows-%zu %.0f %.0f %.0f\n", callers, (double)all * 1e9 / (double)took,
	       (double)ns[all / 2] / 1000, (double)ns[all * 99 / 100] / 1000);
	for (size_t i = 0; i < callers; i++) {
		sqlite3_finalize(list[i].put);
		sqlite3_close(list[i].db);
	}
	free(ns);
	free(list);
	return EXIT_SUCCESS;
}
