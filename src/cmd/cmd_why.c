/* pintle session why: the story of one session, in sentences, from its record and the audit log. */
#include "base/json.h"
#include "cmd/site/site.h"
#include "cmd/term/event_view.h"
#include "cmd/term/output.h"
#include "cmd/term/session_view.h"
#include "web/pages/view.h"
#include "worker/exit.h"

static void
put_beginning(const struct session *session, const char *name, struct buf *out)
{
	char created[CLOCK_TEXT_SIZE], methods[VIEW_METHODS_SIZE];

	clock_format(session->created_at, created);
	view_methods(session->methods, methods);
	buf_printf(out, "%s signed in at %s (%s) and %s.\n", name, created,
	    methods[0] ? methods : "-",
	    session->remember ? "asked to be remembered" : "did not ask to be remembered");
	if (session->device[0])
		buf_printf(out, "The device is called \"%s\".\n", session->device);
	if (session->user_agent[0])
		buf_printf(out, "Its browser calls itself \"%s\".\n", session->user_agent);
}

static void
put_use(const struct session *session, struct buf *out)
{
	char seen[CLOCK_TEXT_SIZE];

	clock_format(session->last_seen_at, seen);
	buf_printf(out, "It was last used at %s", seen);
	if (session->address[0])
		buf_printf(out, " from %s", session->address);
	buf_printf(out, ", and refreshed %u time%s.\n", (unsigned)session->moves,
	    session->moves == 1 ? "" : "s");
}

static void
put_standing(const struct session *session, enum reason standing, struct buf *out)
{
	char end[CLOCK_TEXT_SIZE], last[CLOCK_TEXT_SIZE];
	int64_t at = session_view_ended_at(session, standing);

	clock_format(standing == REASON_NONE ? standing_end(session) : at, end);
	clock_format(session->absolute_end, last);
	if (standing == REASON_NONE)
		buf_printf(out, "It is live. It ends at %s if it is not used before then, "
		    "and at %s whatever happens.\n", end, last);
	else if (at)
		buf_printf(out, "It ended at %s: %s.\n", end, reason_info(standing)->name);
	else
		buf_printf(out, "It is no longer valid: %s.\n", reason_info(standing)->name);
	if (standing != REASON_NONE)
		buf_printf(out, "The user sees: \"%s\"\n", reason_info(standing)->text);
}

/* Refused requests with its token: by its own browser, and by others. */
struct refusals {
	struct event first, last;	/* .number 0: none */
};

struct all_refusals {
	struct refusals own, foreign;
};

static bool
note_refusal(const struct event *event, void *ctx)
{
	struct all_refusals *all = ctx;
	struct refusals *refusals = event->reason == REASON_FOREIGN_DEVICE ?
	    &all->foreign : &all->own;

	if (refusals->first.number == 0)
		refusals->first = *event;
	refusals->last = *event;
	return true;
}

static void
put_refusals(const struct refusals *refusals, const char *who, const char *why, struct buf *out)
{
	const struct event *last = &refusals->last;
	char time[CLOCK_TEXT_SIZE];

	if (last->number == 0)
		return;
	clock_format(refusals->first.at, time);
	buf_printf(out, "%s at %s", who, time);
	clock_format(last->at, time);
	if (last->number != refusals->first.number)
		buf_printf(out, " and until %s", time);
	if (last->address[0])
		buf_printf(out, ", from %s", last->address);
	buf_printf(out, ", and was refused because %s: %s.\n", why,
	    reason_info(last->reason)->name);
}

static enum pt_err
put_all_refusals(const struct site *site, struct slice sid, struct buf *out)
{
	const struct store_event_filter filter = { .sid = sid, .kind = EVENT_REFRESH_REFUSED };
	struct all_refusals all = { 0 };
	enum pt_err err = store_event_each(site->store, &filter, note_refusal, &all);

	put_refusals(&all.own, "Its browser asked again", "it had ended", out);
	put_refusals(&all.foreign, "Another browser asked with its token",
	    "it is not that browser's", out);
	return err;
}

static bool
put_event(const struct event *event, void *ctx)
{
	struct buf *out = ctx;

	buf_puts(out, "  ");
	event_view_sentence(event, out);
	buf_putc(out, '\n');
	return true;
}

static bool
put_event_json(const struct event *event, void *ctx)
{
	event_view_json(ctx, event);
	return true;
}

/* What is known about a session; found is false if the store has forgotten all but its events. */
struct story {
	struct session session;
	struct user user;
	enum reason standing;
	bool found;
};

static enum pt_err
story_text(const struct site *site, const struct story *story,
    const struct store_event_filter *events, struct buf *out)
{
	struct buf head = BUF_EMPTY, tail = BUF_EMPTY;
	enum pt_err err;

	if (story->found) {
		put_beginning(&story->session, story->user.name, &head);
		put_use(&story->session, &head);
		put_standing(&story->session, story->standing, &head);
	}
	err = put_all_refusals(site, events->sid, &head);
	if (err == PT_OK)
		err = store_event_each(site->store, events, put_event, &tail);
	/* Line by line: a device's name could contain anything except a new line. */
	for (struct slice rest = buf_slice(&head), line; rest.len;) {
		slice_cut(rest, '\n', &line, &rest);
		output_put_safe(out, line);
		buf_putc(out, '\n');
	}
	if (tail.len)
		buf_printf(out, "%sWhat the audit log says about it:\n", head.len ? "\n" : "");
	buf_put(out, buf_slice(&tail));
	buf_free(&head);
	buf_free(&tail);
	return err != PT_OK ? err : buf_status(out);
}

static enum pt_err
story_json(const struct site *site, const struct story *story,
    const struct store_event_filter *events, struct buf *out)
{
	struct json_writer json = json_writer(out);

	json_open(&json, NULL);
	if (story->found)
		session_view_members(&json, &story->session, story->user.name, story->standing);
	json_open_array(&json, "events");

	enum pt_err err = store_event_each(site->store, events, put_event_json, &json);

	json_close_array(&json);
	json_close(&json);
	buf_putc(out, '\n');
	return err != PT_OK ? err : buf_status(out);
}

static bool
note_event(const struct event *event, void *ctx)
{
	(void)event;
	*(bool *)ctx = true;
	return false;
}

static int
why(const struct site *site, const struct arguments *arguments)
{
	struct slice sid = slice_of(arguments->operand[0]);
	const struct store_event_filter events = { .sid = sid };
	struct story story = { 0 };
	struct buf text = BUF_EMPTY;
	bool known = false;
	enum pt_err err = store_session_by_sid(site->store, clock_now(), sid, &story.session,
	    &story.user, &story.standing, &story.found);

	/* An empty id would not filter anything. */
	if (err == PT_OK && sid.len)
		err = store_event_each(site->store, &events, note_event, &known);
	if (err == PT_OK && !known && !story.found) {
		output_say("nothing is known (any more) about a session with that id");
		return EXIT_FAILED;
	}
	if (err == PT_OK)
		err = arguments->value[OPTION_JSON] ? story_json(site, &story, &events, &text) :
		    story_text(site, &story, &events, &text);
	if (err == PT_OK)
		output_write(buf_slice(&text));
	buf_free(&text);
	return err == PT_OK ? EXIT_OK : site_fail("tell the story of the session", err);
}

int
cmd_session_why(const struct arguments *arguments)
{
	return site_run(arguments, why);
}
