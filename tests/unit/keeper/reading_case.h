/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A data directory with two sealed cases in vault and index, and events into its log.
 *
 *   case 0, members: 1 a document of 1,000 bytes; 2 a recording of BIG bytes; 3 in the sub volume; 4 privacy;
 *   5 empty.  Case 1: one document.
 */
#pragma once

#include "tests/unit/unit.h"
#include "tests/unit/folder.h"

#include <pthread.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "appliance/archive/writer.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/uuid.h"
#include "appliance/crypto/suite.h"
#include "appliance/index/case_store.h"
#include "appliance/index/terms.h"
#include "appliance/keeper/init.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/keeper.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/reduce.h"
#include "appliance/keeper/core/vault.h"
#include "appliance/keeper/wire/wire_client.h"
#include "appliance/ledger/merkle.h"

#define ROOM_ORGAN "000000-YB"
#define ROOM_BIG (65536 * 5 + 2341)
#define ROOM_CASES 2
/* Unix users that every Debian has. */
#define ROOM_READER_UID 1   /* daemon */
#define ROOM_STRANGER_UID 2 /* bin */
#define ROOM_CLEARED_UID 3  /* sys */
#define ROOM_ARCHIE_UID 4   /* sync */
#define ROOM_NOBODY_UID 5   /* games: bound to no user */

struct room_member {
	const char *path, *class, *volume;
	size_t bytes;
	uint8_t classes;
};
static const struct room_member room_members[ROOM_CASES][5] = {
	{ { "documents/001 立案审批表.pdf", "document", "main", 1000, 0 },
	  { "media/现场检查.mp4", "medium", "main", ROOM_BIG, 0 },
	  { "documents/副卷01 讨论记录.pdf", "document", "sub", 5000, 0 },
	  { "documents/002 询问笔录.pdf", "document", "main", 3000, SR_CLASS_PRIVACY },
	  { "documents/003 空白.txt", "document", "main", 0, 0 } },
	{ { "documents/001 立案审批表.pdf", "document", "main", 70000, 0 } },
};

struct reading_room {
	struct test_folder folder;
	char data[80];
	char admin[64];
	char case_id[ROOM_CASES][SR_UUID_TEXT];
	char policy[80];
	struct sr_keeper *keeper; /* NULL: none runs */
	pthread_t loop;
	unsigned requests;
	struct sr_err err;
	size_t sealing; /* which case is being sealed */
};

static inline size_t room_count(size_t which)
{
	size_t count = 0;

	while (count < 5 && room_members[which][count].path)
		count++;
	return count;
}

/* Byte @at of a member's plaintext. */
static inline uint8_t room_byte(size_t which, size_t member, uint64_t at)
{
	uint64_t x = (at / 8 + 1) * 0x9e3779b97f4a7c15ull ^ (member + 1) * 0xbf58476d1ce4e5b9ull ^ which;

	x ^= x >> 29;
	x *= 0x94d049bb133111ebull;
	return (uint8_t)(x >> (at % 8 * 8));
}

/* --- events ---------------------------------------------------------------------------------------- */

struct room_event {
	struct reading_room *room;
	const char *type;
	const json_t *actor;
	json_t *fields;
};

static inline enum sr_status room_put_event(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct room_event *event = context;
	const struct sr_entry_draft draft = { .type = event->type,
		                              .actor = event->actor,
		                              .fields = event->fields };

	return sr_record_event(txn, &draft, sr_clock_now_ns(), NULL, err);
}

/* Run @work in a write transaction: the keeper's, or one of our own. */
static inline enum sr_status
room_write(struct reading_room *room,
           enum sr_status (*work)(void *context, struct sr_txn *txn, struct sr_err *err), void *context)
{
	char path[96];
	SR_CLEANUP(sr_env_closep) struct sr_env *env = NULL;
	const struct sr_env_options options = { .path = path };

	if (room->keeper)
		return sr_keeper_write(room->keeper, work, context, false, &room->err);
	snprintf(path, sizeof(path), "%s/db", room->data);
	SR_TRY(sr_env_open(&options, &env, &room->err));
	return sr_txn_run(env, work, context, &room->err);
}

