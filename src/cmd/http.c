#include "cmd/http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX ((size_t)256 * 1024)
#define HEAD_MAX ((size_t)64 * 1024)
#define CONNECT_SECONDS 10L
#define ANSWER_SECONDS 30L

struct http {
	CURL *curl;
	struct http_options options;
};

/* ---- what libcurl calls ---- */

static size_t
take_head(char *line, size_t one, size_t len, void *ctx)
{
	struct http_answer *answer = ctx;
	struct slice text = slice_trim((struct slice){ line, one * len });

	/* Each status line begins anew: what stood before it was 100 Continue. */
	if (slice_starts(text, SLICE("HTTP/")))
		buf_clear(&answer->head);
	while (text.len && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r'))
		text.len--;
	if (memchr(text.ptr, ':', text.len) == NULL || answer->head.len + text.len >= HEAD_MAX)
		return one * len;
	buf_put(&answer->head, text);
	buf_putc(&answer->head, '\n');
	return one * len;
}

static size_t
take_body(char *bytes, size_t one, size_t len, void *ctx)
{
	struct http_answer *answer = ctx;
	size_t room = BODY_MAX - answer->body.len;

	buf_append(&answer->body, bytes, len < room ? len : room);
	return one * len;
}

static size_t
give_body(char *out, size_t one, size_t cap, void *ctx)
{
	struct slice *rest = ctx;
	size_t len = rest->len < one * cap ? rest->len : one * cap;

	if (len)
		memcpy(out, rest->ptr, len);
	*rest = slice_skip(*rest, len);
	return len;
}

static int
look_whether_stopped(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct http *http = ctx;

	(void)a, (void)b, (void)c, (void)d;
	return http->options.stopped && http->options.stopped();
}

/* ---- the client ---- */

/* For every request alike; false if this libcurl lacks one of them. */
static bool
set_up(struct http *http)
{
	CURL *curl = http->curl;
	struct curl_blob authorities = { (void *)(uintptr_t)http->options.authorities.ptr, http->options.authorities.len,
		CURL_BLOB_NOCOPY };
	long checked = http->options.any_certificate ? 0 : 1;
	bool good = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_TIMEOUT, ANSWER_SECONDS) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, checked) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2 * checked) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_USERAGENT, "pintle-doctor/" PACKAGE_VERSION) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_whether_stopped) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, http) == CURLE_OK;

	return good && (authorities.len == 0 || curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &authorities) == CURLE_OK);
}

struct http *
http_new(const struct http_options *options)
{
	struct http *http = calloc(1, sizeof(*http));

	if (http == NULL)
		return NULL;
	http->options = *options;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		goto free;
	http->curl = curl_easy_init();
	if (http->curl && set_up(http))
		return http;
	curl_easy_cleanup(http->curl);
	curl_global_cleanup();
free:
	free(http);
	return NULL;
}

void
http_free(struct http *http)
{
	if (http == NULL)
		return;
	curl_easy_cleanup(http->curl);
	curl_global_cleanup();
	free(http);
}

/* ---- one request ---- */

static enum http_outcome
outcome_of(CURLcode code)
{
	if (code == CURLE_OK)
		return HTTP_ANSWERED;
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return HTTP_STOPPED;
	if (code == CURLE_COULDNT_RESOLVE_HOST)
		return HTTP_NO_HOST;
	if (code == CURLE_COULDNT_CONNECT || code == CURLE_OPERATION_TIMEDOUT)
		return HTTP_NO_SERVER;
	if (code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR)
		return HTTP_UNTRUSTED;
	return HTTP_BROKEN;
}

/* Adds a line; if memory runs out nothing is left of the list. */
static struct curl_slist *
add_line(struct curl_slist *list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(list, line);

	if (longer == NULL)
		curl_slist_free_all(list);
	return longer;
}

/* The header lines; NULL if memory ran out. What libcurl would say of its own accord about a body is left out. */
static struct curl_slist *
header_lines(const struct http_request *request)
{
	struct curl_slist *list = add_line(NULL, "Expect:");

	if (list)
		list = add_line(list, "Content-Type:");
	if (list && request->chunked)
		list = add_line(list, "Transfer-Encoding: chunked");
	for (size_t i = 0; list && i < HTTP_LINES && request->lines[i]; i++)
		list = add_line(list, request->lines[i]);
	return list;
}

static void
aim(CURL *curl, const char *url, const struct http_request *request, struct slice *body)
{
	bool has_body = request->body.ptr != NULL;
	bool post = request->method && strcmp(request->method, "POST") == 0;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
	if (has_body || post) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(request->chunked ? -1 : (curl_off_t)body->len));
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
		curl_easy_setopt(curl, CURLOPT_READDATA, body);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

void
http_ask(struct http *http, const char *url, const struct http_request *request, struct http_answer *answer)
{
	struct curl_slist *lines = header_lines(request);
	struct slice body = request->body;
	const char *address = NULL;
	long status = 0;

	http_answer_free(answer);
	*answer = (struct http_answer){ .asked_ms = clock_now().wall_ms };
	aim(http->curl, url, request, &body);
	curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, lines);
	curl_easy_setopt(http->curl, CURLOPT_HEADERDATA, answer);
	curl_easy_setopt(http->curl, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(http->curl, CURLOPT_ERRORBUFFER, answer->problem);

	CURLcode code = lines ? curl_easy_perform(http->curl) : CURLE_OUT_OF_MEMORY;

	answer->came_ms = clock_now().wall_ms;
	answer->outcome = outcome_of(code);
	if (code != CURLE_OK && answer->problem[0] == '\0')
		snprintf(answer->problem, sizeof(answer->problem), "%s", curl_easy_strerror(code));
	curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
	answer->status = (int)status;
	if (curl_easy_getinfo(http->curl, CURLINFO_LOCAL_IP, &address) == CURLE_OK && address)
		slice_copy(slice_of(address), answer->own_address, sizeof(answer->own_address));
	curl_easy_setopt(http->curl, CURLOPT_ERRORBUFFER, NULL);
	curl_slist_free_all(lines);
}

void
http_answer_free(struct http_answer *answer)
{
	buf_free(&answer->head);
	buf_free(&answer->body);
	*answer = (struct http_answer){ 0 };
}
