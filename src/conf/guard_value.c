#include "conf/guard_value.h"

#include <string.h>

#include "conf/units.h"
#include "core/address.h"
#include "core/username.h"

bool
guard_value_is_plain_path(struct slice path)
{
	return path.len > 0 && path.ptr[0] == '/' && slice_is_plain(path, "/-._~+@,");
}

static bool
has_dot_part(struct slice path)
{
	struct slice part;

	while (path.len) {
		slice_cut(path, '/', &part, &path);
		if (slice_eq(part, SLICE(".")) || slice_eq(part, SLICE("..")))
			return true;
	}
	return false;
}

/* Of a path that becomes part of an address. */
static const char *
parts_problem(struct slice path)
{
	if (memmem(path.ptr, path.len, "//", 2) || has_dot_part(path))
		return "has an empty, \".\" or \"..\" part";
	return slice_is_plain(path, "/-._~") ?
	    NULL : "has a character other than letters, digits and - . _ ~";
}

const char *
guard_value_path(struct slice path)
{
	if (path.len == 0 || path.ptr[0] != '/')
		return "does not begin with a slash";
	return parts_problem(path);
}

const char *
guard_value_folder(struct slice path)
{
	if (path.len == 0 || path.ptr[0] != '/')
		return "is not an absolute path";
	if (path.ptr[path.len - 1] == '/')
		return "ends in a slash; leave it out";
	if (has_dot_part(path))
		return "has a \".\" or \"..\" part";
	return guard_value_is_plain_path(path) ?
	    NULL : "has a character that a web server's configuration may misread";
}

/* HOST:PORT, or, if port_wanted is false, also HOST alone. */
static bool
is_address(struct slice text, bool port_wanted)
{
	const char *bracket = text.len && text.ptr[0] == '[' ?
	    memchr(text.ptr, ']', text.len) : NULL;
	size_t host = bracket ? (size_t)(bracket - text.ptr) + 1 : 0;
	uint64_t port = 0;

	while (host < text.len && text.ptr[host] != ':')
		host++;
	if (host == 0 || !slice_is_plain((struct slice){ text.ptr, host }, bracket ?
	    "[]:." : ".-_"))
		return false;
	if (host == text.len)
		return !port_wanted;
	return slice_to_u64(slice_skip(text, host + 1), &port) && port > 0 && port < 65536;
}

static bool
is_socket(struct slice text)
{
	return slice_starts(text, SLICE("unix:")) &&
	    guard_value_folder(slice_skip(text, sizeof("unix:") - 1)) == NULL;
}

const char *
guard_value_proxy(struct slice text)
{
	struct slice scheme, address;

	if (is_socket(text))
		return NULL;
	slice_cut(text, ':', &scheme, &address);
	if ((slice_eq(scheme, SLICE("http")) || slice_eq(scheme, SLICE("https"))) &&
	    slice_starts(address, SLICE("//")) && is_address(slice_skip(address, 2), false))
		return NULL;
	return "is not of the form http://HOST:PORT, https://HOST:PORT or unix:/PATH";
}

const char *
guard_value_fpm(struct slice text)
{
	return is_socket(text) || (!slice_starts(text, SLICE("unix:")) && is_address(text, true)) ?
	    NULL : "is neither unix:/PATH nor HOST:PORT";
}

const char *
guard_value_front(struct slice text)
{
	const struct slice ending = SLICE(".php");

	if (text.len <= ending.len || !slice_eq(slice_skip(text, text.len - ending.len), ending))
		return "does not end in .php";
	if (text.ptr[0] == '/')
		return "begins with a slash; it must be relative to the folder";
	return parts_problem(text);
}

const char *
guard_value_groups(struct slice text)
{
	return text.len && groups_valid(text) ?
	    NULL : "is not a list of groups such as staff,admins";
}

const char *
guard_value_max_age(struct slice text)
{
	int64_t ms;
	const char *problem = units_parse_duration(text, &ms);

	if (problem)
		return problem;
	if (ms < UNITS_SECOND || ms > 3650 * UNITS_DAY || ms % UNITS_SECOND)
		return "is out of range; it may be 1 s to 3650 d, in whole seconds";
	return NULL;
}

const char *
guard_value_body(struct slice text)
{
	int64_t bytes;
	const char *problem = units_parse_size(text, &bytes);

	if (problem)
		return problem;
	return bytes < UNITS_KIB || bytes > 1024 * UNITS_GIB ?
	    "is out of range; it may be 1 KiB to 1024 GiB" : NULL;
}

const char *
guard_value_method(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((text.ptr[i] < 'A' || text.ptr[i] > 'Z') && text.ptr[i] != '-')
			return "is not a method; write it in capitals, such as GET";
	return NULL;
}

const char *
guard_value_from(struct slice text)
{
	return address_range_valid(text) ? NULL :
	    "is not an address or range such as 192.168.0.0/16";
}
