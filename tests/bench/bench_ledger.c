/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Durable openings: what a reader waits for before the first byte, beside what the disk and the database
 * alone take.
 *
 *   bench_ledger sync FOLDER N          fdatasync after each append of 4 KiB, fresh and into room that was
 * made before
 *   bench_ledger commits FOLDER N       one key a transaction in LMDB as it comes
 *   bench_ledger entry-commits FOLDER N what an opening's entry puts, three keys in three databases
 *   bench_ledger entries CALLERS N      group commit of access.opened, the gate asked before: no wire, no
 *                                       archive
 *   bench_ledger openings CALLERS N     OpenMember through the wire by so many callers at once, N each
 *
 * Each prints lines "name per-second p50 p99" with times in microseconds.
 */
#include "tests/unit/keeper/reading_room.h"

#include <fcntl.h>
#include <lmdb.h>

#include "appliance/base/random.h"
#include "appliance/keeper/state/gate.h"
#include "appliance/keeper/state/writer.h"
#include "tests/unit/keeper/reading_calls.h"
#include "tests/bench/timing.h"

#define APPEND 4096u
#define VALUE 700u /* about an entry, its leaf and a record */

static void report(const char *name, int64_t *ns, size_t count, int64_t took_ns)
{
	qsort(ns, count, sizeof(*ns), timing_compare);
	printf("%s %.0f %.0f %.0f\n", name, (double)count * 1e9 / (double)took_ns,
	       (double)ns[count / 2] / 1000, (double)ns[count * 99 / 100] / 1000);
	fflush(stdout);
}

static void die(const char *what)
{
	fprintf(stderr, "bench_ledger: %s\n", what);
	exit(EXIT_FAILURE);
}

static int64_t *measurements(size_t count)
{
	int64_t *ns = calloc(count, sizeof(*ns));

	if (!ns)
		die("no memory");
	return ns;
}

/* --- the disk -------------------------------------------------------------------------------------- */

static void run_sync(const char *folder, size_t count, bool prepared)
{
	int64_t *ns = measurements(count);
	char path[4096], page[APPEND];
	struct sr_err err;

	snprintf(path, sizeof(path), "%s/%s", folder, prepared ? "prepared" : "fresh");
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || sr_random_fill(page, sizeof(page), &err) != SR_OK)
		die("no file");
	for (size_t i = 0; prepared && i < count; i++)
		if (pwrite(fd, page, sizeof(page), (off_t)(i * APPEND)) < 0)
			die("write");
	if (prepared && fsync(fd) < 0)
		die("fsync");
	int64_t began = timing_now_ns();
	for (size_t i = 0; i < count; i++) {
		int64_t start = timing_now_ns();

		if (pwrite(fd, page, sizeof(page), (off_t)(i * APPEND)) < 0 || fdatasync(fd) < 0)
			die("fdatasync");
		ns[i] = timing_now_ns() - start;
	}
	report(prepared ? "sync-prepared" : "sync-fresh", ns, count, timing_now_ns() - began);
	close(fd);
	free(ns);
}

static void mdb_ok(int code)
{
	if (code != 0)
		die(mdb_strerror(code));
}

/* LMDB as it comes, with none of our options.  One value a commit, or the three of an entry: itself, its
 * nodes of the tree, and the record of what is open; as many databases as there are kinds of values. */
struct kind {
	const char *name;
	size_t bytes;
};
static const struct kind one_kind[] = { { "entries", VALUE } };
static const struct kind entry_kinds[] = { { "entries", 520 }, { "hashes", 64 }, { "open", 110 } };

static MDB_env *open_plain(const char *folder, const struct kind *kinds, size_t count, MDB_dbi *dbi)
{
	MDB_env *env;
	MDB_txn *txn;

	mdb_ok(mdb_env_create(&env));
	mdb_ok(mdb_env_set_mapsize(env, (size_t)1 << 30));
	mdb_ok(mdb_env_set_maxdbs(env, (MDB_dbi)count));
	mdb_ok(mdb_env_open(env, folder, 0, 0600));
	mdb_ok(mdb_txn_begin(env, NULL, 0, &txn));
	for (size_t k = 0; k < count; k++)
		mdb_ok(mdb_dbi_open(txn, kinds[k].name, MDB_CREATE, &dbi[k]));
	mdb_ok(mdb_txn_commit(txn));
	return env;
}