/* @fields is taken.  @user NULL: the appliance itself. */
static inline void room_tell(struct reading_room *room, const char *type, const char *user, json_t *fields)
{
	SR_CLEANUP(sr_json_decrefp) json_t *owned = fields;
	SR_CLEANUP(sr_json_decrefp) json_t *actor = user ? json_pack("{s:s}", "user", user) : NULL;
	struct room_event event = { room, type, actor, owned };

	assert_non_null(fields);
	enum sr_status status = room_write(room, room_put_event, &event);
	if (status != SR_OK)
		print_message("%s: %s\n", type, room->err.text);
	assert_int_equal(status, SR_OK);
}

static inline void room_add_user(struct reading_room *room, const char *user, const char *role, uid_t uid,
                                 const char *clearance)
{
	char proposal[64];
	json_t *fields;
	const struct passwd *login = getpwuid(uid);

	snprintf(proposal, sizeof(proposal), "add-%s", user);
	fields = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "proposal", proposal, "action", "add", "user", user,
	                   "full_name", "某某", "role", role, "organ", ROOM_ORGAN);
	if (clearance)
		json_object_set_new(fields, "clearances", json_pack("[s]", clearance));
	if (uid) {
		assert_non_null(login);
		json_object_set_new(fields, "login",
		                    json_pack("{s:s,s:I}", "name", login->pw_name, "uid", (json_int_t)uid));
	}
	room_tell(room, "user.proposed", room->admin, fields);
	room_tell(room, "user.confirmed", "security",
	          json_pack("{s:s,s:s}", "proposal", proposal, "user", user));
}

/* --- sealing --------------------------------------------------------------------------------------- */

static inline enum sr_status room_open_source(void *context, size_t index, int *fd, struct sr_err *err)
{
	const struct reading_room *room = context;
	size_t size = room_members[room->sealing][index].bytes;
	uint8_t *data = malloc(size + 1);

	*fd = open(room->folder.path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	for (size_t i = 0; i < size; i++)
		data[i] = room_byte(room->sealing, index, i);
	enum sr_status status = sr_fd_write_all(*fd, data, size, err);
	free(data);
	lseek(*fd, 0, SEEK_SET);
	return status;
}

/* Sources must keep their size and times: each is a file of its own in the room's folder. */
static inline enum sr_status room_open_kept(void *context, size_t index, int *fd, struct sr_err *err)
{
	const struct reading_room *room = context;
	char name[32];

	snprintf(name, sizeof(name), "source-%zu-%zu", room->sealing, index);
	*fd = openat(room->folder.fd, name, O_RDONLY | O_CLOEXEC);
	return *fd < 0 ? sr_fail_errno(err, "open %s", name) : SR_OK;
}

static inline void room_make_sources(struct reading_room *room)
{
	for (size_t i = 0; i < room_count(room->sealing); i++) {
		char from[64], name[32];
		int fd;

		assert_int_equal(room_open_source(room, i, &fd, &room->err), SR_OK);
		snprintf(name, sizeof(name), "source-%zu-%zu", room->sealing, i);
		snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
		assert_int_equal(linkat(AT_FDCWD, from, room->folder.fd, name, AT_SYMLINK_FOLLOW), 0);
		close(fd);
	}
}

static inline const char *room_source_name(void *context, size_t index)
{
	const struct reading_room *room = context;

	return room_members[room->sealing][index].path;
}

static inline json_t *room_description(const struct reading_room *room)
{
	json_t *members = json_array();
	char number[64];

	snprintf(number, sizeof(number), "样医保罚〔2025〕%zu号", room->sealing + 1);
	for (size_t i = 0; i < room_count(room->sealing); i++) {
		const struct room_member *m = &room_members[room->sealing][i];

		json_array_append_new(members,
		                      json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "path", m->path, "class",
		                                m->class, "title", m->path, "date", "2025-03-01",
		                                "responsible", "甲某", "volume", m->volume));
	}
	return json_pack("{s:s,s:s,s:s,s:s,s:[s],s:s,s:o}", "format", "strongroom-case-description/1",
	                 "number", number, "title", "样例案", "category", "penalty", "classification",
	                 "privacy", "retention", "30y", "members", members);
}

static inline enum sr_status room_catalogue(void *context, const struct sr_member_seal *seals,
                                            struct sr_buf *out, struct sr_err *err)
{
	struct reading_room *room = context;
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = NULL;
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *json = room_description(room);
	SR_CLEANUP(sr_json_decrefp) json_t *remarks = json_array();
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
	const struct sr_catalogue_facts facts = { .case_id = room->case_id[room->sealing],
		                                  .part = 1,
		                                  .first_number = 1,
		                                  .sealed_at_ns = 1790000000ll * SR_SECOND_NS,
		                                  .rulebook = "base",
		                                  .rulebook_digest = zeros,
		                                  .remarks = remarks };
	struct sr_catalogue_facts whole = facts;

