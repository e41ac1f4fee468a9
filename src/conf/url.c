#include "conf/url.h"

#include <string.h>

static bool
is_one_of(char c, const char *set)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr(set, c));
}

static bool
is_dotted_number(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] != '.' && (text.ptr[i] < '0' || text.ptr[i] > '9'))
			return false;
	return true;
}

static bool
host_is_loopback(struct slice host)
{
	static const char localhost[] = ".localhost";
	size_t tail = sizeof(localhost) - 1;

	return slice_eq(host, SLICE("localhost")) || slice_eq(host, SLICE("[::1]")) ||
	    (slice_starts(host, SLICE("127.")) && is_dotted_number(host)) ||
	    (host.len > tail && slice_eq(slice_skip(host, host.len - tail), slice_of(localhost)));
}

/* The authority without its port; *port is empty if there is none. */
static struct slice
host_cut(struct slice authority, struct slice *port)
{
	struct slice host = authority;
	const char *bracket = authority.len && authority.ptr[0] == '[' ?
	    memchr(authority.ptr, ']', authority.len) : NULL;
	size_t at = bracket ? (size_t)(bracket - authority.ptr) + 1 : 0;

	while (at < authority.len && authority.ptr[at] != ':')
		at++;
	host.len = at;
	*port = slice_skip(authority, at);
	return host;
}

static const char *
host_problem(struct slice host)
{
	bool v6 = host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';

	if (host.len == 0)
		return "has no host";
	for (size_t i = 0; i < host.len; i++) {
		if (host.ptr[i] >= 'A' && host.ptr[i] <= 'Z')
			return "has capitals in its host; write it in lower case, as browsers send "
			    "it";
		if (!is_one_of(host.ptr[i], v6 ? "[]:." : ".-"))
			return "has a character that no host may have";
	}
	return NULL;
}

/* port begins with its colon, or is empty. */
static const char *
port_problem(struct slice port, bool insecure)
{
	uint64_t number;

	if (port.len == 0)
		return NULL;
	port = slice_skip(port, 1);
	if (!slice_to_u64(port, &number) || number == 0 || number > 65535 || port.ptr[0] == '0')
		return "has an impossible port";
	if (number == (insecure ? 80 : 443))
		return "names the default port; leave it out, as browsers do";
	return NULL;
}

static const char *
path_problem(struct slice path)
{
	if (path.len && path.ptr[path.len - 1] == '/')
		return "ends in a slash; leave it out";
	while (path.len) {
		struct slice segment, rest;

		slice_cut(slice_skip(path, 1), '/', &segment, &rest);
		if (segment.len == 0 || slice_eq(segment, SLICE(".")) ||
		    slice_eq(segment, SLICE("..")))
			return "has an empty, \".\" or \"..\" part in its path";
		for (size_t i = 0; i < segment.len; i++)
			if (!is_one_of(segment.ptr[i], "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~"))
				return "has a character in its path other than letters, digits and "
				    "- . _ ~";
		path = slice_skip(path, segment.len + 1);
	}
	return NULL;
}

const char *
url_parse(struct slice text, struct url *out)
{
	bool insecure = slice_starts(text, SLICE("http://"));

	if (!insecure && !slice_starts(text, SLICE("https://")))
		return "does not begin with https://";

	size_t scheme = insecure ? 7 : 8;
	struct slice authority, port;
	bool has_path = slice_cut(slice_skip(text, scheme), '/', &authority, &(struct slice){ 0 });
	struct url url = { .insecure = insecure };

	url.host = host_cut(authority, &port);
	url.origin = (struct slice){ text.ptr, scheme + authority.len };
	url.path = has_path ? slice_skip(text, url.origin.len) :
	    (struct slice){ text.ptr + text.len, 0 };

	const char *problem = host_problem(url.host);

	if (problem == NULL)
		problem = port_problem(port, insecure);
	if (problem == NULL)
		problem = path_problem(url.path);
	if (problem == NULL && insecure && !host_is_loopback(url.host))
		problem = "is not https; http is possible only on loopback";
	if (problem == NULL)
		*out = url;
	return problem;
}