static void run_commits(const char *folder, size_t count, bool entry)
{
	const struct kind *kinds = entry ? entry_kinds : one_kind;
	const size_t kind_count = entry ? SR_COUNT(entry_kinds) : SR_COUNT(one_kind);
	int64_t *ns = measurements(count);
	MDB_dbi dbi[SR_COUNT(entry_kinds)];
	MDB_env *env = open_plain(folder, kinds, kind_count, dbi);
	uint8_t value[VALUE];
	struct sr_err err;

	if (sr_random_fill(value, sizeof(value), &err) != SR_OK)
		die(err.text);
	int64_t began = timing_now_ns();
	for (size_t i = 0; i < count; i++) {
		uint8_t key[8] = { 0 };
		MDB_val name = { sizeof(key), key };
		int64_t start = timing_now_ns();
		MDB_txn *txn;

		for (size_t b = 0; b < sizeof(key); b++)
			key[b] = (uint8_t)(i >> (8 * (7 - b)));
		mdb_ok(mdb_txn_begin(env, NULL, 0, &txn));
		for (size_t k = 0; k < kind_count; k++) {
			MDB_val data = { kinds[k].bytes, value };

			mdb_ok(mdb_put(txn, dbi[k], &name, &data, 0));
		}
		mdb_ok(mdb_txn_commit(txn));
		ns[i] = timing_now_ns() - start;
	}
	report(entry ? "entry-commits" : "commits", ns, count, timing_now_ns() - began);
	mdb_env_close(env);
	free(ns);
}

/* --- openings -------------------------------------------------------------------------------------- */

struct caller {
	struct reading_room *room;
	struct sr_wire_client *client;
	pthread_t thread;
	pthread_barrier_t *start;
	size_t count;
	int64_t *ns;
};

/* One opening; what came with it is closed, the access stays open. */
static void open_once(const struct caller *caller)
{
	SR_CLEANUP(answer_dispose) struct answer answer = { 0 };

	open_as(caller->client, ROOM_READER_UID, "G00001-7kq2v9", caller->room->case_id[0], 1, &answer);
	if (answer.status != SR_OK)
		die(answer.err.text);
}

static void *open_many(void *context)
{
	struct caller *caller = context;

	pthread_barrier_wait(caller->start);
	for (size_t i = 0; i < caller->count; i++) {
		int64_t start = timing_now_ns();

		open_once(caller);
		caller->ns[i] = timing_now_ns() - start;
	}
	return NULL;
}

static void run_callers(struct reading_room *room, size_t callers, size_t count)
{
	struct caller *list = calloc(callers, sizeof(*list));
	int64_t *ns = measurements(callers * count);
	pthread_barrier_t start;
	char name[32];

	if (!list)
		die("no memory");
	pthread_barrier_init(&start, NULL, (unsigned)callers + 1);
	for (size_t i = 0; i < callers; i++) {
		list[i] = (struct caller){ .room = room,
			                   .client = room_door(room, SR_PEER_FS),
			                   .start = &start,
			                   .count = count,
			                   .ns = ns + i * count };
		open_once(&list[i]);
		if (pthread_create(&list[i].thread, NULL, open_many, &list[i]) != 0)
			die("no thread");
	}
	pthread_barrier_wait(&start);
	int64_t began = timing_now_ns();
	for (size_t i = 0; i < callers; i++)
		pthread_join(list[i].thread, NULL);
	snprintf(name, sizeof(name), "openings-%zu", callers);
	report(name, ns, callers * count, timing_now_ns() - began);
	for (size_t i = 0; i < callers; i++)
		sr_wire_client_close(list[i].client);
	pthread_barrier_destroy(&start);
	free(ns);
	free(list);
}

static void run_openings(size_t callers, size_t count)
{
	const struct room_wish wish = { .grant = "G00001-7kq2v9", .reader = "reader" };
	struct reading_room room;

	room_open(&room);
	room_grant(&room, &wish);
	room_start(&room);
	run_callers(&room, callers, count);
	room_close(&room);
}

/* --- entries: the gate, the entry and the commit alone --------------------------------------------- */

struct job {
	const struct reading_room *room;
	struct sr_writer *writer;
	json_t *actor, *fields;
	struct sr_entry_plan plan;
	pthread_t thread;
	pthread_barrier_t *start;
	size_t count;
	int64_t *ns;
};

static enum sr_status check_gate(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct job *job = context;
	const struct sr_gate_question question = { .grant = "G00001-7kq2v9",
		                                   .reader = "reader",
		                                   .case_id = job->room->case_id[0],
		                                   .member = 1,
		                                   .channel = "fs",
		                                   .now_ns = sr_clock_now_ns() };

	return sr_gate_ask(txn, &question, NULL, err);
}

static enum sr_status put_entry(void *context, struct sr_txn *txn, struct sr_err *err)
{
	struct job *job = context;

