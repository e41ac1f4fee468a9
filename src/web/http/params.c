#include "web/http/params.h"

#include <string.h>

/* Looks at the parts in which the names of servers and headers differ; at all of a short name. */
static size_t
params_hash(const char *name, size_t len)
{
	size_t hash = len;

	if (len == 0)
		return 0;
	hash = hash * 31 + (unsigned char)name[len - 1];
	hash = hash * 31 + (unsigned char)name[len / 2];
	hash = hash * 31 + (unsigned char)name[len - 1 - len / 4];
	return (hash ^ hash >> 9) % PARAMS_SLOTS;
}

/* The slot where the name is, or would be: there is always a free one. */
static size_t
params_slot(const struct params *params, const char *name, size_t len)
{
	size_t at = params_hash(name, len);

	while (params->slots[at]) {
		const struct slice other = params->raw->params[params->slots[at] - 1].name;

		if (other.len == len && (len == 0 || memcmp(other.ptr, name, len) == 0))
			break;
		at = (at + 1) % PARAMS_SLOTS;
	}
	return at;
}

void
params_index(struct params *params, const struct web_request *raw)
{
	params->raw = raw;
	for (size_t i = 0; i < raw->param_count && i < WEB_MAX_PARAMS; i++) {
		const struct slice name = raw->params[i].name;
		const size_t at = params_slot(params, name.len ? name.ptr : "", name.len);

		params->repeated = params->repeated || params->slots[at];
		params->slots[at] = (uint16_t)(i + 1);
	}
}

struct slice
params_get(const struct params *params, const char *name)
{
	const uint16_t found = params->slots[params_slot(params, name, strlen(name))];

	return found ? params->raw->params[found - 1].value : (struct slice){ NULL, 0 };
}
