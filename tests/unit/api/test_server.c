/* SPDX-License-Identifier: Apache-2.0 */
/* The carrier: TLS, keep-alive, many callers at once, streams that end badly, the stop. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/certificate.h"
#include "api/server.h"
#include "appliance/base/cleanup.h"
#include "tests/unit/api/stand_in.h"
#include "tests/unit/folder.h"

#define CALLERS 8
#define CALLS 25

/* As stand_in_ask, for several threads: it answers and remembers nothing. */
static enum sr_status answer(void *context, const struct sr_client_request *request, json_t **reply,
                             struct sr_descriptors *got, char *refusal, struct sr_err *err)
{
	(void)got;
	atomic_fetch_add((atomic_uint *)context, 1);
	if (strcmp(request->method, "RevokeGrant") == 0) {
		snprintf(refusal, SR_MESSAGE_NAME_BYTES, "org.strongroom.NotYourRole");
		return sr_fail(err, SR_DENIED, "not for your role");
	}
	if (strcmp(request->method, "ShowCase") == 0)
		usleep(300000);
	if (reply)
		*reply = json_pack("{s:s,s:s}", "user", "li", "csrf", STAND_IN_CSRF);
	return SR_OK;
}

struct room {
	struct test_folder folder;
	struct sr_certificate certificate;
	struct sr_service *service;
	struct sr_server *server;
	atomic_uint asked;
	char url[64];
};

static int listen_anywhere(unsigned *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static void open_room(struct room *room)
{
	const struct sr_keeper_link link = { .ask = answer, .context = &room->asked };
	struct sr_server_options options = {
		.loops = 2, .quick = 4, .slow = 2, .connections = 256, .of_address = 128
	};
	struct sr_err err;
	unsigned port;

	*room = (struct room){ 0 };
	test_folder_open(&room->folder);
	assert_ok(sr_certificate_own(room->folder.fd, "127.0.0.1:8443", &room->certificate, &err));
	assert_ok(sr_certificate_texts(&room->certificate, &options.certificate, &options.private_key, &err));
	assert_ok(sr_service_open(&link, &room->service, &err));
	options.listen_fd = listen_anywhere(&port);
	assert_ok(sr_server_start(&options, room->service, &room->server, &err));
	snprintf(room->url, sizeof(room->url), "https://127.0.0.1:%u", port);
}

static void close_room(struct room *room)
{
	sr_server_stop(room->server);
	sr_service_close(room->service);
	sr_certificate_dispose(&room->certificate);
	test_folder_close(&room->folder);
}

static size_t drop(char *data, size_t size, size_t count, void *context)
{
	(void)data;
	*(size_t *)context += size * count;
	return size * count;
}

static CURL *caller_of(const struct room *room, size_t *bytes)
{
	CURL *curl = curl_easy_init();
	char file[128];

	snprintf(file, sizeof(file), "%s/" SR_CERTIFICATE_FILE, room->folder.path);
	curl_easy_setopt(curl, CURLOPT_CAINFO, file);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 120L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, bytes);
	return curl;
}

/* The status, or 0 when the connection broke. */
static long get(CURL *curl, const struct room *room, const char *path)
{
	char url[256];
	long status = 0;

	snprintf(url, sizeof(url), "%s%s", room->url, path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static void the_certificate_is_made_once_and_names_the_machine(void **state)
{
	SR_CLEANUP(sr_certificate_dispose) struct sr_certificate again = { 0 };
	struct room room;
	struct sr_err err;
	size_t bytes = 0;

	(void)state;
	open_room(&room);
	CURL *curl = caller_of(&room, &bytes); /* verifies the name and the chain */
	assert_int_equal(get(curl, &room, "/health"), 200);
	curl_easy_cleanup(curl);
	assert_ok(sr_certificate_own(room.folder.fd, "127.0.0.1:8443", &again, &err));
	assert_int_equal(again.chain.size, room.certificate.chain.size);
	assert_memory_equal(again.chain.data, room.certificate.chain.data, again.chain.size);
	close_room(&room);
}

struct crowd {
	const struct room *room;
	atomic_uint good;
};

static void *one_of_many(void *context)
{
	struct crowd *crowd = context;
	struct curl_slist *headers = curl_slist_append(NULL, "Authorization: Bearer tok");
	size_t bytes = 0;
	CURL *curl = caller_of(crowd->room, &bytes);

	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	for (int i = 0; i < CALLS; i++) {
		const bool good = get(curl, crowd->room, "/api/v1/session") == 200 &&
		                  get(curl, crowd->room, "/health") == 200 &&
		                  get(curl, crowd->room, "/nothing") == 404;

		atomic_fetch_add(&crowd->good, good);
	}
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	return NULL;
}

static void many_callers_are_served_side_by_side(void **state)
{
	pthread_t threads[CALLERS];
	struct room room;

	(void)state;
	open_room(&room);
	struct crowd crowd = { .room = &room };
	for (size_t i = 0; i < CALLERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, one_of_many, &crowd), 0);
	for (size_t i = 0; i < CALLERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&crowd.good), CALLERS * CALLS);
	assert_int_equal(atomic_load(&room.asked), CALLERS * CALLS);
	close_room(&room);
}

