#include "core/username.h"

bool
username_fold(struct slice typed, char out[USER_NAME_SIZE])
{
	out[0] = '\0';
	if (typed.len == 0 || typed.len >= USER_NAME_SIZE)
		return false;
	for (size_t i = 0; i < typed.len; i++) {
		char c = typed.ptr[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + ('a' - 'A'));
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    c == '.' || c == '_' || c == '-' || c == '@')) {
			out[0] = '\0';
			return false;
		}
		out[i] = c;
	}
	out[typed.len] = '\0';
	return true;
}

static bool
group_name_valid(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'))
			return false;
	}
	return name.len > 0;
}

bool
groups_valid(struct slice text)
{
	struct slice one;

	if (text.len == 0)
		return true;
	if (text.len >= GROUPS_SIZE || text.ptr[text.len - 1] == ',')
		return false;
	while (text.len) {
		slice_cut(text, ',', &one, &text);
		if (!group_name_valid(one) || groups_has(text, one))
			return false;
	}
	return true;
}

bool
groups_has(struct slice groups, struct slice group)
{
	struct slice one;

	while (groups.len) {
		slice_cut(groups, ',', &one, &groups);
		if (one.len && slice_eq(one, group))
			return true;
	}
	return false;
}
