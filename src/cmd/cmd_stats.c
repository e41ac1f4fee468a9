/*
 * pintle stats: what the store holds, what is in progress, and what all workers and CGI runs have
 * counted.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/tally.h"
#include "cmd/site/site.h"
#include "cmd/term/output.h"
#include "conf/units.h"
#include "worker/exit.h"

#define SIZE_NAME 24

struct figure {
	const char *name;
	uint64_t value;
	bool bytes;
};

/* Everything that is shown; counted is false if no worker has counted yet. */
struct stats {
	struct store_stats store;
	unsigned slots_used, slots;
	struct tally_sheet sheet;
	bool counted;
};

/* ---- gathering ---- */

static int
stats_slots(const struct site *site, struct stats *out)
{
	struct password_slots *slots;
	char path[SITE_PATH_SIZE];
	int status = site_path(site, "hashing.slots", path);

	if (status != EXIT_OK)
		return status;
	out->slots = site->settings.hashing_slots;

	enum pt_err err = password_slots_open(path,
	    &(struct password_slots_options){ .slots = out->slots, .threads = 1 }, &slots);

	if (err != PT_OK)
		return site_fail("look at the hashing slots", err);
	out->slots_used = password_slots_used(slots);
	password_slots_close(slots);
	return EXIT_OK;
}

static int
stats_gather(const struct site *site, struct stats *out)
{
	char path[SITE_PATH_SIZE];
	enum pt_err err = store_stats(site->store, &out->store);
	int status;

	if (err != PT_OK)
		return site_fail("count what the store holds", err);
	if ((status = stats_slots(site, out)) != EXIT_OK ||
	    (status = site_path(site, "tally", path)) != EXIT_OK)
		return status;
	err = tally_read(path, &out->sheet, &out->counted);
	return err == PT_OK ? EXIT_OK : site_fail("read what was counted", err);
}

/* ---- names ---- */

/* How many changes a commit of this row carried: "1", "2-3", "128-". */
static void
size_name(unsigned row, char out[SIZE_NAME])
{
	unsigned least = 1u << row, most = 2 * least - 1;

	if (row == TALLY_SIZES - 1)
		snprintf(out, SIZE_NAME, "%u-", least);
	else if (most > least)
		snprintf(out, SIZE_NAME, "%u-%u", least, most);
	else
		snprintf(out, SIZE_NAME, "%u", least);
}

/* The name of one of the numbered counts, and its group. */
static const char *
numbered_name(unsigned index, char sizes[SIZE_NAME], const char **group)
{
	unsigned reason = index - TALLY_REASON_0;

	if (index >= TALLY_SIZE_1) {
		*group = "commit_sizes";
		size_name(index - TALLY_SIZE_1, sizes);
		return sizes;
	}
	*group = "refresh_refusals";
	return reason < REASON_COUNT ? reason_info((enum reason)reason)->name : NULL;
}

/* ---- showing: counts of one group follow each other ---- */

struct show {
	const char *group;	/* of the count before; NULL: none yet */
	struct json_writer *json;	/* NULL: lines of text, into */
	struct buf *text;
};

static void
show_group(struct show *show, const char *group)
{
	if (show->group && show->json)
		json_close(show->json);
	else if (show->group)
		buf_putc(show->text, '\n');
	if (group && show->json)
		json_open(show->json, group);
	else if (group)
		buf_printf(show->text, "%-16s", group);
	show->group = group;
}

static void
show_count(struct show *show, const char *group, const char *name, uint64_t count)
{
	if (show->group == NULL || strcmp(show->group, group) != 0)
		show_group(show, group);
	if (show->json)
		json_put_integer(show->json, name, (int64_t)count);
	else
		buf_printf(show->text, "  %s %llu", name, (unsigned long long)count);
}

/* The counts without a row in the table are many, and mostly zero: zeros are left out. */
static void
show_counts(struct show *show, const struct tally_sheet *sheet)
{
	char sizes[SIZE_NAME];

	for (unsigned i = 0; i < TALLY_NAMED; i++)
		show_count(show, tally_info((enum tally)i)->group, tally_info((enum tally)i)->name,
		    sheet->counts[i]);
	for (unsigned i = TALLY_NAMED; i < TALLY_COUNT; i++) {
		const char *group, *name = numbered_name(i, sizes, &group);

		if (name && sheet->counts[i])
			show_count(show, group, name, sheet->counts[i]);
	}
	show_group(show, NULL);
}

#define FIGURES 12

static size_t
stats_figures(const struct stats *stats, struct figure out[FIGURES])
{
	const struct store_stats *store = &stats->store;
	const struct figure figures[] = {
		{ "users", store->users, false },
		{ "sessions", store->sessions, false },
		{ "sessions_live", store->sessions_live, false },
		{ "events", store->events, false },
		{ "bytes_used", store->used_bytes, true },
		{ "bytes_at_most", store->map_bytes, true },
		{ "percent_used",
		    store->map_bytes ? store->used_bytes * 100 / store->map_bytes : 0, false },
		{ "readers", store->readers, false },
		{ "readers_most", store->readers_max, false },
		{ "slots_used", stats->slots_used, false },
		{ "slots", stats->slots, false },
		{ "schema", store->schema, false },
	};

	memcpy(out, figures, sizeof(figures));
	return sizeof(figures) / sizeof(figures[0]);
}

static void
stats_text(const struct stats *stats, struct buf *text)
{
	struct figure figures[FIGURES];
	size_t count = stats_figures(stats, figures);
	struct show show = { .text = text };
	char since[CLOCK_TEXT_SIZE], size[UNITS_TEXT_SIZE];

	for (size_t i = 0; i < count; i++) {
		const uint64_t value = figures[i].value;

		if (figures[i].bytes)
			units_format_size((int64_t)value / UNITS_KIB * UNITS_KIB, size);
		else
			snprintf(size, sizeof(size), "%llu", (unsigned long long)value);
		buf_printf(text, "%-14s  %s\n", figures[i].name, size);
	}
	if (!stats->counted) {
		buf_puts(text, "\nNothing has been counted yet: workers count what they do.\n");
		return;
	}
	clock_format(stats->sheet.since_ms, since);
	buf_printf(text, "\nCounted since %s:\n", since);
	show_counts(&show, &stats->sheet);
}

static void
stats_json(const struct stats *stats, struct buf *text)
{
	struct figure figures[FIGURES];
	size_t count = stats_figures(stats, figures);
	struct json_writer json = json_writer(text);
	struct show show = { .json = &json };

	json_open(&json, NULL);
	for (size_t i = 0; i < count; i++)
		json_put_integer(&json, figures[i].name, (int64_t)figures[i].value);
	if (stats->counted) {
		json_put_time(&json, "counted_since", stats->sheet.since_ms);
		json_open(&json, "counted");
		show_counts(&show, &stats->sheet);
		json_close(&json);
	}
	json_close(&json);
	buf_putc(text, '\n');
}

static int
stats(const struct site *site, const struct arguments *arguments)
{
	struct stats gathered = { 0 };
	struct buf text = BUF_EMPTY;
	int status = stats_gather(site, &gathered);

	if (status != EXIT_OK)
		return status;
	if (arguments->value[OPTION_JSON])
		stats_json(&gathered, &text);
	else
		stats_text(&gathered, &text);
	output_write(buf_slice(&text));
	enum pt_err err = buf_status(&text);

	buf_free(&text);
	return err == PT_OK ? EXIT_OK : site_fail("show the figures", err);
}

int
cmd_stats(const struct arguments *arguments)
{
	return site_run(arguments, stats);
}