/* Begins a job and waits for its end. */
static void run_job(struct room *room)
{
	static const char *const headers[] = { "Authorization", "Bearer tok", NULL };
	struct sr_request *begun =
		stand_in_send(room->service, "POST", "/api/v1/ledger/verification", headers, NULL, 0);
	const char *address = sr_answer_value(&begun->answer, "Location");
	bool done = false;

	assert_int_equal(begun->answer.status, 202);
	while (!done) {
		struct sr_request *asked = stand_in_send(room->service, "GET", address, headers, NULL, 0);

		assert_int_equal(asked->answer.status, 200);
		done = memmem(asked->answer.body.data, asked->answer.body.size, "\"state\":\"done\"", 14);
		sr_request_free(asked);
		usleep(100);
	}
	sr_request_free(begun);
}

/* They are kept for an hour, and as many are begun in less. */
static void jobs_that_ended_make_room_for_others(void **state)
{
	struct room room;

	(void)state;
	open_room(&room);
	for (unsigned i = 0; i < SR_JOBS_MAX + 20; i++)
		run_job(&room);
	close_room(&room);
}

static void *stop_soon(void *context)
{
	struct room *room = context;

	while (atomic_load(&room->asked) == 0)
		usleep(1000);
	sr_server_stop(room->server);
	return NULL;
}

static void what_is_under_way_is_answered_at_a_stop(void **state)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Authorization: Bearer tok");
	size_t bytes = 0;
	struct room room;
	pthread_t stopper;

	(void)state;
	open_room(&room);
	CURL *curl = caller_of(&room, &bytes);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	assert_int_equal(pthread_create(&stopper, NULL, stop_soon, &room), 0);
	assert_int_equal(get(curl, &room, "/api/v1/cases/01a20130-b571-79d7-accd-3f1b3f9b6675"), 200);
	pthread_join(stopper, NULL);
	assert_int_equal(get(curl, &room, "/health"), 0); /* nobody listens */
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	room.server = NULL;
	close_room(&room);
}

static void a_key_of_another_certificate_does_not_start(void **state)
{
	SR_CLEANUP(sr_certificate_dispose) struct sr_certificate other = { 0 };
	struct sr_server_options options = {
		.loops = 1, .quick = 1, .slow = 1, .connections = 8, .of_address = 8
	};
	struct sr_server *server = NULL;
	struct test_folder folder;
	struct room room;
	const char *ignored;
	struct sr_err err;
	unsigned port;

	(void)state;
	open_room(&room);
	test_folder_open(&folder);
	assert_ok(sr_certificate_own(folder.fd, "127.0.0.1:1", &other, &err));
	assert_ok(sr_certificate_texts(&room.certificate, &options.certificate, &ignored, &err));
	assert_ok(sr_certificate_texts(&other, &ignored, &options.private_key, &err));
	options.listen_fd = listen_anywhere(&port);
	assert_int_equal(sr_server_start(&options, room.service, &server, &err), SR_INVALID);
	test_folder_close(&folder);
	close_room(&room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_certificate_is_made_once_and_names_the_machine),
		cmocka_unit_test(many_callers_are_served_side_by_side),
		cmocka_unit_test(jobs_that_ended_make_room_for_others),
		cmocka_unit_test(what_is_under_way_is_answered_at_a_stop),
		cmocka_unit_test(a_key_of_another_certificate_does_not_start),
	};
	curl_global_init(CURL_GLOBAL_DEFAULT);
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return failed;
}