	SR_TRY(sr_json_write(json, &text, err));
	SR_TRY(sr_findings_new(&findings, err));
	SR_TRY(sr_case_read(text.data, text.size, findings, &description, err));
	whole.findings = findings;
	return sr_catalogue_encode(description, &whole, seals, out, err);
}

#define ROOM_TEXT(t) ((struct sr_bytes){ (const uint8_t *)(t), strlen(t) })

static inline enum sr_status room_pack(const struct reading_room *room,
                                       const struct sr_vault_archive *archive,
                                       struct sr_members_packer *packer, struct sr_err *err)
{
	for (size_t i = 0; i < archive->catalogue->member_count; i++) {
		const struct sr_catalogue_member *m = &archive->catalogue->members[i];
		struct sr_member_row row = {
			.class = m->class == SR_MEMBER_MEDIUM ? SR_INDEX_MEDIUM : SR_INDEX_DOCUMENT,
			.sub_volume = strcmp(room_members[room->sealing][i].volume, "sub") == 0,
			.classes = room_members[room->sealing][i].classes,
			.bytes = m->bytes,
			.offset = sr_archive_member(archive->archive, i)->offset,
			.path = ROOM_TEXT(m->path),
			.title = ROOM_TEXT(m->path),
			.kind = ROOM_TEXT("文书"),
		};

		memcpy(row.head, m->head_sha256, sizeof(row.head));
		SR_TRY(sr_members_pack(packer, &row, err));
	}
	return SR_OK;
}

