/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/operations/status.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/casefile/calendar.h"
#include "appliance/casefile/rulebook.h"
#include "appliance/index/case_store.h"
#include "appliance/index/walk.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/reduce.h"
#include "appliance/store/store.h"

#define DISK_WARN_PERCENT 15
#define DISK_STOP_PERCENT 5
#define DISK_STOP_BYTES (2ull << 30)
#define BACKUP_WARN_DAYS 7
#define CERTIFICATE_WARN_DAYS 90
#define HOLIDAYS_WARN_DAYS 31
#define UNPUBLISHED_WARN 4096u /* entries that a publisher in order would have published long ago */

struct report {
	struct sr_keeper *keeper;
	struct sr_txn *txn;
	json_t *root, *warnings;
	int64_t now_ns; /* ledger time */
};

static void report_dispose(struct report *report)
{
	sr_txn_abort(report->txn);
	json_decref(report->root);
	json_decref(report->warnings);
}

static enum sr_status warn(struct report *report, struct sr_err *err, const char *code, const char *fmt, ...)
	SR_PRINTF(4, 5);
static enum sr_status warn(struct report *report, struct sr_err *err, const char *code, const char *fmt, ...)
{
	json_t *row = NULL;
	char text[400];
	va_list list;

	va_start(list, fmt);
	vsnprintf(text, sizeof(text), fmt, list);
	va_end(list);
	SR_TRY(SR_JSON_PACK(&row, err, "{s:s,s:s}", "code", code, "text", text));
	return sr_json_append(report->warnings, row, err);
}

static long long days_between(int64_t from_ns, int64_t to_ns)
{
	return (long long)((to_ns - from_ns) / (SR_DAY_S * SR_SECOND_NS));
}

/* --- keeper, clock, disk --------------------------------------------------------------------------- */

static enum sr_status add_keeper(struct report *report, struct sr_err *err)
{
	struct sr_keeper *keeper = report->keeper;
	char since[SR_TIME_TEXT];
	size_t sessions;

	pthread_mutex_lock(&keeper->lock);
	sessions = sr_session_table_count(keeper->sessions);
	pthread_mutex_unlock(&keeper->lock);
	sr_time_format_utc(sr_clock_now_ns() - (sr_keeper_boot_ns() - keeper->started_ns), since);
	return sr_json_set(report->root, "keeper",
	                   json_pack("{s:s,s:i,s:s,s:I}", "data", keeper->data->path, "pid", (int)getpid(),
	                             "since", since, "sessions", (json_int_t)sessions),
	                   err);
}

static enum sr_status add_clock(struct report *report, struct sr_err *err)
{
	struct sr_keeper *keeper = report->keeper;
	char ledger[SR_TIME_TEXT], wall[SR_TIME_TEXT];

	pthread_mutex_lock(&keeper->lock);
	enum sr_ledger_clock_state state = sr_ledger_clock_state(&keeper->clock);
	int64_t apart_s = sr_ledger_clock_disagreement_ns(&keeper->clock) / SR_SECOND_NS;
	int64_t wall_ns = keeper->clock.last.wall_ns;
	pthread_mutex_unlock(&keeper->lock);
	sr_time_format_utc(report->now_ns, ledger);
	sr_time_format_utc(wall_ns, wall);
	if (state == SR_LEDGER_CLOCK_STOPPED)
		SR_TRY(warn(report, err, "ClockStopped",
		            "ledger time and the machine's clock are %lld s apart: nothing is opened until "
		            "administrator and security administrator have confirmed the clock",
		            (long long)apart_s));
	else if (state == SR_LEDGER_CLOCK_WARNING)
		SR_TRY(warn(report, err, "ClockApart",
		            "ledger time and the machine's clock are %lld s apart: no new grants meanwhile",
		            (long long)apart_s));
	return sr_json_set(report->root, "clock",
	                   json_pack("{s:s,s:s,s:s,s:I}", "state", sr_ledger_clock_state_name(state),
	                             "ledger", ledger, "wall", wall, "apart_s", (json_int_t)apart_s),
	                   err);
}

