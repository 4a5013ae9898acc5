/* SPDX-License-Identifier: Apache-2.0 */
/* A verb of the command line: one row of the table in main.c and one function in a cmd_*.c file. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "appliance/base/err.h"

/* What stands before the verb. */
struct sr_globals {
	const char *data; /* --data, else $STRONGROOM_DATA, else /var/lib/strongroom */
	bool json;
	const char *socket;        /* --socket; NULL: DATA/run/keeper.sock */
	const char *as;            /* --as; NULL: the caller's Unix login */
	const char *passphrase_fd; /* --passphrase-fd: descriptor with the passphrase of the keys; NULL */
	bool password_stdin; /* --password-stdin: the first line of standard input is the password of @as */
};

struct sr_command {
	const char *name;      /* "bag verify" is two words */
	const char *arguments; /* for the usage line */
	const char *summary;   /* one line; NULL: internal, not in the help */
	const char *options;   /* lines of "  --option ARG   what it does", or NULL */
	/*
	 * argv[0] is the verb's last word.  SR_USAGE: the words are wrong, and the usage line is shown with
	 * err->text. Findings and damage are printed before returning SR_BLOCKED or SR_TAMPERED.
	 */
	enum sr_status (*run)(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
};

/* All verbs (cmd_table.c). */
extern const struct sr_command sr_commands[];
extern const size_t sr_command_count;

enum sr_status sr_cmd_whoami(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_cat(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_live(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_export(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_disc(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_user_add(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_user_change(const struct sr_globals *globals, int argc, char **argv,
                                  struct sr_err *err);
enum sr_status sr_cmd_user_confirm(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_user_drop(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_user_list(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_user_disable(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_user_passwd(const struct sr_globals *globals, int argc, char **argv,
                                  struct sr_err *err);
enum sr_status sr_cmd_session_list(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_session_end(const struct sr_globals *globals, int argc, char **argv,
                                  struct sr_err *err);
enum sr_status sr_cmd_organ_add(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_organ_list(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_roster_import(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err);
enum sr_status sr_cmd_delegate_add(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_delegate_end(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_delegate_list(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err);
enum sr_status sr_cmd_policy_show(const struct sr_globals *globals, int argc, char **argv,
                                  struct sr_err *err);
enum sr_status sr_cmd_policy_propose(const struct sr_globals *globals, int argc, char **argv,
                                     struct sr_err *err);
enum sr_status sr_cmd_policy_confirm(const struct sr_globals *globals, int argc, char **argv,
                                     struct sr_err *err);
enum sr_status sr_cmd_clock_confirm(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err);
enum sr_status sr_cmd_pass_issue(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_application_list(const struct sr_globals *globals, int argc, char **argv,
                                       struct sr_err *err);
enum sr_status sr_cmd_application_drop(const struct sr_globals *globals, int argc, char **argv,
                                       struct sr_err *err);
enum sr_status sr_cmd_serve(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_serve_api(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_serve_keeper(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_serve_mount(const struct sr_globals *globals, int argc, char **argv,
                                  struct sr_err *err);
enum sr_status sr_cmd_serve_fs(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_init(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_keys_passphrase(const struct sr_globals *globals, int argc, char **argv,
                                      struct sr_err *err);
enum sr_status sr_cmd_check(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_arrange(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_seal(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_supplement(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_verify(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_import(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_rebuild(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_fixity(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_find(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_show(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_recover(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_ledger_tail(const struct sr_globals *globals, int argc, char **argv,
                                  struct sr_err *err);
enum sr_status sr_cmd_ledger_verify(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err);
enum sr_status sr_cmd_ledger_prove(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_ledger_extends(const struct sr_globals *globals, int argc, char **argv,
                                     struct sr_err *err);
enum sr_status sr_cmd_receipt_verify(const struct sr_globals *globals, int argc, char **argv,
                                     struct sr_err *err);
enum sr_status sr_cmd_status(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_backup(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_restore(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_readings(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_bag_verify(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_rulebook_list(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err);
enum sr_status sr_cmd_rulebook_check(const struct sr_globals *globals, int argc, char **argv,
                                     struct sr_err *err);
enum sr_status sr_cmd_register_import(const struct sr_globals *globals, int argc, char **argv,
                                      struct sr_err *err);
enum sr_status sr_cmd_register_add(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_register_list(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err);
enum sr_status sr_cmd_register_reconcile(const struct sr_globals *globals, int argc, char **argv,
                                         struct sr_err *err);
enum sr_status sr_cmd_draft_list(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_draft_new(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_draft_show(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_draft_check(const struct sr_globals *globals, int argc, char **argv,
                                  struct sr_err *err);
enum sr_status sr_cmd_draft_answer(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_draft_submit(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_draft_return(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_draft_drop(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_draft_seal(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_papers(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_request_new(const struct sr_globals *globals, int argc, char **argv,
                                  struct sr_err *err);
enum sr_status sr_cmd_request_list(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_request_show(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_request_withdraw(const struct sr_globals *globals, int argc, char **argv,
                                       struct sr_err *err);
enum sr_status sr_cmd_decide(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_grant_list(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_grant_revoke(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_grant_return(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_hold_place(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_hold_release(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_hold_list(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_disposal_propose(const struct sr_globals *globals, int argc, char **argv,
                                       struct sr_err *err);
enum sr_status sr_cmd_disposal_approve(const struct sr_globals *globals, int argc, char **argv,
                                       struct sr_err *err);
enum sr_status sr_cmd_disposal_list(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err);
enum sr_status sr_cmd_stats(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_warnings(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_review_draw(const struct sr_globals *globals, int argc, char **argv,
                                  struct sr_err *err);
enum sr_status sr_cmd_review_seed(const struct sr_globals *globals, int argc, char **argv,
                                  struct sr_err *err);
enum sr_status sr_cmd_review_list(const struct sr_globals *globals, int argc, char **argv,
                                  struct sr_err *err);
enum sr_status sr_cmd_review_show(const struct sr_globals *globals, int argc, char **argv,
                                  struct sr_err *err);
enum sr_status sr_cmd_review_mend(const struct sr_globals *globals, int argc, char **argv,
                                  struct sr_err *err);
enum sr_status sr_cmd_review_close(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err);
enum sr_status sr_cmd_review_reopen(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err);
enum sr_status sr_cmd_review_record(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err);
