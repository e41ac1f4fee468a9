#include "cmd/doctor/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

	/* Each status line starts afresh: what came before it was 100 Continue. */
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

/* Options for every request; false if this libcurl lacks one of them. */
static bool
set_up(struct http *http)
{
	CURL *curl = http->curl;
	struct curl_blob authorities = { (void *)(uintptr_t)http->options.authorities.ptr,
	    http->options.authorities.len,
		CURL_BLOB_NOCOPY };
	long checked = http->options.any_certificate ? 0 : 1;
	bool good = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_CERTINFO, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_TIMEOUT, ANSWER_SECONDS) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, checked) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2 * checked) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_USERAGENT,
	    "pintle-doctor/" PACKAGE_VERSION) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_whether_stopped) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, http) == CURLE_OK;

	return good && (authorities.len == 0 ||
	    curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &authorities) == CURLE_OK);
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

/* ---- addresses ---- */

static bool
has_address(const struct http_addresses *addresses, const char *text)
{
	for (size_t i = 0; i < addresses->count; i++)
		if (strcmp(addresses->text[i], text) == 0)
			return true;
	return false;
}

static void
add_address(const struct addrinfo *found, struct http_addresses *out)
{
	const void *bytes = NULL;
	char text[INET6_ADDRSTRLEN];

	if (found->ai_family == AF_INET)
		bytes = &((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_addr;
	else if (found->ai_family == AF_INET6)
		bytes = &((const struct sockaddr_in6 *)(const void *)found->ai_addr)->sin6_addr;
	if (bytes && out->count < HTTP_ADDRESSES &&
	    inet_ntop(found->ai_family, bytes, text, sizeof(text)) && !has_address(out, text))
		slice_copy(slice_of(text), out->text[out->count++], ADDRESS_SIZE);
}

void
http_look_up(struct slice host, struct http_addresses *out)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	char name[256];

	out->count = 0;
	if (host.len > 2 && host.ptr[0] == '[')
		host = (struct slice){ host.ptr + 1, host.len - 2 };
	if (!slice_copy(host, name, sizeof(name)) || getaddrinfo(name, NULL, &hints, &found) != 0)
		return;
	for (const struct addrinfo *one = found; one; one = one->ai_next)
		add_address(one, out);
	freeaddrinfo(found);
}

/* Directs every host to that address; NULL if there is none, or memory ran out. */
static struct curl_slist *
lead_to(const char *address)
{
	char line[ADDRESS_SIZE + 8];

	if (address == NULL)
		return NULL;
	snprintf(line, sizeof(line), strchr(address, ':') ? "::[%s]:" : "::%s:", address);
	return curl_slist_append(NULL, line);
}

/* ---- one request ---- */

/*
 * Not read by libcurl, whose time_t may be narrower than ours. It writes a date as the library
 * below it does: OpenSSL, or GnuTLS.
 */
static int64_t
time_of(const char *line, const char *name)
{
	static const char *const forms[] = { "%b %d %H:%M:%S %Y", "%Y-%m-%d %H:%M:%S" };
	size_t len = strlen(name);

	for (size_t i = 0; strncmp(line, name, len) == 0 && i < 2; i++) {
		struct tm tm = { 0 };
		time_t at = strptime(line + len, forms[i], &tm) ? timegm(&tm) : 0;

		if (at > 0)
			return (int64_t)at * 1000;
	}
	return 0;
}

/* From the server's own certificate, which is the first in its chain. */
static void
take_certificate(CURL *curl, struct http_answer *answer)
{
	struct curl_certinfo *chain = NULL;

	if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == NULL ||
	    chain->num_of_certs < 1)
		return;
	for (const struct curl_slist *line = chain->certinfo[0]; line; line = line->next) {
		int64_t from = time_of(line->data, "Start date:"),
		    ends = time_of(line->data, "Expire date:");

		if (from)
			answer->certificate_from_ms = from;
		if (ends)
			answer->certificate_ends_ms = ends;
	}
}

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
	if (code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
	    code == CURLE_SSL_ISSUER_ERROR)
		return HTTP_UNTRUSTED;
	return HTTP_BROKEN;
}

/* Adds a line; if memory runs out the list is freed. */
static struct curl_slist *
add_line(struct curl_slist *list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(list, line);

	if (longer == NULL)
		curl_slist_free_all(list);
	return longer;
}

/*
 * The header lines; NULL if memory ran out. Headers that libcurl would add itself for a body are
 * suppressed.
 */
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
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)(request->chunked ? -1 : (curl_off_t)body->len));
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
		curl_easy_setopt(curl, CURLOPT_READDATA, body);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

void
http_ask(struct http *http, const char *url, const struct http_request *request,
    struct http_answer *answer)
{
	struct curl_slist *lines = header_lines(request);
	struct slice body = request->body;
	const char *address = request->address ? request->address : http->options.address;
	struct curl_slist *way = lead_to(address);
	long status = 0;

	http_answer_free(answer);
	*answer = (struct http_answer){ .asked_ms = clock_now().wall_ms };
	aim(http->curl, url, request, &body);
	curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, lines);
	curl_easy_setopt(http->curl, CURLOPT_HEADERDATA, answer);
	curl_easy_setopt(http->curl, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(http->curl, CURLOPT_ERRORBUFFER, answer->problem);
	curl_easy_setopt(http->curl, CURLOPT_CONNECT_TO, way);

	CURLcode code = lines && (way || address == NULL) ?
	    curl_easy_perform(http->curl) : CURLE_OUT_OF_MEMORY;

	answer->came_ms = clock_now().wall_ms;
	answer->outcome = outcome_of(code);
	if (code != CURLE_OK && answer->problem[0] == '\0')
		snprintf(answer->problem, sizeof(answer->problem), "%s", curl_easy_strerror(code));
	curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
	answer->status = (int)status;
	take_certificate(http->curl, answer);
	address = NULL;
	if (curl_easy_getinfo(http->curl, CURLINFO_LOCAL_IP, &address) == CURLE_OK && address)
		slice_copy(slice_of(address), answer->own_address, sizeof(answer->own_address));
	curl_easy_setopt(http->curl, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(http->curl, CURLOPT_CONNECT_TO, NULL);
	curl_slist_free_all(lines);
	curl_slist_free_all(way);
}

void
http_answer_free(struct http_answer *answer)
{
	buf_free(&answer->head);
	buf_free(&answer->body);
	*answer = (struct http_answer){ 0 };
}
