/* SPDX-License-Identifier: Apache-2.0 */
/* Stamps of an outside authority, played by stamp-server.py on the loopback interface. */
#include "tests/unit/crypto/pki_lab.h"

#include <signal.h>
#include <sys/wait.h>

#include "appliance/crypto/stamp.h"
#include "appliance/crypto/stamp_http.h"

static const char data_text[] = "what is stamped";

static struct lab lab;
static struct folder folder;
static struct {
	pid_t pid;
	int keep_alive; /* it ends when this is closed */
	int port;
} server;

static void start_server(void)
{
	static const char folder_of_tests[] = __FILE__;
	char script[256], text[16] = "";
	int to[2], from[2];

	snprintf(script, sizeof(script), "%.*sstamp-server.py",
	         (int)(strrchr(folder_of_tests, '/') + 1 - folder_of_tests), folder_of_tests);
	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	server.pid = fork();
	if (server.pid == 0) {
		if (dup2(to[0], 0) == 0 && dup2(from[1], 1) == 1)
			execlp("python3", "python3", script, folder.path, (char *)NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	server.keep_alive = to[1];
	/* The port is printed in one write. */
	assert_true(read(from[0], text, sizeof(text) - 1) > 0);
	close(from[0]);
	server.port = atoi(text);
	assert_true(server.port > 0);
}

static int setup(void **state)
{
	struct sr_err err;

	(void)state;
	/* Nobody's proxy may come in between. */
	setenv("http_proxy", "http://127.0.0.1:9", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:9", 1);
	signal(SIGPIPE, SIG_IGN);
	lab_open(&lab);
	folder_open(&folder);
	assert_ok(sr_key_write(lab.stamp_key, folder.fd, "t.key", NULL, &err));
	folder_put_cert(&folder, "t.pem", lab.stamp);
	folder_put(&folder, "data", lab_bytes(data_text));
	folder_must(&folder,
	            "printf '%s\\n' '[tsa]' 'default_tsa=t' '[t]' 'serial=serial' 'default_policy=1.2.3' "
	            "'digests=sha256' 'signer_digest=sha256' 'ess_cert_id_alg=sha256' > tsa.conf && "
	            "echo 0A > serial");
	start_server();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(server.keep_alive);
	waitpid(server.pid, NULL, 0);
	folder_close(&folder);
	lab_close(&lab);
	return 0;
}

static enum sr_status ask(const char *scheme, const char *path, struct sr_buf *out, struct sr_err *err)
{
	char url[128];

	snprintf(url, sizeof(url), "%s://127.0.0.1:%d/%s", scheme, server.port, path);
	const struct sr_stamper stamper = { .url = url };
	return sr_stamp_make(&stamper, lab_bytes(data_text), LAB_NOW_NS, out, err);
}

static void good_answers_become_stamps(void **state)
{
	static const struct {
		const char *why, *path;
	} cases[] = {
		{ "plain", "good" },
		{ "with a text beside the status", "text" },
		{ "granted with modifications", "mods" },
		{ "after one redirect", "hop1" },
		{ "after three redirects", "hop3" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf response = { 0 };
		int64_t time_ns;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_ok(ask("http", cases[i].path, &response, &err));
		assert_ok(sr_stamp_verify(sr_buf_bytes(&response), lab_bytes(data_text), lab.roots, lab.chain,
		                          &time_ns, &err));
		/* openssl understands what is kept of the answer. */
		folder_put(&folder, "x.tsr", sr_buf_bytes(&response));
		folder_put_cert(&folder, "root.pem", lab.root);
		folder_must(&folder, "openssl ts -verify -data data -in x.tsr -CAfile root.pem");
	}
}

static void everything_else_is_refused_and_said(void **state)
{
	static const struct {
		const char *why, *path, *text;
	} cases[] = {
		{ "rejected", "reject", "rejected, Requested policy is not supported" },
		{ "waiting", "waiting", "waiting" },
		{ "another nonce", "nonce", "nonce" },
		{ "no nonce", "no-nonce", "nonce" },
		{ "another imprint", "imprint", "something else" },
		{ "a page of a captive portal", "garbage", "no time stamp" },
		{ "nothing", "empty", "no time stamp" },
		{ "a byte missing", "cut", "no time stamp" },
		{ "a byte behind", "behind", "no time stamp" },
		{ "our own query", "echo", "no time stamp" },
		{ "too large", "large", "65536 bytes" },
		{ "HTTP 404", "missing", "HTTP status 404" },
		{ "HTTP 500 with a good body", "error", "HTTP status 500" },
		{ "four redirects", "hop4", "redirect" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf response = { 0 };
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(ask("http", cases[i].path, &response, &err), SR_BUSY);
		print_message("%s\n", err.text);
		assert_non_null(strstr(err.text, cases[i].text));
		assert_int_equal(response.size, 0);
	}
}

static void only_http_and_https_are_spoken(void **state)
{
	static const char *const urls[] = {
		"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "", "http://",
		"scp://127.0.0.1/"
	};
	SR_CLEANUP(sr_buf_dispose) struct sr_buf response = { 0 };
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(urls); i++) {
		const struct sr_stamper stamper = { .url = urls[i] };

		assert_int_equal(sr_stamp_make(&stamper, lab_bytes("x"), LAB_NOW_NS, &response, &err),
		                 SR_INVALID);
	}
	/* Nor by way of a redirect. */
	assert_int_not_equal(ask("http", "file", &response, &err), SR_OK);
	assert_int_equal(response.size, 0);
}

static void an_authority_that_trickles_or_is_not_there_is_given_up(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf response = { 0 };
	const struct sr_stamper nobody = { .url = "http://127.0.0.1:1/" };
	struct sr_err err;

	(void)state;
	sr_stamp_http_set_timeout(300);
	assert_int_equal(ask("http", "slow", &response, &err), SR_BUSY);
	sr_stamp_http_set_timeout(30000);
	assert_int_equal(ask("https", "good", &response, &err), SR_BUSY); /* it speaks no TLS */
	assert_int_equal(sr_stamp_make(&nobody, lab_bytes("x"), LAB_NOW_NS, &response, &err), SR_BUSY);
	assert_int_equal(response.size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_answers_become_stamps),
		cmocka_unit_test(everything_else_is_refused_and_said),
		cmocka_unit_test(only_http_and_https_are_spoken),
		cmocka_unit_test(an_authority_that_trickles_or_is_not_there_is_given_up),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