static enum sr_status add_disk(struct report *report, struct sr_err *err)
{
	struct statvfs space;

	if (fstatvfs(report->keeper->data->vault_fd, &space) < 0)
		return sr_fail_errno(err, "ask for the room on the disk");
	unsigned long long free_bytes = (unsigned long long)space.f_bavail * space.f_frsize;
	unsigned long long total = (unsigned long long)space.f_blocks * space.f_frsize;
	unsigned percent = total ? (unsigned)(free_bytes * 100 / total) : 0;

	if (percent < DISK_STOP_PERCENT || free_bytes < DISK_STOP_BYTES)
		SR_TRY(warn(report, err, "DiskFull",
		            "%u %% of the disk are free (%llu MiB): uploads and seals stop below %d %% or 2 "
		            "GiB; make room, never in vault/",
		            percent, free_bytes >> 20, DISK_STOP_PERCENT));
	else if (percent < DISK_WARN_PERCENT)
		SR_TRY(warn(report, err, "DiskFilling", "%u %% of the disk are free: make room soon",
		            percent));
	return sr_json_set(report->root, "disk",
	                   json_pack("{s:I,s:I,s:i}", "free", (json_int_t)free_bytes, "total",
	                             (json_int_t)total, "percent", (int)percent),
	                   err);
}

/* --- ledger, backup, certificates ------------------------------------------------------------------ */

static enum sr_status add_ledger(struct report *report, struct sr_err *err)
{
	uint64_t published = sr_publisher_size(report->keeper->publisher);
	char last[SR_TIME_TEXT];
	uint64_t size;
	int64_t last_ns;

	SR_TRY(sr_journal_size(report->txn, &size, err));
	SR_TRY(sr_journal_last_ns(report->txn, &last_ns, err));
	sr_time_format_utc(last_ns, last);
	if (size > published + UNPUBLISHED_WARN)
		SR_TRY(warn(report, err, "NotPublished",
		            "%" PRIu64 " entries of the log are not published; look at the keeper's messages",
		            size - published));
	return sr_json_set(report->root, "ledger",
	                   json_pack("{s:s,s:I,s:I,s:s,s:s}", "origin", report->keeper->origin, "size",
	                             (json_int_t)size, "published", (json_int_t)published, "last", last,
	                             "verifier_key", report->keeper->verifier),
	                   err);
}

static enum sr_status add_backup(struct report *report, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	int64_t time_ns;

	SR_TRY(sr_record_look(report->txn, SR_DB_META, SR_LAST_BACKUP, &record, err));
	const char *time = sr_json_text(record, "time");
	if (!time || !sr_time_parse(time, &time_ns)) {
		SR_TRY(warn(report, err, "NoBackup",
		            "no backup was ever made: strongroom backup DIR, on another disk"));
		return sr_json_set(report->root, "backup", json_null(), err);
	}
	long long age = days_between(time_ns, report->now_ns);
	if (age >= BACKUP_WARN_DAYS)
		SR_TRY(warn(report, err, "BackupOld", "the last backup is %lld days old", age));
	SR_TRY(sr_json_set(record, "age_days", json_integer(age), err));
	return sr_json_set(report->root, "backup", json_incref(record), err);
}

static enum sr_status add_certificates(struct report *report, struct sr_err *err)
{
	struct sr_keyring_end ends[SR_KEYRING_ENDS];
	size_t count = sr_keyring_ends(report->keeper->keyring, ends);
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		long long days = days_between(report->now_ns, ends[i].until_ns);
		char until[SR_TIME_TEXT];
		json_t *row = NULL;

		sr_time_format_utc(ends[i].until_ns, until);
		SR_TRY(SR_JSON_PACK(&row, err, "{s:s,s:s,s:I}", "name", ends[i].name, "until", until, "days",
		                    (json_int_t)days));
		SR_TRY(sr_json_append(list, row, err));
		if (days < CERTIFICATE_WARN_DAYS)
			SR_TRY(warn(report, err, "CertificateEnds",
			            "the certificate keys/%s %s in %lld days: issue a new one with the "
			            "escrowed root key",
			            ends[i].name, days < 0 ? "has ended; it ends" : "ends", days));
	}
	return sr_json_set(report->root, "certificates", json_incref(list), err);
}