	return sr_record_planned(txn, &job->plan, sr_clock_now_ns(), NULL, err);
}

static void *put_many(void *context)
{
	struct job *job = context;
	const struct sr_job work = { .check = check_gate, .apply = put_entry, .context = job };
	const struct sr_entry_draft draft = { .type = "access.opened",
		                              .actor = job->actor,
		                              .fields = job->fields };
	struct sr_err err;

	pthread_barrier_wait(job->start);
	for (size_t i = 0; i < job->count; i++) {
		int64_t start = timing_now_ns();

		if (sr_entry_plan(&draft, &job->plan, &err) != SR_OK ||
		    sr_writer_run(job->writer, &work, &err) != SR_OK)
			die(err.text);
		sr_entry_plan_dispose(&job->plan);
		job->ns[i] = timing_now_ns() - start;
	}
	return NULL;
}

static void run_jobs(const struct reading_room *room, struct sr_writer *writer, size_t callers, size_t count)
{
	struct job *list = calloc(callers, sizeof(*list));
	int64_t *ns = measurements(callers * count);
	pthread_barrier_t start;
	char name[32];

	if (!list)
		die("no memory");
	pthread_barrier_init(&start, NULL, (unsigned)callers + 1);
	for (size_t i = 0; i < callers; i++) {
		list[i] = (struct job){ .room = room, .writer = writer, .start = &start, .count = count };
		list[i].ns = ns + i * count;
		list[i].actor = json_pack("{s:s,s:s,s:s}", "user", "reader", "role", "supervisor", "organ",
		                          ROOM_ORGAN);
		list[i].fields = json_pack("{s:s,s:s,s:[s],s:s,s:i,s:i,s:s,s:i,s:i,s:s}", "grant",
		                           "G00001-7kq2v9", "request", "R00001", "approved_by", "official",
		                           "case", room->case_id[0], "part", 1, "member", 1, "channel", "fs",
		                           "uid", 1, "pid", 4711, "program", "less");
		if (pthread_create(&list[i].thread, NULL, put_many, &list[i]) != 0)
			die("no thread");
	}
	pthread_barrier_wait(&start);
	int64_t began = timing_now_ns();
	for (size_t i = 0; i < callers; i++)
		pthread_join(list[i].thread, NULL);
	snprintf(name, sizeof(name), "entries-%zu", callers);
	report(name, ns, callers * count, timing_now_ns() - began);
	for (size_t i = 0; i < callers; i++) {
		json_decref(list[i].actor);
		json_decref(list[i].fields);
	}
	free(ns);
	free(list);
}

static void stop_here(void *context, const struct sr_err *err)
{
	(void)context;
	die(err->text);
}

static void run_entries(size_t callers, size_t count)
{
	const struct room_wish wish = { .grant = "G00001-7kq2v9", .reader = "reader" };
	SR_CLEANUP(sr_env_closep) struct sr_env *env = NULL;
	struct reading_room room;
	struct sr_writer_options writing = { .fatal = stop_here };
	struct sr_writer *writer;
	struct sr_err err;
	char path[128];

	room_open(&room);
	room_grant(&room, &wish);
	snprintf(path, sizeof(path), "%s/db", room.data);
	const struct sr_env_options options = { .path = path,
		                                .room = (size_t)512 << 10 }; /* as the keeper's */
	if (sr_env_open(&options, &env, &err) != SR_OK)
		die(err.text);
	if (sr_record_cache_attach(env, &err) != SR_OK)
		die(err.text);
	writing.env = env;
	if (sr_writer_start(&writing, &writer, &err) != SR_OK)
		die(err.text);
	run_jobs(&room, writer, callers, count);
	sr_writer_stop(writer);
	sr_env_close(SR_MOVE(env));
	room_close(&room);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		die("sync FOLDER N | commits FOLDER N | entry-commits FOLDER N | entries CALLERS N | "
		    "openings "
		    "CALLERS N");
	size_t count = strtoul(argv[3], NULL, 10);
	if (strcmp(argv[1], "sync") == 0) {
		run_sync(argv[2], count, false);
		run_sync(argv[2], count, true);
	} else if (strcmp(argv[1], "commits") == 0) {
		run_commits(argv[2], count, false);
	} else if (strcmp(argv[1], "entry-commits") == 0) {
		run_commits(argv[2], count, true);
	} else if (strcmp(argv[1], "entries") == 0) {
		run_entries(strtoul(argv[2], NULL, 10), count);
	} else {
		run_openings(strtoul(argv[2], NULL, 10), count);
	}
	return EXIT_SUCCESS;
}
