/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/clamd.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/secret.h"
#include "appliance/base/text.h"
#include "appliance/casefile/inspect_note.h"

#define PIECE_BYTES (1u << 20)
#define ANSWER_BYTES 512
#define WORDS 1024

static enum sr_status connect_to(const char *path, int *out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct timeval patience = { .tv_sec = SR_CLAMD_TIMEOUT_S };
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		return sr_fail(err, SR_INVALID, "check.clamd: the socket's path is too long");
	memcpy(address.sun_path, path, strlen(path));
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return sr_fail(err, SR_IO, "clamd at %s cannot be reached: %s", path, strerror(errno));
	*out = sr_fd_move(&fd);
	return SR_OK;
}

/* False when clamd hung up: then its answer says why. */
static bool send_all(int fd, const void *data, size_t size)
{
	const uint8_t *at = data;

	while (size > 0) {
		ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		at += sent;
		size -= (size_t)sent;
	}
	return true;
}

static enum sr_status send_file(int to, int fd, struct sr_err *err)
{
	static const char command[] = "zINSTREAM"; /* with its NUL: answers end with one, too */
	SR_CLEANUP(sr_secret_freep) struct sr_secret *piece = NULL;
	const uint32_t end = 0;
	uint64_t offset = 0;
	size_t got = 0;
	bool more = send_all(to, command, sizeof(command));

	SR_TRY(sr_secret_new(PIECE_BYTES, &piece, err));
	while (more) {
		SR_TRY(sr_fd_pread(fd, piece->data, piece->size, offset, &got, err));
		if (got == 0)
			break;
		uint32_t size = htobe32((uint32_t)got);
		more = send_all(to, &size, sizeof(size)) && send_all(to, piece->data, got);
		offset += got;
	}
	(void)(more && send_all(to, &end, sizeof(end)));
	return SR_OK;
}

static enum sr_status read_answer(int fd, char out[ANSWER_BYTES], struct sr_err *err)
{
	size_t used = 0;

	while (used < ANSWER_BYTES - 1) {
		ssize_t got = recv(fd, out + used, ANSWER_BYTES - 1 - used, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		used += (size_t)got;
		if (out[used - 1] == 0 || out[used - 1] == '\n')
			break;
	}
	out[used] = 0;
	out[strcspn(out, "\n")] = 0;
	if (used == 0)
		return sr_fail(err, SR_IO, "clamd gave no answer");
	return SR_OK;
}

enum sr_status sr_clamd_ask(const char *socket_path, int fd, struct sr_clamd_answer *out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int to = -1;
	char answer[ANSWER_BYTES];

	SR_TRY(connect_to(socket_path, &to, err));
	SR_TRY(send_file(to, fd, err));
	SR_TRY(read_answer(to, answer, err));
	sr_text_make_printable(answer, sizeof(answer));
	*out = (struct sr_clamd_answer){ .word = SR_CLAMD_CLEAN };
	if (strcmp(answer, "stream: OK") == 0)
		return SR_OK;
	if (strstr(answer, "size limit exceeded")) {
		out->word = SR_CLAMD_TOO_LARGE;
		return SR_OK;
	}
	if (!sr_text_starts_with(answer, "stream: ") || !sr_text_ends_with(answer, " FOUND"))
		return sr_fail(err, SR_IO, "clamd answers: %s", answer);
	out->word = SR_CLAMD_FOUND;
	answer[strlen(answer) - strlen(" FOUND")] = 0;
	snprintf(out->name, sizeof(out->name), "%.*s", (int)sizeof(out->name) - 1,
	         answer + strlen("stream: "));
	sr_text_make_printable(out->name, sizeof(out->name));
	return SR_OK;
}

/* --- X9 ---------------------------------------------------------------------------------------------- */

static size_t member_index(const struct sr_case *description, const char *path)
{
	const struct sr_member *member = sr_case_member(description, path);

	return member ? (size_t)(member - description->members) : SR_NO_MEMBER;
}

static enum sr_status tell(struct sr_findings *findings, const struct sr_inspect_note *note,
                           const struct sr_clamd_answer *answer, const char *why, struct sr_err *err)
{
	char zh[WORDS], en[WORDS];

	if (why) {
		snprintf(zh, sizeof(zh), "已配置病毒查杀，但未能完成：%s", why);
		snprintf(en, sizeof(en), "the file could not be looked at for malware: %s", why);
	} else if (answer->word == SR_CLAMD_FOUND) {
		snprintf(zh, sizeof(zh), "检出恶意代码：%s", answer->name);
		snprintf(en, sizeof(en), "malware was found: %s", answer->name);
	} else {
		snprintf(zh, sizeof(zh), "文件超过病毒查杀程序的长度上限，未查杀");
		snprintf(en, sizeof(en), "the file is over clamd's StreamMaxLength and was not looked at");
	}
	return sr_inspect_note_add(findings, note, zh, en, err);
}

static enum sr_status scan_file(const char *socket_path, const struct sr_folder *folder, const char *path,
                                struct sr_clamd_answer *answer, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	SR_TRY(sr_folder_open_file(folder, path, &fd, err));
	return sr_clamd_ask(socket_path, fd, answer, err);
}

enum sr_status sr_clamd_scan_folder(const char *socket_path, const struct sr_case *description,
                                    const struct sr_folder *folder, struct sr_findings *findings,
                                    struct sr_clamd_sum *sum, struct sr_err *err)
{
	*sum = (struct sr_clamd_sum){ 0 };
	for (size_t i = 0; i < sr_folder_count(folder); i++) {
		const struct sr_folder_file *file = sr_folder_at(folder, i);
		struct sr_clamd_answer answer = { .word = SR_CLAMD_CLEAN };
		struct sr_inspect_note note = {
			.code = "X9",
			.severity = SR_SEVERITY_BLOCKER,
			.path = file->path,
			.fix_zh = "先行隔离、查明来源，换成未受感染的原件；查杀服务故障的，排除后重新检查",
			.fix_en = "put a clean original in its place; where clamd fails, mend it and check "
				  "again",
		};

		note.member = member_index(description, file->path);
		if (file->odd || note.member == SR_NO_MEMBER) /* X1, X2 say so, and it is not sealed */
			continue;
		enum sr_status status = scan_file(socket_path, folder, file->path, &answer, err);
		if (status == SR_NO_MEMORY)
			return status;
		sum->scanned += status == SR_OK && answer.word == SR_CLAMD_CLEAN;
		sum->found += status == SR_OK && answer.word == SR_CLAMD_FOUND;
		sum->skipped += status != SR_OK || answer.word == SR_CLAMD_TOO_LARGE;
		if (status == SR_OK && answer.word == SR_CLAMD_CLEAN)
			continue;
		if (status == SR_OK && answer.word == SR_CLAMD_TOO_LARGE)
			note.severity = SR_SEVERITY_WARNING;
		char why[sizeof(err->text)];
		snprintf(why, sizeof(why), "%s", status == SR_OK ? "" : err->text);
		SR_TRY(tell(findings, &note, &answer, why[0] ? why : NULL, err));
	}
	return SR_OK;
}