/* Deadlines in working days that reach into a year without its holidays block a case. */
static enum sr_status add_holidays(struct report *report, struct sr_err *err)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *base = NULL;
	const int64_t ahead = sr_date_of_time(report->now_ns) + HOLIDAYS_WARN_DAYS;
	int year, month, day;
	bool working;

	SR_TRY(sr_rulebook_load("base", &base, err));
	if (sr_calendar_is_working_day(sr_rulebook_table(base, "holidays"), ahead, &working))
		return SR_OK;
	sr_date_split(ahead, &year, &month, &day);
	return warn(
		report, err, "HolidaysMissing",
		"no rulebook has the holidays of %d, so deadlines that reach into it block a case: put the "
		"State Council's notice into /etc/strongroom/rulebooks/holidays.json and start again",
		year);
}

/* --- vault ----------------------------------------------------------------------------------------- */

struct tally {
	struct report *report;
	uint64_t archives, bytes, foreign, unknown;
	uint64_t missing; /* parts of the index without an archive */
	uint64_t aside;   /* archives in vault/.unknown/ */
	char example[SR_STORE_NAME];
};

/* Does the index know the part of this name? */
static enum sr_status is_indexed(struct sr_txn *txn, const char *name, bool *out, struct sr_err *err)
{
	struct sr_case_record record;
	struct sr_case_part part;
	struct sr_case_id id;
	char text[SR_UUID_TEXT];

	memcpy(text, name, SR_UUID_TEXT - 1);
	text[SR_UUID_TEXT - 1] = 0;
	*out = false;
	if (!sr_case_id_parse(text, &id))
		return SR_OK;
	enum sr_status status = sr_case_store_get(txn, &id, &record, err);
	if (status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	struct sr_cursor walk = sr_case_walk(record.parts);
	while (!*out && sr_case_part_next(&walk, &part))
		*out = part.archive.size == strlen(name) &&
		       memcmp(part.archive.data, name, part.archive.size) == 0;
	return SR_OK;
}

static enum sr_status count_archive(void *context, const char *name, bool foreign, struct sr_err *err)
{
	struct tally *tally = context;
	char path[SR_STORE_PATH];
	struct stat st;
	bool known;

