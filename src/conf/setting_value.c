#include "conf/setting_value.h"

#include "base/loopback.h"
#include "conf/url.h"
#include "core/address.h"
#include "core/username.h"

const char *
setting_value_text(struct slice text)
{
	if (text.len == 0)
		return "is empty";
	return slice_has_control(text) || !slice_is_utf8(text) ?
	    "holds a control character or is no UTF-8" : NULL;
}

const char *
setting_value_issuer(struct slice text)
{
	struct url url;

	return url_parse(text, &url);
}

const char *
setting_value_origin(struct slice text)
{
	struct url url;
	const char *problem = url_parse(text, &url);

	if (problem)
		return problem;
	return url.path.len ? "has a path; an origin is only scheme, host and port" : NULL;
}

const char *
setting_value_proxy(struct slice text)
{
	struct slice base;

	slice_cut(text, '/', &base, &(struct slice){ 0 });
	if (address_proxy_valid(text))
		return NULL;
	return address_valid(base) ? "has an impossible prefix length" : "is not an IP address";
}

const char *
setting_value_loopback(struct slice text)
{
	char address[64];

	if (text.len == 0)
		return NULL;
	return slice_copy(text, address, sizeof(address)) && loopback_can_connect(address) ? NULL :
	    "is not an address that only this machine reaches, with a port, such as 127.0.0.1:931 "
	    "or [::1]:931";
}

const char *
setting_value_path(struct slice text)
{
	if (text.len == 0 || text.ptr[0] != '/')
		return "is not an absolute path";
	return setting_value_text(text);
}

const char *
setting_value_account(struct slice text)
{
	return slice_is_plain(text, "_-.") ? NULL : "is not the name of a user or group";
}

const char *
setting_value_groups(struct slice text)
{
	return groups_valid(text) ? NULL : "is not a list of groups [a-z0-9._-], separated by "
	    "commas without blanks";
}

const char *
setting_value_cookie(struct slice text)
{
	if (slice_starts(text, SLICE("__")))
		return "begins with a prefix; pintle adds __Secure- or __Host- itself";
	return text.len > 0 && text.len <= 64 && slice_is_plain(text, "_-.") ?
	    NULL : "is not a cookie name of letters, digits, _ - and .";
}

const char *
setting_value_suffix(struct slice text)
{
	return text.len <= 32 && slice_is_plain(text, "_-.") ?
	    NULL : "has a character other than letters, digits, dots, _ and -";
}
