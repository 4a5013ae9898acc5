/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/reading/reading_fixity.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/archive/layout.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/base/text.h"
#include "appliance/index/case_store.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/reading/reading.h"
#include "appliance/keeper/wire/call.h"

#define REPORTS_MAX 256 /* damaged chunks that are remembered */
#define REPORT_NS (SR_DAY_S * SR_SECOND_NS)

struct report {
	struct sr_case_id id;
	uint32_t member;
	uint64_t chunk;
	int64_t at_ns; /* CLOCK_BOOTTIME; 0: empty */
};

struct sr_damage_reports {
	pthread_mutex_t lock;
	struct report list[REPORTS_MAX];
};

enum sr_status sr_damage_reports_new(struct sr_damage_reports **out, struct sr_err *err)
{
	struct sr_damage_reports *reports = calloc(1, sizeof(*reports));

	if (!reports)
		return sr_fail(err, SR_NO_MEMORY, "no memory for reports of damage");
	pthread_mutex_init(&reports->lock, NULL);
	*out = reports;
	return SR_OK;
}

void sr_damage_reports_free(struct sr_damage_reports *reports)
{
	if (!reports)
		return;
	pthread_mutex_destroy(&reports->lock);
	free(reports);
}

/* True when that chunk was written less than a day ago; else it is remembered, in place of the oldest. */
static bool is_known(struct sr_damage_reports *reports, const struct report *one)
{
	struct report *oldest = &reports->list[0];
	bool known = false;

	pthread_mutex_lock(&reports->lock);
	for (size_t i = 0; i < REPORTS_MAX && !known; i++) {
		struct report *r = &reports->list[i];

		known = r->at_ns && one->at_ns - r->at_ns < REPORT_NS && r->member == one->member &&
		        r->chunk == one->chunk && memcmp(&r->id, &one->id, sizeof(r->id)) == 0;
		if (r->at_ns < oldest->at_ns)
			oldest = r;
	}
	if (!known)
		*oldest = *one;
	pthread_mutex_unlock(&reports->lock);
	return known;
}

/* What a report is about. */
struct work {
	struct report report;
	char archive[SR_STORE_NAME];
	uint32_t part, index; /* of the member in its part, from 1 */
	char seal[SR_DIGEST_HEX];
	const struct sr_unlocked *unlocked;
	struct sr_unlocked_cache *cache;
	int fd;
	uint8_t key[SR_SUITE_KEY_MAX];
	uint64_t bytes; /* that were read for it */
	char damage[sizeof(((struct sr_err *)0)->text)];
};

static void work_dispose(struct work *work)
{
	sr_unlocked_cache_release(work->cache, work->unlocked);
	sr_fd_close(work->fd);
	sr_wipe(work->key, sizeof(work->key));
}

static enum sr_status look_up(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct work *work = act->work;
	struct sr_case_part part;
	struct sr_member_row row;

	SR_TRY(sr_case_store_member(txn, &work->report.id, work->report.member, &part, &row, err));
	if (part.archive.size >= sizeof(work->archive) || row.number < part.first_member)
		return sr_fail(err, SR_CORRUPT, "the index has no such archive; run: strongroom rebuild");
	memcpy(work->archive, part.archive.data, part.archive.size);
	work->archive[part.archive.size] = 0;
	work->part = part.number;
	work->index = row.number - part.first_member + 1;
	sr_hex_encode(part.seal, sizeof(part.seal), work->seal);
	return SR_OK;
}

/* Read one byte of the chunk, which opens all of it. */
static enum sr_status try_chunk(struct work *work, const struct sr_unlocked_member *member,
                                struct sr_err *err)
{
	const struct sr_suite *suite = work->unlocked->suite;
	struct sr_suite_reader *reader = NULL;
	uint8_t byte;
	size_t got;

