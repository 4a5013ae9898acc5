/* SPDX-License-Identifier: Apache-2.0 */
/* What needs no data directory and no keeper: check a folder, verify or recover an archive file. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/base/err.h"
#include "appliance/base/progress.h"
#include "appliance/keeper/keys/passphrase.h"

/*
 * Judge a folder; digests are computed.  *reply (caller owns):
 * {"findings":[…],"blockers":N,"defects":N,"warnings":N, "rulebook","arrangement"}.  SR_OK whatever the
 * findings are.
 * @rulebook NULL: the description's.
 */
SR_CHECKED enum sr_status sr_offline_check(const char *folder, const char *rulebook,
                                           const struct sr_progress *progress, json_t **reply,
                                           struct sr_err *err);

/*
 * The order and the page numbers that the pack proposes for a folder (casefile/arrange.h), and its
 * description with them taken over.  The caller owns both, *arrangement also where the second fails.
 */
SR_CHECKED enum sr_status sr_offline_arrange(const char *folder, const char *rulebook,
                                             const struct sr_progress *progress, json_t **arrangement,
                                             json_t **description, struct sr_err *err);

struct sr_offline_verify {
	const char *archive;    /* path of a file */
	const char *root;       /* PEM file with the roots of seals and stamps */
	const char *stamp_root; /* PEM file with further roots of stamps alone; may be NULL */
	bool quick;
	const struct sr_progress *progress;
};

/*
 * Verify one archive file.  *reply (caller owns): one element of the `verify` object,
 * {"archive","case","part","ok","signed_by","signed_at","stamped_at","seal","damage":[{"member","what"}]}.
 * SR_OK when the verification could be carried out; the verdict is "ok".
 */
SR_CHECKED enum sr_status sr_offline_verify(const struct sr_offline_verify *request, json_t **reply,
                                            struct sr_err *err);

struct sr_offline_recover {
	const char *archive;
	const char *identity; /* file: an escrow key (PEM) or an age identity */
	const char *out;      /* folder to make; must not exist or be empty */
	const char *root;     /* PEM; NULL: the signer is only compared with the archive's own certificates */
	const char *stamp_root;                        /* as for sr_offline_verify */
	const struct sr_passphrase_source *passphrase; /* asked where the escrow key is under one */
	const struct sr_progress *progress;
};

/*
 * Verify (structure, small files, signature, stamp), then decrypt every member into @out.  *reply (caller
 * owns):
 * {"archive","case","part","number","out","members","recovered","trusted","damage":[{"member","what"}]};
 * "trusted" says that the seal and the stamp hold under @root.
 * SR_TAMPERED when something was damaged: what could be recovered is in @out, the rest is listed; *reply is
 * set then too. SR_DENIED when the identity opens nothing.
 */
SR_CHECKED enum sr_status sr_offline_recover(const struct sr_offline_recover *request, json_t **reply,
                                             struct sr_err *err);

/* Where the bureau's own packs lie (casefile/pack_shelf.h), before anything else is called; @folder must
 * stay. */
void sr_offline_use_rulebooks(const char *folder);
/* The packs of this version and own ones.  *reply (caller owns):
 * {"rulebooks":[{"name","title_zh","title_en","rules","digest","own"}]}. */
SR_CHECKED enum sr_status sr_offline_rulebooks(json_t **reply, struct sr_err *err);
/* Validate a pack in a file.  *reply (caller owns): {"name","title_zh","title_en","rules","digest"}; of a
 * file holidays.json {"name","years","digest"}.  SR_INVALID names the place. */
SR_CHECKED enum sr_status sr_offline_rulebook_check(const char *path, json_t **reply, struct sr_err *err);
