/* SPDX-License-Identifier: Apache-2.0 */
#include "api/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "api/route.h"

#define CLASSES 4u /* 2xx to 5xx */
#define ROUTES_MAX 256u

struct counts {
	atomic_uint_fast64_t answers[CLASSES];
	atomic_uint_fast64_t took_ns, bytes_out;
};

struct sr_metrics {
	struct counts routes[ROUTES_MAX + 1]; /* the last: of no route */
	atomic_uint_fast64_t connections_total, cut;
	atomic_int_fast64_t connections;
};

enum sr_status sr_metrics_new(struct sr_metrics **out, struct sr_err *err)
{
	struct sr_metrics *metrics = calloc(1, sizeof(*metrics));

	if (!metrics)
		return sr_fail(err, SR_NO_MEMORY, "no memory for metrics");
	*out = metrics;
	return SR_OK;
}

void sr_metrics_free(struct sr_metrics *metrics)
{
	free(metrics);
}

void sr_metrics_request(struct sr_metrics *metrics, const struct sr_route *route, unsigned status,
                        int64_t took_ns, uint64_t bytes_out)
{
	const size_t index = route ? sr_route_index(route) : ROUTES_MAX;
	struct counts *counts = &metrics->routes[index < ROUTES_MAX ? index : ROUTES_MAX];

	if (status >= 200 && status < 600)
		atomic_fetch_add_explicit(&counts->answers[status / 100 - 2], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&counts->took_ns, (uint_fast64_t)took_ns, memory_order_relaxed);
	atomic_fetch_add_explicit(&counts->bytes_out, bytes_out, memory_order_relaxed);
}

void sr_metrics_connection(struct sr_metrics *metrics, int change)
{
	atomic_fetch_add(&metrics->connections, change);
	if (change > 0)
		atomic_fetch_add(&metrics->connections_total, (uint_fast64_t)change);
}

void sr_metrics_cut(struct sr_metrics *metrics)
{
	atomic_fetch_add(&metrics->cut, 1);
}

static uint64_t answers_of(const struct counts *counts)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < CLASSES; i++)
		sum += atomic_load(&counts->answers[i]);
	return sum;
}

/* One line a route and class of status, of those that were asked for at all. */
static enum sr_status write_answers(const struct counts *counts, const char *method, const char *path,
                                    struct sr_buf *out, struct sr_err *err)
{
	for (size_t i = 0; i < CLASSES; i++) {
		const uint64_t count = atomic_load(&counts->answers[i]);

		if (count > 0)
			SR_TRY(sr_buf_printf(out, err,
			                     "strongroom_http_requests_total{method=\"%s\",route=\"%s\","
			                     "status=\"%zuxx\"} %" PRIu64 "\n",
			                     method, path, i + 2, count));
	}
	return SR_OK;
}

static enum sr_status write_sums(const struct counts *counts, const char *method, const char *path,
                                 struct sr_buf *out, struct sr_err *err)
{
	if (answers_of(counts) == 0)
		return SR_OK;
	return sr_buf_printf(
		out, err,
		"strongroom_http_request_seconds_sum{method=\"%s\",route=\"%s\"} %.6f\n"
		"strongroom_http_request_seconds_count{method=\"%s\",route=\"%s\"} %" PRIu64 "\n",
		method, path, (double)atomic_load(&counts->took_ns) / 1e9, method, path, answers_of(counts));
}

static enum sr_status each_route(struct sr_metrics *metrics,
                                 enum sr_status (*write)(const struct counts *counts, const char *method,
                                                         const char *path, struct sr_buf *out,
                                                         struct sr_err *err),
                                 struct sr_buf *out, struct sr_err *err)
{
	const struct sr_route *route;

	for (size_t i = 0; i < ROUTES_MAX && (route = sr_route_at(i)); i++)
		SR_TRY(write(&metrics->routes[i], route->method, route->path, out, err));
	return write(&metrics->routes[ROUTES_MAX], "", "", out, err);
}

enum sr_status sr_metrics_write(struct sr_metrics *metrics, size_t open_members, struct sr_buf *out,
                                struct sr_err *err)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i <= ROUTES_MAX; i++)
		bytes += atomic_load(&metrics->routes[i].bytes_out);
	SR_TRY(sr_buf_add_text(out, "# TYPE strongroom_http_requests_total counter\n", err));
	SR_TRY(each_route(metrics, write_answers, out, err));
	SR_TRY(sr_buf_add_text(out, "# TYPE strongroom_http_request_seconds summary\n", err));
	SR_TRY(each_route(metrics, write_sums, out, err));
	return sr_buf_printf(out, err,
	                     "# TYPE strongroom_http_sent_bytes_total counter\n"
	                     "strongroom_http_sent_bytes_total %" PRIu64 "\n"
	                     "# TYPE strongroom_http_connections gauge\n"
	                     "strongroom_http_connections %" PRId64 "\n"
	                     "# TYPE strongroom_http_connections_total counter\n"
	                     "strongroom_http_connections_total %" PRIu64 "\n"
	                     "# TYPE strongroom_http_connections_cut_total counter\n"
	                     "strongroom_http_connections_cut_total %" PRIu64 "\n"
	                     "# TYPE strongroom_http_open_members gauge\n"
	                     "strongroom_http_open_members %zu\n",
	                     bytes, (int64_t)atomic_load(&metrics->connections),
	                     (uint64_t)atomic_load(&metrics->connections_total),
	                     (uint64_t)atomic_load(&metrics->cut), open_members);
}
