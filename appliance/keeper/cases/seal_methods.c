/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving a case: SealFolder. */
#include "appliance/keeper/cases/methods.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/cases/seal.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/act_progress.h"
#include "appliance/keeper/wire/call.h"
#include "appliance/keeper/wire/file_asker.h"

#define FOLDER_NAME "case folder"

/* What the call brought; the folder's files are reached through it. */
struct delivery {
	int folder_fd;
	struct sr_file_asker *asker;
};

static void delivery_dispose(struct delivery *delivery)
{
	sr_fd_close(delivery->folder_fd);
	sr_file_asker_free(delivery->asker);
}

static enum sr_status take_descriptors(struct sr_act *act, struct delivery *delivery, struct sr_err *err)
{
	struct stat st;
	int socket_fd;

	SR_TRY(sr_act_descriptor(act, 0, &delivery->folder_fd, err));
	if (fstat(delivery->folder_fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return sr_fail(err, SR_INVALID, "descriptor 0 is no folder");
	SR_TRY(sr_act_descriptor(act, 1, &socket_fd, err));
	return sr_file_asker_new(socket_fd, &delivery->asker, err);
}

/*
 * The keeper opens files itself only for a caller who is the same Unix user.  For anybody else the caller's
 * own process opens them: the keeper might enter where the caller may not.
 */
static enum sr_status open_folder(const struct sr_act *act, struct delivery *delivery, struct sr_folder **out,
                                  struct sr_err *err)
{
	const struct sr_peer *peer = sr_call_peer(act->call);
	const struct sr_folder_access access = sr_file_asker_access(delivery->asker);
	bool same = peer->uid == geteuid();
	int fd = delivery->folder_fd;

	delivery->folder_fd = -1;
	return sr_folder_open_at(fd, FOLDER_NAME, same ? NULL : &access, out, err);
}

static enum sr_status answer_blocked(struct sr_act *act, json_t *check, const struct sr_err *why,
                                     struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *object = check;

	SR_TRY(sr_act_send_list(act, object, "findings", err));
	SR_TRY(sr_json_set(object, "blocked", json_true(), err));
	SR_TRY(sr_json_set(object, "message", json_string(why->text), err));
	act->answer = SR_MOVE(object);
	return SR_OK;
}

enum sr_status sr_seal_answer(struct sr_act *act, const struct sr_seal_request *request, struct sr_err *err)
{
	json_t *blocked = NULL;
	enum sr_status status = sr_seal(act, request, &act->answer, &blocked, err);

	if (status == SR_BLOCKED && blocked)
		return answer_blocked(act, blocked, err, err);
	return status;
}

static enum sr_status seal_folder(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(delivery_dispose) struct delivery delivery = { .folder_fd = -1 };
	struct sr_act_progress progress;

	sr_act_progress_init(&progress, act);
	SR_TRY(take_descriptors(act, &delivery, err));
	struct sr_seal_request request = {
		.rulebook = sr_act_text(act, "rulebook"),
		.supplement = sr_act_text(act, "supplement"),
		.remarks = sr_act_value(act, "remarks"),
		.progress = &progress.progress,
	};

	SR_TRY(open_folder(act, &delivery, &request.folder, err));
	return sr_seal_answer(act, &request, err);
}

static const struct sr_method methods[] = {
	{ "SealFolder", "rulebook:text? remarks:objects? supplement:text?", SR_BY(ARCHIVIST), SR_DOOR_SOCKET,
	  SR_METHOD_SLOW, seal_folder },
};
const struct sr_method_family sr_seal_methods = { methods, SR_COUNT(methods) };
