/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api_main.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "api/certificate.h"
#include "api/pages_pdf.h"
#include "api/server.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/base/secret.h"
#include "appliance/keeper/process/front.h"
#include "appliance/keeper/process/sandbox.h"
#include "appliance/keeper/wire/wire_memory.h"

#define LOOPS 2u
#define CONNECTIONS 8192u
#define OF_ADDRESS 1024u
#define CALLS_MIN 16u
#define DESCRIPTORS 32768u

static struct sr_front *serving; /* for the signal handler */

static void stop(int signal)
{
	(void)signal;
	if (serving)
		sr_front_stop(serving);
}

static enum sr_status ask(void *context, const struct sr_client_request *request, json_t **reply,
                          struct sr_descriptors *got, char *refusal, struct sr_err *err)
{
	return sr_front_ask(context, request, reply, got, refusal, err);
}

static void ask_many(void *context, const struct sr_client_request *requests, size_t count,
                     sr_front_on_answer *on_answer, void *taker)
{
	sr_front_ask_many(context, requests, count, on_answer, taker);
}

static void on_push(void *context, const char *method, const json_t *parameters)
{
	struct sr_service *service = context;

	sr_openings_pushed(service->openings, method, parameters);
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = stop };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

static bool is_yes(const struct sr_front *front, const char *key)
{
	return strcmp(sr_front_config(front, key), "yes") == 0;
}

/*
 * Each thread that may ask the keeper has a socket for itself, so that none waits for another's: jobs, those
 * who look after open members, the one that asks for many, event loops that ask before an upload's bytes, and
 * the rest for requests.
 */
static enum sr_status share_calls(const struct sr_front *front, struct sr_server_options *options,
                                  struct sr_err *err)
{
	uint64_t calls;

	SR_TRY(sr_json_need_u64(sr_front_options(front), "calls", SR_FRONT_CALLS_MAX, &calls, err));
	if (calls < CALLS_MIN)
		return sr_fail(err, SR_INVALID, "the supervisor left only %u sockets to the keeper",
		               (unsigned)calls);
	const unsigned left = (unsigned)calls - SR_JOB_THREADS - LOOPS - 2;
	options->slow = left / 2;
	options->quick = left - options->slow;
	return SR_OK;
}

static enum sr_status serve(struct sr_front *front, struct sr_err *err)
{
	SR_CLEANUP(sr_certificate_dispose) struct sr_certificate certificate = { 0 };
	SR_CLEANUP(sr_service_closep) struct sr_service *service = NULL;
	const struct sr_keeper_link link = { .ask = ask, .context = front, .ask_many = ask_many };
	struct sr_server_options options = { .loops = LOOPS,
		                             .connections = CONNECTIONS,
		                             .of_address = OF_ADDRESS,
		                             .access_lines = is_yes(front, "api.access_lines") };
	struct sr_server *server = NULL;

	SR_TRY(share_calls(front, &options, err));
	SR_TRY(sr_certificate_load(front, &certificate, err));
	SR_TRY(sr_certificate_texts(&certificate, &options.certificate, &options.private_key, err));
	options.listen_fd = sr_front_take_descriptor(front, "listen");
	if (options.listen_fd < 0)
		return sr_fail(err, SR_INVALID, "the supervisor left no socket to listen on");
	SR_TRY(sr_pages_pdf_read(err));
	SR_TRY(sr_sandbox_clients(err));
	SR_TRY(sr_service_open(&link, &service, err));
	service->metrics_everywhere = is_yes(front, "api.metrics_everywhere");
	SR_TRY(sr_server_start(&options, service, &server, err));
	sr_log(SR_LOG_NOTICE, "https is served at https://%s",
	       sr_json_text(sr_front_options(front), "listen"));
	const enum sr_status status = sr_front_listen(front, on_push, service, err);
	sr_server_stop(server);
	return status;
}

enum sr_status sr_api_main(struct sr_err *err)
{
	SR_CLEANUP(sr_front_closep) struct sr_front *front = NULL;

	(void)prctl(PR_SET_NAME, "strongroom-api");
	SR_TRY(sr_secret_harden_process(err));
	sr_wire_memory_wipe_json();
	sr_fd_raise_limit(DESCRIPTORS);
	SR_TRY(sr_front_open(&front, err));
	serving = front;
	catch_signals();
	const enum sr_status status = serve(front, err);
	serving = NULL;
	return status;
}
