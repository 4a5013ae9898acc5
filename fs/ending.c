/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/ending.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "fs/ops.h"

#define PREFIX "org.strongroom."

/*
 * Pages, mappings, attributes and names that the kernel keeps.  No lock may be held: the kernel waits for
 * requests that wait for us.  That it keeps nothing of an inode is no error.
 */
static void forget_in_kernel(struct sr_fs *fs, struct sr_fs_grant *grant)
{
	/* First what somebody has open. */
	for (int opened = 1; opened >= 0; opened--)
		for (uint32_t node = 0; node < grant->node_count || node == 0; node++)
			(void)fuse_lowlevel_notify_inval_inode(fs->session, sr_fs_ino(grant, node),
			                                       opened ? 0 : -1, 0);
	(void)fuse_lowlevel_notify_inval_entry(fs->session, FUSE_ROOT_ID, grant->id, strlen(grant->id));
}

static void close_all(struct sr_fs *fs, struct sr_fs_grant *grant, const char *why)
{
	for (struct sr_fs_handle *handle = sr_fs_grant_hold_unclosed(grant); handle;
	     handle = sr_fs_grant_hold_unclosed(grant)) {
		sr_fs_close_member(fs, handle, why);
		sr_fs_handle_release(handle);
	}
}

static void end_grant(struct sr_fs *fs, struct sr_fs_grant *grant, const char *why)
{
	if (!sr_fs_grant_end(grant))
		return;
	sr_fs_recent_drop(fs->recent, grant);
	forget_in_kernel(fs, grant);
	sr_fs_buffers_wipe(fs->buffers);
	if (why)
		close_all(fs, grant, why);
}

void sr_fs_end_all(struct sr_fs *fs, const char *why)
{
	for (uint32_t slot = 1; slot <= sr_fs_grants_count(fs->grants); slot++)
		end_grant(fs, sr_fs_grants_at(fs->grants, slot), why);
}

/* Escorted grants keep nothing in the page cache, so that there is nothing to forget. */
static void change_escort(struct sr_fs_grant *grant, bool present)
{
	enum sr_fs_state before = present ? SR_FS_PAUSED : SR_FS_LIVE;

	(void)atomic_compare_exchange_strong(&grant->state, &before, present ? SR_FS_LIVE : SR_FS_PAUSED);
}

void sr_fs_on_push(void *context, const char *method, const json_t *parameters)
{
	struct sr_fs *fs = context;
	const char *id = sr_json_text(parameters, "grant");
	const char *why = sr_json_text(parameters, "why");
	struct sr_fs_grant *grant;
	struct sr_err err;

	if (!id)
		return;
	/* One that nobody looked at is remembered too: an answer on its way may still call it live. */
	if (sr_fs_grants_get(fs->grants, id, UINT32_MAX, &grant, &err) != SR_OK) {
		sr_log(SR_LOG_ERROR, "%s of %s: %s", method, id, err.text);
		return;
	}
	if (strcmp(method, PREFIX "EscortChanged") == 0)
		change_escort(grant, json_is_true(json_object_get(parameters, "present")));
	else if (strcmp(method, PREFIX "GrantEnded") == 0)
		end_grant(fs, grant, why ? why : "ended");
}
