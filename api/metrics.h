/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for Prometheus (text format 0.0.4).  Thread-safe. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

struct sr_metrics;
struct sr_route;

SR_CHECKED enum sr_status sr_metrics_new(struct sr_metrics **out, struct sr_err *err);
void sr_metrics_free(struct sr_metrics *metrics); /* NULL is allowed */

/* A request has ended; @route NULL: it had none. */
void sr_metrics_request(struct sr_metrics *metrics, const struct sr_route *route, unsigned status,
                        int64_t took_ns, uint64_t bytes_out);
/* Connections that came and went; those that our deadlines ended. */
void sr_metrics_connection(struct sr_metrics *metrics, int change);
void sr_metrics_cut(struct sr_metrics *metrics);

/* Append the document; @open_members is told beside it. */
SR_CHECKED enum sr_status sr_metrics_write(struct sr_metrics *metrics, size_t open_members,
                                           struct sr_buf *out, struct sr_err *err);
