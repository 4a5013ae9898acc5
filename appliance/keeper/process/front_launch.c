/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/process/front_launch.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/process/front.h"

#define NAMED_MAX 8

/* What the new process gets, in the order of its numbers; and the keeper's ends. */
struct bundle {
	int inherits[2 + SR_FRONT_CALLS_MAX + NAMED_MAX];
	size_t count;
	size_t owned; /* the first ones are ours to close, the others borrowed */
	int keepers[1 + SR_FRONT_CALLS_MAX];
	size_t keepers_count;
};

static void dispose(struct bundle *bundle)
{
	for (size_t i = 0; i < bundle->owned; i++)
		sr_fd_close(bundle->inherits[i]);
	for (size_t i = 0; i < bundle->keepers_count; i++)
		sr_fd_close(bundle->keepers[i]);
}

/* One for pushes, the others for calls. */
static enum sr_status make_sockets(size_t count, struct bundle *bundle, struct sr_err *err)
{
	for (size_t i = 0; i < count; i++) {
		int ends[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
			return sr_fail_errno(err, "make a pair of sockets");
		bundle->inherits[bundle->count++] = ends[0];
		bundle->owned = bundle->count;
		bundle->keepers[bundle->keepers_count++] = ends[1];
	}
	return SR_OK;
}

static enum sr_status add_named(const struct sr_front_plan *plan, struct bundle *bundle, json_t *options,
                                struct sr_err *err)
{
	SR_TRY(sr_json_set(options, "descriptors", json_object(), err));
	for (size_t i = 0; i < plan->descriptor_count; i++) {
		const struct sr_front_descriptor *named = &plan->descriptors[i];

		if (named->fd < 0)
			continue;
		if (bundle->count == SR_COUNT(bundle->inherits))
			return sr_fail(err, SR_LIMIT, "too many descriptors for %s", plan->name);
		bundle->inherits[bundle->count++] = named->fd;
		SR_TRY(sr_json_set(json_object_get(options, "descriptors"), named->name,
		                   json_integer(SR_FRONT_OPTIONS_FD - 1 + (json_int_t)bundle->count), err));
	}
	return SR_OK;
}

static enum sr_status add_config(const struct sr_front_plan *plan, json_t *options, struct sr_err *err)
{
	size_t size = strlen(plan->name);

	SR_TRY(sr_json_set(options, "config", json_object(), err));
	for (size_t i = 0; i < sr_config_key_count; i++) {
		const char *key = sr_config_keys[i].name;

		if (strncmp(key, plan->name, size) == 0 && key[size] == '.')
			SR_TRY(sr_json_set(json_object_get(options, "config"), key,
			                   json_string(sr_config_text(plan->config, key)), err));
	}
	return SR_OK;
}

static enum sr_status make_options(const struct sr_front_plan *plan, struct bundle *bundle,
                                   struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *options = NULL;

	SR_TRY(SR_JSON_PACK(&options, err, "{s:s,s:s,s:I}", "front", plan->name, "data", plan->data, "calls",
	                    (json_int_t)plan->calls));
	if (plan->more && json_object_update(options, (json_t *)(uintptr_t)plan->more) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for options");
	SR_TRY(add_config(plan, options, err));
	SR_TRY(add_named(plan, bundle, options, err));
	return sr_offspring_write_options(options, &bundle->inherits[0], err);
}

static enum sr_status tell_keeper(char kind, const struct bundle *bundle, int control_fd, struct sr_err *err)
{
	size_t bytes = bundle->keepers_count * sizeof(int);
	union {
		char space[CMSG_SPACE((1 + SR_FRONT_CALLS_MAX) * sizeof(int))];
		struct cmsghdr alignment;
	} control = { 0 };
	struct iovec text = { .iov_base = &kind, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &text,
		                  .msg_iovlen = 1,
		                  .msg_control = &control,
		                  .msg_controllen = CMSG_SPACE(bytes) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	assert(head != NULL);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(bytes);
	memcpy(CMSG_DATA(head), bundle->keepers, bytes);
	if (sendmsg(control_fd, &message, MSG_NOSIGNAL) < 0)
		return sr_fail_errno(err, "hand sockets to the keeper");
	return SR_OK;
}

enum sr_status sr_front_launch(const struct sr_front_plan *plan, int control_fd, pid_t *pid,
                               struct sr_err *err)
{
	SR_CLEANUP(dispose) struct bundle bundle = { .inherits = { -1 }, .count = 1, .owned = 1 };

	SR_TRY(make_sockets(1 + plan->calls, &bundle, err));
	SR_TRY(make_options(plan, &bundle, err));
	const struct sr_offspring_plan process = {
		.verb = plan->verb,
		.program_fd = plan->program_fd,
		.inherits = bundle.inherits,
		.inherits_count = bundle.count,
		.identity = plan->identity,
	};
	SR_TRY(tell_keeper(plan->kind, &bundle, control_fd, err));
	return sr_offspring_start(&process, pid, err);
}
