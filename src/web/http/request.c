#include "web/http/request.h"

#include <stdatomic.h>
#include <string.h>

#include "base/log.h"
#include "base/tally.h"
#include "core/address.h"
#include "web/http/repeated.h"

static const struct {
	const char *name;
	enum method method;
} methods[] = {
	{ "GET", METHOD_GET },
	{ "HEAD", METHOD_GET },
	{ "POST", METHOD_POST },
	{ "PATCH", METHOD_PATCH },
	{ "DELETE", METHOD_DELETE },
	{ "OPTIONS", METHOD_OPTIONS },
};

static enum method
request_method(struct slice name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (slice_eq(name, slice_of(methods[i].name)))
			return methods[i].method;
	return METHOD_OTHER;
}

/*
 * A GET that asks for a WebSocket opens a channel in both directions, so it is not a safe request.
 */
static bool
request_upgrades(struct slice upgrade)
{
	struct slice protocol;

	while (upgrade.len) {
		slice_cut(upgrade, ',', &protocol, &upgrade);
		if (slice_eq_nocase(slice_trim(protocol), SLICE("websocket")))
			return true;
	}
	return false;
}

/*
 * The whole path is SCRIPT_NAME + PATH_INFO under every server, wherever it splits the two; if both
 * hold all of it, it is taken once.
 */
static struct slice
request_whole_path(struct request *request)
{
	struct slice script = request_param(request, "SCRIPT_NAME");
	struct slice info = request_param(request, "PATH_INFO");
	size_t cap = sizeof(request->path_text);

	if (slice_eq(script, info))
		info = (struct slice){ NULL, 0 };
	if (script.len >= cap || info.len >= cap - script.len)
		return (struct slice){ NULL, 0 };
	if (script.len)
		memcpy(request->path_text, script.ptr, script.len);
	if (info.len)
		memcpy(request->path_text + script.len, info.ptr, info.len);
	return (struct slice){ request->path_text, script.len + info.len };
}

static void
request_read_path(struct request *request)
{
	struct slice path = request_whole_path(request);
	struct slice mount = slice_of(request->app->settings->mount);
	struct slice below = slice_skip(path, mount.len);

	request->path = path;
	if (path.len == 0 || !slice_starts(path, mount) || (below.len && below.ptr[0] != '/'))
		return;
	request->below_mount = true;
	request->path = below.len ? below : SLICE("/");
}

/*
 * Counted, but logged only once: every request through that proxy has such a header, and only the
 * site knows the proxy.
 */
static void
request_tell_unread(const struct request *request, struct slice header)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;

	tally_add(TALLY_ADDRESS_UNREAD, 1);
	if (!atomic_flag_test_and_set(&told))
		LOG(LOG_LEVEL_WARNING, "address_unread", LOG_STR("address", request->address),
		    LOG_TEXT("x_forwarded_for", header),
		    LOG_STR("advice", "a proxy of this site sends something that is "
		    "not an address, so all its clients count as one; make it send addresses"));
}

static void
request_read_sender(struct request *request)
{
	const struct settings *settings = request->app->settings;
	struct address_facts hops = {
		.peer = request_param(request, "REMOTE_ADDR"),
		.forwarded = repeated_join(&request->params, "HTTP_X_FORWARDED_FOR", ", ",
		    &request->joined),
		.proxies = slice_of(settings->proxies),
	};
	struct origin_facts page = {
		.sec_fetch_site = request_param(request, "HTTP_SEC_FETCH_SITE"),
		.origin = request_param(request, "HTTP_ORIGIN"),
		.own = slice_of(settings->origins),
		.allowed = slice_of(settings->allowed_origins),
	};

	if (!address_decide(&hops, request->address))
		request_tell_unread(request, hops.forwarded);
	request->origin = page.origin;
	request->site = origin_decide(&page);
}

/*
 * Reads whole lists that decide something (RFC 9113, 8.2.3; RFC 9110, 5.3). Cookies come last,
 * since joining another list could move their memory.
 */
static void
request_read_lists(struct request *request)
{
	request->unsafe = (request->method != METHOD_GET && request->method != METHOD_OPTIONS) ||
	    request_upgrades(repeated_join(&request->params, "HTTP_UPGRADE", ", ",
	    &request->joined));
	request->cookies = repeated_join(&request->params, "HTTP_COOKIE", "; ", &request->joined);
	request->repeated = repeated_fault(&request->params, request->app->settings,
	    request->cookies);
}

enum pt_err
request_read(const struct web_app *app, const struct web_request *raw, struct request *out)
{
	struct slice method;

	memset(out, 0, sizeof(*out));
	out->app = app;
	out->raw = raw;
	params_index(&out->params, raw);
	method = request_param(out, "REQUEST_METHOD");
	out->keys = keyring_watch_hold(app->keys, raw->accepted.stamp);
	out->method = request_method(method);
	out->head = slice_eq(method, SLICE("HEAD"));
	out->query = request_param(out, "QUERY_STRING");
	request_read_path(out);
	request_read_sender(out);
	request_read_lists(out);
	enum pt_err err = random_bytes(&out->chance, sizeof(out->chance));

	if (err == PT_OK)
		random_id_of(out->chance.request_id, out->request_id);
	return err == PT_OK ? buf_status(&out->joined) : err;
}

void
request_release(struct request *request)
{
	keyring_watch_release(request->app->keys, request->keys);
	request->keys = NULL;
	buf_free(&request->joined);
}

struct slice
request_param(const struct request *request, const char *name)
{
	return params_get(&request->params, name);
}

struct store_caller
request_caller(const struct request *request)
{
	return (struct store_caller){
		.now = clock_now(),
		.address = slice_of(request->address),
		.user_agent = request_param(request, "HTTP_USER_AGENT"),
		.request_id = slice_of(request->request_id),
		.clock = clock_now,
		.accepted = request->raw->accepted.stamp,
	};
}
