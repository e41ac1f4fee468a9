/*
 * Which place of the site a question is about. See DESIGN.md, The web server names the place, our
 * configuration decides.
 */
#include "web/guard/question.h"

#include <stdatomic.h>

#include "base/log.h"
#include "web/guard/reading.h"

/* A place that only the server knows has no exceptions; the server itself says what it demands. */
static void
guard_tell_unknown(const struct guard *guard, struct slice name)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;

	if (!atomic_flag_test_and_set(&told))
		LOG(LOG_LEVEL_WARNING, "unknown_place",
		    LOG_STR("request_id", guard->request->request_id),
		    LOG_TEXT("place", name),
		    LOG_STR("advice", "the web server names a place that this worker's "
		    "configuration does not have; restart the worker, or print the server's "
		    "configuration again"));
}

/* Finds the place of the address as servers read it. */
static enum pt_err
guard_locate(struct guard *guard, const struct guards *places)
{
	struct buf path = BUF_EMPTY;

	reading_put(reading_path(guard->address), &path);
	guard->place = places_at(places, buf_slice(&path), false);

	enum pt_err err = buf_status(&path);

	buf_free(&path);
	return err;
}

/*
 * If the address is in another place even as servers read it, the client is not to blame: the
 * server's configuration lacks that place or a change to it.
 */
static enum pt_err
guard_tell_stray(const struct guard *guard, const struct guards *places,
    const struct guard_place *told)
{
	struct guard plain = *guard;
	enum pt_err err = guard_locate(&plain, places);

	if (err != PT_OK)
		return err;
	if (told && plain.place && plain.place != told)
		LOG_SPARELY(LOG_LEVEL_WARNING, "place_differs", told->path,
		    LOG_STR("request_id", guard->request->request_id),
		    LOG_TEXT("path", reading_path(guard->address)), LOG_STR("server", told->path),
		    LOG_STR("place", plain.place->path),
		    LOG_STR("advice", "print the web server's configuration again, and include "
		    "what it says of that place"));
	else
		LOG_SPARELY(LOG_LEVEL_INFO, "ambiguous_address", NULL,
		    LOG_STR("request_id", guard->request->request_id),
		    LOG_STR("address", guard->request->address),
		    LOG_TEXT("path", reading_path(guard->address)));
	return PT_OK;
}

enum pt_err
guard_read_place(struct guard *guard, bool *strays)
{
	const struct guards *places = guard->request->app->settings->places;
	struct slice name = request_param(guard->request, "PINTLE_PLACE");
	enum pt_err err = PT_OK;

	*strays = false;
	if (guard->mode == GUARD_FORWARD && guard->address.len == 0) {
		LOG_SPARELY(LOG_LEVEL_ERROR, "no_address", NULL,
		    LOG_STR("request_id", guard->request->request_id),
		    LOG_STR("advice", "the gateway must send X-Forwarded-Method and "
		    "X-Forwarded-Uri"));
		return PT_ERR_INVALID;
	}
	if (places == NULL || places->count == 0 || guard->address.len == 0)
		return PT_OK;
	if (name.ptr)
		guard->place = places_named(places, name);
	if (name.ptr && guard->place == NULL)
		guard_tell_unknown(guard, name);

	const struct guard_place *told = guard->place;

	if (told == NULL)
		err = guard_locate(guard, places);
	guard->for_programs = guard->place && guard->place->bearer_only == PLACE_YES;
	if (err == PT_OK)
		err = reading_strays(places, reading_path(guard->address), guard->place, strays);
	if (err == PT_OK && *strays)
		err = guard_tell_stray(guard, places, told);
	/* A place that the server does not name makes no exceptions to what the server demands. */
	if (told == NULL && guard->mode != GUARD_FORWARD)
		guard->place = NULL;
	return err;
}