	SR_TRY(sr_unlocked_key(work->unlocked, work->fd, member, NULL, work->key, err));
	SR_TRY(suite->reader_open_key(work->fd, member->offset, member->bytes, work->key, &reader, err));
	enum sr_status status =
		suite->reader_read(reader, work->report.chunk * suite->chunk_bytes, &byte, 1, &got, err);
	sr_wipe(&byte, sizeof(byte));
	suite->reader_close(reader);
	return status;
}

/* SR_OK: it is damaged, and work->damage says how. */
static enum sr_status find_damage(struct sr_act *act, struct work *work, struct sr_err *err)
{
	const struct sr_unlocked_member *member = NULL;

	SR_TRY(sr_store_open_archive(act->keeper->data->store, work->archive, &work->fd, err));
	SR_TRY(sr_unlocked_cache_get(work->cache, work->archive, &work->unlocked, err));
	member = sr_unlocked_find(work->unlocked, work->report.member);
	if (!member || work->report.chunk > member->bytes / work->unlocked->suite->chunk_bytes)
		return sr_fail(err, SR_INVALID, "/chunk: the member has no such chunk");
	work->bytes = work->unlocked->suite->chunk_bytes;
	switch (try_chunk(work, member, err)) {
	case SR_OK:
		return sr_fail(err, SR_INVALID, "/chunk: it reads well here");
	case SR_CORRUPT:
	case SR_TAMPERED:
	case SR_IO:
		break;
	case SR_NO_MEMORY:
	case SR_INVALID:
	case SR_USAGE:
	case SR_NOT_FOUND:
	case SR_EXISTS:
	case SR_DENIED:
	case SR_BLOCKED:
	case SR_BUSY:
	case SR_LIMIT:
		return sr_fail_in(err, SR_IO, "the chunk could not be looked at: ");
	}
	snprintf(work->damage, sizeof(work->damage), "%.400s", err->text);
	return SR_OK;
}

static const char *door_name(enum sr_peer_kind kind)
{
	switch (kind) {
	case SR_PEER_FS:
		return "fs";
	case SR_PEER_API:
		return "api";
	case SR_PEER_CALLER:
		break;
	}
	return "cli";
}

static enum sr_status put_damage(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct work *work = act->work;
	const char *door = door_name(sr_call_peer(act->call)->kind);
	json_t *fields = NULL;
	char name[32];

	snprintf(name, sizeof(name), SR_NAME_MEMBER, (unsigned)work->index);
	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s,s:i,s:s,s:I,s:[{s:s,s:I,s:s}],s:s}", "case",
	                    sr_act_text(act, "case"), "part", (int)work->part, "seal", work->seal, "bytes",
	                    (json_int_t)work->bytes, "damage", "member", name, "chunk",
	                    (json_int_t)work->report.chunk, "what", work->damage, "reported_by", door));
	return sr_act_record_own(act, txn, "fixity.failed", fields, NULL, err);
}

enum sr_status sr_run_report_fixity(struct sr_act *act, struct sr_err *err)
{
	struct sr_reading *reading = act->keeper->reading;
	const char *case_id = sr_act_text(act, "case");
	const int64_t member = sr_act_count(act, "member", 0);
	SR_CLEANUP(work_dispose)
	struct work work = { .report = { .member = member <= UINT32_MAX ? (uint32_t)member : 0,
		                         .chunk = (uint64_t)sr_act_count(act, "chunk", 0),
		                         .at_ns = sr_keeper_boot_ns() },
		             .cache = reading->cache,
		             .fd = -1 };

	if (!sr_live_has(reading->live, sr_call_peer(act->call), case_id, work.report.member) ||
	    !sr_case_id_parse(case_id, &work.report.id))
		return sr_act_not_found(act, "open member of case", case_id, err);
	sr_act_set_work(act, &work);
	SR_TRY(sr_act_read(act, look_up, err));
	SR_TRY(find_damage(act, &work, err));
	if (is_known(reading->reports, &work.report))
		return SR_OK;
	sr_log(SR_LOG_ERROR, "archive %s, member %u: %s", work.archive, (unsigned)work.report.member,
	       work.damage);
	return sr_act_write(act, NULL, put_damage, err);
}
