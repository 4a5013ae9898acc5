/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database: one LMDB environment in the folder db/ with named databases of the log (the truth) and of the
 * index (derived: dropped and made anew by a rebuild).  docs/INDEX.md says what each holds.
 *
 * Threads: struct sr_env is thread-safe.  One write transaction at a time; read transactions in any number of
 * threads.  Processes: one keeper has the environment open; never use it on both sides of a fork.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"

#define SR_MAP_START ((size_t)8 << 30) /* default first size of the map; address space, not memory */
#define SR_MAP_MAX ((size_t)1 << 40)   /* the map never grows over this */
#define SR_MAP_WAIT_S 5                /* growing the map waits this long for readers */
#define SR_READERS 1024u               /* default number of read transactions at once */

/* Part of the log from SR_DB_META on, of the index from SR_DB_CASES on; the order is the digest's order. */
enum sr_db {
	/* log */
	SR_DB_META,         /* format, appliance id, epoch, counters */
	SR_DB_ENTRIES,      /* ledger entries by sequence number */
	SR_DB_HASHES,       /* nodes of the Merkle tree */
	SR_DB_PEOPLE,       /* users */
	SR_DB_ORGANS,       /* the tree of organs */
	SR_DB_DELEGATES,    /* deputies of officials */
	SR_DB_REQUESTS,     /* requests and decisions */
	SR_DB_GRANTS,       /* grants */
	SR_DB_SECRETS,      /* password hashes, passes */
	SR_DB_SESSIONS,     /* sessions */
	SR_DB_REGISTER,     /* rows of the register */
	SR_DB_POLICY,       /* approval tables */
	SR_DB_DRAFTS,       /* drafts */
	SR_DB_SEALING,      /* sealings under way */
	SR_DB_APPLICATIONS, /* applications of parties */
	SR_DB_REVIEWS,      /* reviews */
	SR_DB_HOLDS,        /* cases as the log knows them, holds, disposals */
	SR_DB_FIXITY,       /* the last check of each archive */
	/* index */
	SR_DB_CASES,        /* case record by case id */
	SR_DB_CASE_ORDER,   /* case id by ordinal */
	SR_DB_CASE_NUMBERS, /* case id by case number and organ */
	SR_DB_MEMBERS,      /* packed members by case id and part */
	SR_DB_WAITING,      /* search terms that are still to be filed */
	SR_DB_POSTINGS,     /* ordinals by block, class and search term */
	SR_DB_FACTS,        /* what figures count of each case, by case id */
	SR_DB_MARKS,        /* format of the index, counters, how far it is filed */
	SR_DB_COUNT,
};

/* The name under which LMDB knows it.  Never NULL. */
const char *sr_db_name(enum sr_db db);
bool sr_db_is_derived(enum sr_db db);

struct sr_env;

struct sr_env_options {
	const char *path; /* the folder, which must be there */
	size_t map_start; /* bytes; 0: SR_MAP_START.  Never less than what the file needs */
	size_t map_max;   /* bytes; 0: SR_MAP_MAX */
	unsigned readers; /* 0: SR_READERS */
	/*
	 * Zeros to keep behind the file's last page, at least half of it: a commit then writes into blocks
	 * that are there, and its sync need not wait for a file that grows.  Where the disk has no room for
	 * them it goes without.  0: none.
	 */
	size_t room;
};

/*
 * Open, or make, the databases; readers that died are cleared.  SR_NOT_FOUND without the folder, SR_INVALID
 * when a newer Strongroom or something else made it (the text names the format), SR_CORRUPT when LMDB refuses
 * the file.
 */
SR_CHECKED enum sr_status sr_env_open(const struct sr_env_options *options, struct sr_env **out,
                                      struct sr_err *err);
void sr_env_close(struct sr_env *env); /* no transaction may be left; NULL is allowed */
static inline void sr_env_closep(struct sr_env **env)
{
	sr_env_close(*env);
	*env = NULL;
}

/*
 * Something of the user's own that ends with the environment: sr_env_close calls @release.  Once, before the
 * first transaction.  sr_txn_attached gives it back.
 */
void sr_env_attach(struct sr_env *env, void *what, void (*release)(void *what));

/*
 * Enlarge the map at once, by at least @more bytes.  Waits SR_MAP_WAIT_S seconds for read transactions to
 * end while new ones wait, then gives up: SR_BUSY, nothing changed.  Write transactions do it by themselves.
 * SR_LIMIT when it has reached map_max; short of that it gives what is left.
 */
SR_CHECKED enum sr_status sr_env_grow(struct sr_env *env, size_t more, struct sr_err *err);

struct sr_env_stat {
	size_t map_bytes;  /* size of the map now */
	size_t used_bytes; /* of the file, with pages that are free again */
	unsigned readers;  /* read transactions open now, of this process */
	unsigned reader_slots;
	uint64_t last_transaction;
	struct {
		uint64_t entries;
		uint64_t bytes; /* pages in use, without free ones */
	} db[SR_DB_COUNT];
};
SR_CHECKED enum sr_status sr_env_stat(struct sr_env *env, struct sr_env_stat *out, struct sr_err *err);

/*
 * A consistent snapshot of everything while others read and write: an environment of its own that
 * sr_env_open reads.  Into a new file data.mdb of the empty folder @path, or to a descriptor.  A map that
 * must grow meanwhile waits, so room is made first.  The file (mode 0600; SR_EXISTS
 * when there is one) is synced; the folder, and a descriptor, are the caller's to sync.
 */
SR_CHECKED enum sr_status sr_env_copy(struct sr_env *env, const char *path, struct sr_err *err);
SR_CHECKED enum sr_status sr_env_copy_fd(struct sr_env *env, int fd, struct sr_err *err);
