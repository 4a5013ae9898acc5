/* SPDX-License-Identifier: Apache-2.0 */
/* Families of commands: one a file, "…_methods.c". */
#pragma once

#include "appliance/keeper/method.h"

extern const struct sr_method_family sr_session_methods;
extern const struct sr_method_family sr_reading_methods;
extern const struct sr_method_family sr_register_methods;
extern const struct sr_method_family sr_request_methods;
extern const struct sr_method_family sr_grant_methods;
extern const struct sr_method_family sr_retention_methods;
extern const struct sr_method_family sr_upload_methods;
extern const struct sr_method_family sr_people_methods;
extern const struct sr_method_family sr_directory_methods;
extern const struct sr_method_family sr_score_sheet_methods;
extern const struct sr_method_family sr_roster_methods;
extern const struct sr_method_family sr_account_methods;
extern const struct sr_method_family sr_clock_methods;
extern const struct sr_method_family sr_policy_methods;
extern const struct sr_method_family sr_authority_methods;
extern const struct sr_method_family sr_pass_methods;
extern const struct sr_method_family sr_application_methods;
extern const struct sr_method_family sr_draft_methods, sr_draft_flow_methods, sr_draft_file_methods;
extern const struct sr_method_family sr_seal_methods;
extern const struct sr_method_family sr_case_methods;
extern const struct sr_method_family sr_ledger_methods;
extern const struct sr_method_family sr_operation_methods;
extern const struct sr_method_family sr_fixity_methods;
extern const struct sr_method_family sr_stat_methods, sr_warn_methods;
extern const struct sr_method_family sr_review_methods, sr_review_record_methods, sr_review_finding_methods;
extern const struct sr_method_family sr_vault_methods;
