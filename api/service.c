/* SPDX-License-Identifier: Apache-2.0 */
#include "api/service.h"

#include <stdlib.h>

#include "api/openapi.h"
#include "appliance/base/cleanup.h"

enum sr_status sr_service_open(const struct sr_keeper_link *link, struct sr_service **out, struct sr_err *err)
{
	SR_CLEANUP(sr_service_closep) struct sr_service *service = calloc(1, sizeof(*service));

	if (!service)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the server");
	service->link = *link;
	SR_TRY(sr_openapi_make(&service->openapi, err));
	SR_TRY(sr_metrics_new(&service->metrics, err));
	SR_TRY(sr_upload_locks_new(&service->upload_locks, err));
	SR_TRY(sr_openings_new(link, &service->openings, err));
	SR_TRY(sr_jobs_new(link, &service->jobs, err));
	*out = SR_MOVE(service);
	return SR_OK;
}

void sr_service_close(struct sr_service *service)
{
	if (!service)
		return;
	sr_jobs_free(service->jobs);
	sr_openings_free(service->openings);
	sr_upload_locks_free(service->upload_locks);
	sr_metrics_free(service->metrics);
	sr_buf_dispose(&service->openapi);
	free(service);
}
