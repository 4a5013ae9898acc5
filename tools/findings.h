/* SPDX-License-Identifier: Apache-2.0 */
/* Findings for people. */
#pragma once

#include <jansson.h>
#include <stdio.h>

/* Print the `check` object: one block a finding, worst first, Chinese before English, then a line with the
 * counts. */
void sr_findings_print(const json_t *check);
