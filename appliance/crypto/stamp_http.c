/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/stamp_http.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/limits.h"

#define TIMEOUT_MS 30000
#define REDIRECTS_MAX 3

static long timeout_ms = TIMEOUT_MS;
static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

void sr_stamp_http_set_timeout(long new_timeout_ms)
{
	timeout_ms = new_timeout_ms;
}

static void curl_freep(CURL **curl)
{
	curl_easy_cleanup(*curl);
}

static void headers_freep(struct curl_slist **headers)
{
	curl_slist_free_all(*headers);
}

static void init_curl(void)
{
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct sink {
	struct sr_buf *reply;
	size_t left; /* bytes that may still come */
	enum sr_status status;
	struct sr_err *err;
};

/* libcurl stops the transfer when fewer bytes are taken than there are. */
static size_t take_body(char *data, size_t one, size_t size, void *context)
{
	struct sink *sink = context;

	(void)one;
	if (size > sink->left)
		sink->status = sr_fail(sink->err, SR_BUSY, "the answer has more than %u bytes",
		                       SR_LIMIT_STAMP_REPLY_BYTES);
	else
		sink->status = sr_buf_add(sink->reply, data, size, sink->err);
	if (sink->status != SR_OK)
		return 0;
	sink->left -= size;
	return size;
}

static CURLcode set_limits(CURL *curl, const char *url)
{
	bool secure = strncasecmp(url, "https:", 6) == 0;
	CURLcode code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");

	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* not even from the environment */
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
	curl_easy_setopt(curl, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
	return code;
}

static CURLcode set_transfer(CURL *curl, const char *url, struct sr_bytes query, struct sink *sink)
{
	CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, url);

	curl_easy_setopt(curl, CURLOPT_POST, 1L);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, (const char *)query.data);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)query.size);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, sink);
	return code;
}

static enum sr_status perform(CURL *curl, const char *url, struct sink *sink, struct sr_err *err)
{
	long http = 0;
	CURLcode code = curl_easy_perform(curl);

	if (sink->status != SR_OK)
		return sr_fail_in(err, sink->status, "time stamp authority %s: ", url);
	if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT)
		return sr_fail(err, SR_INVALID, "time stamp authority '%s': only http and https URLs work",
		               url);
	if (code == CURLE_OUT_OF_MEMORY)
		return sr_fail(err, SR_NO_MEMORY, "no memory to ask the time stamp authority");
	if (code != CURLE_OK)
		return sr_fail(err, SR_BUSY, "time stamp authority %s: %s", url, curl_easy_strerror(code));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http);
	if (http != 200)
		return sr_fail(err, SR_BUSY, "time stamp authority %s: HTTP status %ld", url, http);
	return SR_OK;
}

enum sr_status sr_stamp_http_post(const char *url, struct sr_bytes query, struct sr_buf *reply,
                                  struct sr_err *err)
{
	(void)pthread_once(&curl_once, init_curl);
	SR_CLEANUP(curl_freep) CURL *curl = curl_easy_init();
	SR_CLEANUP(headers_freep)
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/timestamp-query");
	struct sink sink = {
		.reply = reply, .left = SR_LIMIT_STAMP_REPLY_BYTES, .status = SR_OK, .err = err
	};

	if (!curl || !headers)
		return sr_fail(err, SR_NO_MEMORY, "no memory to ask the time stamp authority");
	if (set_limits(curl, url) != CURLE_OK || set_transfer(curl, url, query, &sink) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK)
		return sr_fail(err, SR_IO, "libcurl lacks what time stamps need");
	return perform(curl, url, &sink, err);
}
