#include "conf/units.h"

#include <stdio.h>
#include <time.h>

struct unit {
	const char *name;
	int64_t factor;
};

/* From the largest down: formatting uses the first that leaves no remainder. */
static const struct unit duration_units[] = {
	{ "d", UNITS_DAY },
	{ "h", UNITS_HOUR },
	{ "min", UNITS_MINUTE },
	{ "s", UNITS_SECOND },
	{ "ms", 1 },
	{ NULL, 0 },
};

static const struct unit size_units[] = {
	{ "GiB", UNITS_GIB },
	{ "MiB", UNITS_MIB },
	{ "KiB", UNITS_KIB },
	{ NULL, 0 },
};

/* Splits off the leading digits. */
static bool
number_cut(struct slice text, int64_t *number, struct slice *rest)
{
	size_t digits = 0;
	uint64_t value;

	while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
		digits++;
	if (!slice_to_u64((struct slice){ text.ptr, digits }, &value) || value > INT64_MAX)
		return false;
	*number = (int64_t)value;
	*rest = slice_trim(slice_skip(text, digits));
	return true;
}

static const char *
quantity_parse(struct slice text, const struct unit *units, const char *no_unit,
    const char *not_one, int64_t *out)
{
	int64_t number;
	struct slice rest;

	if (!number_cut(text, &number, &rest))
		return not_one;
	if (rest.len == 0)
		return no_unit;
	for (const struct unit *unit = units; unit->name; unit++) {
		if (!slice_eq(rest, slice_of(unit->name)))
			continue;
		if (number > INT64_MAX / unit->factor)
			return "is too large";
		*out = number * unit->factor;
		return NULL;
	}
	return not_one;
}

const char *
units_parse_duration(struct slice text, int64_t *out_ms)
{
	return quantity_parse(text, duration_units, "has no unit; write it with ms, s, min, h or d",
	    "is not a duration; write a whole number with ms, s, min, h or d", out_ms);
}

const char *
units_parse_size(struct slice text, int64_t *out_bytes)
{
	return quantity_parse(text, size_units, "has no unit; write it with KiB, MiB or GiB",
	    "is not a size; write a whole number with KiB, MiB or GiB", out_bytes);
}

const char *
units_parse_count(struct slice text, int64_t *out)
{
	struct slice rest;
	int64_t number;

	if (!number_cut(text, &number, &rest) || rest.len)
		return "is not a whole number";
	*out = number;
	return NULL;
}

const char *
units_parse_bool(struct slice text, bool *out)
{
	bool yes = slice_eq(text, SLICE("yes"));

	if (!yes && !slice_eq(text, SLICE("no")))
		return "is neither yes nor no";
	*out = yes;
	return NULL;
}

const char *
units_parse_mode(struct slice text, int64_t *out)
{
	int64_t mode = 0;

	if (text.len < 3 || text.len > 4)
		return "is not a file mode; write it in octal, such as 0660";
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '7')
			return "is not a file mode; write it in octal, such as 0660";
		mode = mode * 8 + (text.ptr[i] - '0');
	}
	*out = mode;
	return NULL;
}

const char *
units_parse_moment(struct slice text, int64_t now_ms, int64_t *out_ms)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d" };
	char copy[32];
	int64_t ago;

	if (units_parse_duration(text, &ago) == NULL) {
		*out_ms = ago < now_ms ? now_ms - ago : 0;
		return NULL;
	}
	for (size_t i = 0; slice_copy(text, copy, sizeof(copy)) && i < 2; i++) {
		struct tm tm = { 0 };
		const char *end = strptime(copy, forms[i], &tm);

		if (end == NULL || *end != '\0')
			continue;
		*out_ms = (int64_t)timegm(&tm) * UNITS_SECOND;
		return NULL;
	}
	return "is not a time; write 2h, 2026-11-24 or 2026-11-24T08:00:00Z";
}

static void
quantity_format(int64_t value, const struct unit *units, char out[UNITS_TEXT_SIZE])
{
	const struct unit *unit = units;

	while (unit[1].name && (value == 0 || value % unit->factor != 0))
		unit++;
	snprintf(out, UNITS_TEXT_SIZE, "%lld %s", (long long)(value / unit->factor), unit->name);
}

void
units_format_duration(int64_t ms, char out[UNITS_TEXT_SIZE])
{
	quantity_format(ms, duration_units, out);
}

void
units_format_size(int64_t bytes, char out[UNITS_TEXT_SIZE])
{
	quantity_format(bytes, size_units, out);
}