/* Put the sealed archive into the index as a seal would. */
static inline enum sr_status room_file(void *context, struct sr_txn *txn, struct sr_err *err)
{
	struct reading_room *room = context;
	SR_CLEANUP(sr_data_closep) struct sr_data *data = NULL;
	SR_CLEANUP(sr_keyring_freep) struct sr_keyring *keyring = NULL;
	SR_CLEANUP(sr_vault_archive_dispose) struct sr_vault_archive opened = { .fd = -1 };
	SR_CLEANUP(sr_members_packer_dispose) struct sr_members_packer packer = { .first_number = 1 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf members = { 0 }, parts = { 0 };
	SR_CLEANUP(sr_terms_freep) struct sr_terms *terms = NULL;
	struct sr_case_record record = { .part_count = 1, .classes = 0, .retention_years = 30 };
	struct sr_case_filing filing = { 0 };
	struct sr_digest seal;
	char name[SR_STORE_NAME];
	uint64_t ordinal;

	SR_TRY(sr_data_open(room->data, &data, err));
	SR_TRY(sr_keyring_load(data, &keyring, err));
	SR_TRY(sr_store_name(room->case_id[room->sealing], 1, name, err));
	SR_TRY(sr_vault_open(data, sr_keyring_opener(keyring), name, &opened, err));
	SR_TRY(sr_vault_seal_digest(opened.archive, &seal, err));
	SR_TRY(room_pack(room, &opened, &packer, err));
	SR_TRY(sr_members_finish(&packer, &members, err));
	struct sr_case_part part = { .number = 1,
		                     .sealed_ns = 1790000000ll * SR_SECOND_NS,
		                     .first_member = 1,
		                     .member_count = (uint32_t)opened.catalogue->member_count,
		                     .bytes = 1,
		                     .archive = ROOM_TEXT(name),
		                     .handler = ROOM_TEXT("handler"),
		                     .archivist = ROOM_TEXT("archivist") };
	memcpy(part.seal, seal.bytes, sizeof(part.seal));
	SR_TRY(sr_case_pack_part(&parts, &part, err));
	if (!sr_case_id_parse(room->case_id[room->sealing], &record.id))
		return sr_fail(err, SR_INVALID, "no case id");
	record.retention_end_day = SR_NO_DAY;
	record.started_ns = SR_NO_TIME;
	record.closed_day = SR_NO_DAY;
	record.listed_day = 20000;
	record.sealed_ns = part.sealed_ns;
	record.number = ROOM_TEXT(opened.catalogue->number);
	record.title = ROOM_TEXT(opened.catalogue->title);
	record.organ = ROOM_TEXT(ROOM_ORGAN);
	record.category = ROOM_TEXT("penalty");
	record.handler = ROOM_TEXT("handler");
	record.member_count = part.member_count;
	record.bytes = 1;
	record.parts = sr_buf_bytes(&parts);
	SR_TRY(sr_terms_new(0, &terms, err));
	SR_TRY(sr_terms_add_record(terms, &record, err));
	SR_TRY(sr_terms_pack(terms, &filing.terms, err));
	filing.members = sr_buf_bytes(&members);
	return sr_case_store_add(txn, &record, &filing, &ordinal, err);
}

static inline void room_tell_sealed(struct reading_room *room, size_t which)
{
	static const char digest[] = "0000000000000000000000000000000000000000000000000000000000000000";

	room_tell(room, "case.sealed", NULL,
	          json_pack("{s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:s,s:s,s:s,s:s,s:[]}", "case",
	                    room->case_id[which], "part", 1, "number", room->case_id[which], "organ",
	                    ROOM_ORGAN, "seal", digest, "stamp", digest, "stamped_at", "2026-01-01T00:00:00Z",
	                    "members", (int)room_count(which), "bytes", 1, "handler", "handler", "archivist",
	                    "archie", "retention", "30y", "retained_until", "2055-12-31", "classification"));
}

static inline void room_seal(struct reading_room *room, size_t which)
{
	SR_CLEANUP(sr_data_closep) struct sr_data *data = NULL;
	SR_CLEANUP(sr_keyring_freep) struct sr_keyring *keyring = NULL;
	SR_CLEANUP(sr_store_new_freep) struct sr_store_new *archive = NULL;
	struct sr_write_result result;
	char name[SR_STORE_NAME];
	struct sr_err err;

	room->sealing = which;
	room_make_sources(room);
	assert_ok(sr_data_open(room->data, &data, &err));
	assert_ok(sr_keyring_load(data, &keyring, &err));
	assert_ok(sr_uuid_make(sr_clock_now_ns(), room->case_id[which], &err));
	assert_ok(sr_store_name(room->case_id[which], 1, name, &err));
	assert_ok(sr_store_create(data->store, name, &archive, &err));
	struct sr_write_job job = {
		.cover = { .part = 1,
		           .organ = "样例市医疗保障局",
		           .organ_code = ROOM_ORGAN,
		           .sealed_at_ns = 1790000000ll * SR_SECOND_NS,
		           .retention = "30y",
		           .retention_until = "2055-12-31",
		           .classification = "privacy",
		           .members = room_count(which),
		           .suite = SR_SUITE_AGE_X25519 },
		.source = { .open = room_open_kept, .name = room_source_name, .context = room },
		.member_count = room_count(which),
		.catalogue = room_catalogue,
		.catalogue_context = room,
		.keys = sr_keyring_seal_keys(keyring),
	};
	memcpy(job.cover.case_id, room->case_id[which], SR_UUID_TEXT);
	assert_ok(sr_archive_write(sr_store_new_fd(archive), &job, &result, &err));
	assert_ok(sr_store_publish(archive, &err));
	enum sr_status status = room_write(room, room_file, room);
	if (status != SR_OK)
		print_message("filing: %s\n", room->err.text);
	assert_int_equal(status, SR_OK);
	room_tell_sealed(room, which);
	char seal[SR_DIGEST_HEX], number[64];

	sr_digest_to_hex(&result.seal, seal);
	snprintf(number, sizeof(number), "样医保罚〔2025〕%zu号", which + 1);
	room_tell(room, "case.sealed", NULL,
	          json_pack("{s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:i,s:I,s:s,s:s,s:s,s:s,s:[s]}", "case",
	                    room->case_id[which], "part", 1, "number", number, "organ", ROOM_ORGAN, "seal",
	                    seal, "stamp", seal, "stamped_at", "2026-09-21T14:13:20Z", "members",
	                    (int)room_count(which), "bytes", (json_int_t)result.archive_bytes, "handler",
	                    "handler", "archivist", "archie", "retention", "30y", "retained_until",
	                    "2055-12-31", "classification", "privacy"));
}

/* Path of a case's archive. */
static inline void room_archive(const struct reading_room *room, size_t which, char out[160])
{
	char name[SR_STORE_NAME], path[SR_STORE_PATH];
	struct sr_err err;

	assert_ok(sr_store_name(room->case_id[which], 1, name, &err));
	sr_store_path(name, path);
	snprintf(out, 160, "%s/vault/%s", room->data, path);
}