	tally->foreign += foreign;
	if (foreign)
		return SR_OK;
	sr_store_path(name, path);
	if (fstatat(tally->report->keeper->data->vault_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
		tally->bytes += (uint64_t)st.st_size;
	tally->archives++;
	SR_TRY(is_indexed(tally->report->txn, name, &known, err));
	tally->unknown += !known;
	return SR_OK;
}

static void look_for_parts(struct tally *tally, const struct sr_case_record *record)
{
	struct sr_cursor walk = sr_case_walk(record->parts);
	struct sr_case_part part;

	while (sr_case_part_next(&walk, &part)) {
		char path[SR_STORE_PATH], name[SR_STORE_NAME] = "";
		struct stat st;

		if (part.archive.size >= sizeof(name))
			continue;
		memcpy(name, part.archive.data, part.archive.size);
		if (!sr_store_name_is_valid(name))
			continue;
		sr_store_path(name, path);
		if (fstatat(tally->report->keeper->data->vault_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		if (tally->missing++ == 0)
			memcpy(tally->example, name, sizeof(name));
	}
}

static enum sr_status count_missing(struct tally *tally, struct sr_err *err)
{
	SR_CLEANUP(sr_walk_closep) struct sr_walk *walk = NULL;
	const struct sr_range all = { 0 };
	struct sr_bytes key, value;
	bool more = false;

	SR_TRY(sr_walk_open(tally->report->txn, SR_DB_CASES, &all, SR_UP, &walk, err));
	for (;;) {
		struct sr_case_record record;

		SR_TRY(sr_walk_next(walk, &more, &key, &value, err));
		if (!more)
			return SR_OK;
		SR_TRY(sr_case_record_decode(value, &record, err));
		look_for_parts(tally, &record);
	}
}

static enum sr_status warn_of_vault(struct report *report, const struct tally *tally, bool current,
                                    struct sr_err *err)
{
	if (!current)
		SR_TRY(warn(report, err, "IndexUnfinished",
		            "the index is not finished: searches miss cases; strongroom rebuild"));
	if (tally->missing)
		SR_TRY(warn(report, err, "ArchiveMissing",
		            "%" PRIu64 " sealed parts have no archive in the vault, such as %s: get them "
		            "from a backup",
		            tally->missing, tally->example));
	if (tally->unknown)
		SR_TRY(warn(report, err, "ArchiveUnknown",
		            "%" PRIu64
		            " archives of the vault are in no list of the log; strongroom rebuild, "
		            "or import them",
		            tally->unknown));
	if (tally->aside)
		SR_TRY(warn(report, err, "ArchivesAside",
		            "%" PRIu64 " archives that the log does not know lie in vault/" SR_STORE_UNKNOWN
		            ": put them back with strongroom import, or remove them",
		            tally->aside));
	if (tally->foreign)
		SR_TRY(warn(report, err, "ForeignFiles",
		            "%" PRIu64 " files in the vault do not belong there: strongroom verify --all",
		            tally->foreign));
	return SR_OK;
}

/* What a start put aside, for nobody knew of it. */
static void count_aside(struct tally *tally)
{
	int fd = openat(tally->report->keeper->data->vault_fd, SR_STORE_UNKNOWN,
	                O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		sr_fd_close(fd);
		return;
	}
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		tally->aside += entry->d_name[0] != '.';
	closedir(dir);
}

static enum sr_status add_vault(struct report *report, struct sr_err *err)
{
	struct tally tally = { .report = report };
	uint64_t cases;
	bool current;

	SR_TRY(sr_store_list(report->keeper->data->store, count_archive, &tally, err));
	SR_TRY(count_missing(&tally, err));
	count_aside(&tally);
	SR_TRY(sr_txn_count(report->txn, SR_DB_CASES, &cases, err));
	SR_TRY(sr_index_is_current(report->txn, &current, err));
	SR_TRY(warn_of_vault(report, &tally, current, err));
	return sr_json_set(report->root, "vault",
	                   json_pack("{s:I,s:I,s:I,s:b,s:I,s:I,s:I,s:I}", "archives",
	                             (json_int_t)tally.archives, "bytes", (json_int_t)tally.bytes, "cases",
	                             (json_int_t)cases, "index_finished", current, "missing",
	                             (json_int_t)tally.missing, "unknown", (json_int_t)tally.unknown,
	                             "foreign", (json_int_t)tally.foreign, "aside", (json_int_t)tally.aside),
	                   err);
}

enum sr_status sr_status_report(struct sr_keeper *keeper, json_t **out, struct sr_err *err)
{
	static enum sr_status (*const parts[])(struct report * report, struct sr_err * err) = {
		add_keeper, add_vault,  add_ledger,       add_clock,
		add_disk,   add_backup, add_certificates, add_holidays,
	};
	SR_CLEANUP(report_dispose)
	struct report report = { .keeper = keeper,
		                 .root = json_object(),
		                 .warnings = json_array(),
		                 .now_ns = sr_keeper_now_ns(keeper) };

	SR_TRY(sr_txn_read(keeper->env, &report.txn, err));
	SR_TRY(sr_json_set(report.root, "version", json_string(SR_VERSION), err));
	for (size_t i = 0; i < SR_COUNT(parts); i++)
		SR_TRY(parts[i](&report, err));
	SR_TRY(sr_json_set(report.root, "warnings", json_incref(report.warnings), err));
	*out = SR_MOVE(report.root);
	return SR_OK;
}
