/* pintle log: shows the audit log, filtered, and follows what is added to it. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/json.h"
#include "base/nearest.h"
#include "cmd/site/site.h"
#include "cmd/term/event_view.h"
#include "cmd/term/output.h"
#include "conf/units.h"
#include "core/username.h"
#include "web/who/name_tag.h"
#include "worker/exit.h"

#define FOLLOW_EVERY_S 1

/* A filter, and the texts that it points into. */
struct wanted {
	struct store_event_filter filter;
	char username[USER_NAME_SIZE];
	char tag[NAME_TAG_SIZE];
};

static bool
wanted_kind(const char *name, enum event_kind *out)
{
	struct nearest nearest = nearest_to(slice_of(name));

	*out = event_kind_of(slice_of(name));
	if (*out != EVENT_NONE)
		return true;
	for (int i = EVENT_NONE + 1; i < EVENT_COUNT; i++)
		nearest_offer(&nearest, event_info((enum event_kind)i)->name);
	if (nearest.best)
		output_say("there is no event \"%s\"; did you mean \"%s\"?", name, nearest.best);
	else
		output_say("there is no event \"%s\"; man pintle-reasons lists them", name);
	return false;
}

static bool
wanted_since(const char *text, int64_t *out)
{
	const char *problem = units_parse_moment(slice_of(text), clock_now().wall_ms, out);

	if (problem)
		output_say("--since: \"%s\" %s", text, problem);
	return problem == NULL;
}

static bool
wanted_last(const char *text, uint64_t *out)
{
	if (slice_to_u64(slice_of(text), out) && *out > 0)
		return true;
	output_say("--last: \"%s\" is not a number of events", text);
	return false;
}

/*
 * The tag that stands for a name that no user had: without the keys, the answer would be
 * incomplete.
 */
static int
wanted_tag(const struct site *site, struct wanted *out)
{
	struct keyring *ring;
	struct mac_key *key = NULL;
	int status = site_open_keys(site, &ring);

	if (status != EXIT_OK)
		return status;

	enum pt_err err = keyring_derive(ring, NAME_TAG_LABEL, &key);

	keyring_free(ring);
	if (err == PT_OK)
		err = name_tag_make(key, slice_of(out->username), out->tag);
	mac_key_free(key);
	out->filter.tag = slice_of(out->tag);
	return err == PT_OK ? EXIT_OK : site_fail("make the tag of the name", err);
}

static int
wanted_user(const struct site *site, const char *typed, struct wanted *out)
{
	if (name_tag_read(slice_of(typed), out->tag)) {
		out->filter.username = slice_of(out->tag);
		return EXIT_OK;
	}
	if (username_fold(site->settings.usernames, slice_of(typed), out->username) != PT_OK ||
	    !out->username[0]) {
		output_say("--user: no user can have that name");
		return EXIT_USAGE;
	}
	out->filter.username = slice_of(out->username);
	return wanted_tag(site, out);
}

static int
wanted_parse(const struct site *site, const struct arguments *arguments, struct wanted *out)
{
	const char *const *value = arguments->value;

	*out = (struct wanted){
		.filter = { .sid = slice_of(value[OPTION_SESSION]),
		    .address = slice_of(value[OPTION_ADDRESS]) },
	};
	if ((value[OPTION_KIND] && !wanted_kind(value[OPTION_KIND], &out->filter.kind)) ||
	    (value[OPTION_SINCE] && !wanted_since(value[OPTION_SINCE], &out->filter.since_ms)) ||
	    (value[OPTION_LAST] && !wanted_last(value[OPTION_LAST], &out->filter.newest)))
		return EXIT_USAGE;
	return value[OPTION_USER] ? wanted_user(site, value[OPTION_USER], out) : EXIT_OK;
}

struct showing {
	bool json;
	bool broken;		/* nobody reads any more, or memory ran out */
	uint64_t last;		/* number of the event that was shown last */
};

static bool
show(const struct event *event, void *ctx)
{
	struct showing *showing = ctx;
	struct buf line = BUF_EMPTY;
	struct json_writer json = json_writer(&line);

	if (showing->json)
		event_view_json(&json, event);
	else
		event_view_line(event, &line);
	buf_putc(&line, '\n');
	output_write(buf_slice(&line));
	showing->broken = buf_status(&line) != PT_OK || ferror(stdout) != 0;
	showing->last = event->number;
	buf_free(&line);
	return !showing->broken;
}

static void
wait_a_little(void)
{
	struct timespec left = { .tv_sec = FOLLOW_EVERY_S };

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		continue;
}

static int
show_all(const struct site *site, struct store_event_filter *filter, bool follow,
    struct showing *showing)
{
	for (;;) {
		enum pt_err err = store_event_each(site->store, filter, show, showing);

		if (err != PT_OK)
			return site_fail("read the audit log", err);
		if (fflush(stdout) != 0 || showing->broken)
			return EXIT_FAILED;
		if (!follow)
			return EXIT_OK;
		if (showing->last)
			filter->after_number = showing->last;
		filter->newest = 0;
		wait_a_little();
	}
}

static int
log_run(const struct site *site, const struct arguments *arguments)
{
	struct showing showing = { .json = arguments->value[OPTION_JSON] != NULL };
	struct wanted wanted;
	int status = wanted_parse(site, arguments, &wanted);

	if (status != EXIT_OK)
		return status;
	return show_all(site, &wanted.filter, arguments->value[OPTION_FOLLOW] != NULL, &showing);
}

int
cmd_log(const struct arguments *arguments)
{
	return site_run(arguments, log_run);
}
