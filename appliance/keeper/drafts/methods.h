/* SPDX-License-Identifier: Apache-2.0 */
/* The commands about drafts and uploads: a family a file, whose table stands at its end. */
#pragma once

#include "appliance/keeper/core/method.h"

extern const struct sr_method_family sr_draft_file_methods;
extern const struct sr_method_family sr_draft_flow_methods;
extern const struct sr_method_family sr_draft_methods;
extern const struct sr_method_family sr_upload_methods;
