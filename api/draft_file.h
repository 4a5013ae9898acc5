/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a draft's file, for who gathers it and who inspects it: from the keeper's descriptor as they lie.
 */
#pragma once

#include "api/request.h"

/* GET and HEAD /api/v1/drafts/{draft}/file?path=…, with one range. */
void sr_draft_file_run(struct sr_request *request);
