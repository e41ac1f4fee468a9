/*
 * A configuration file. A mistake in it is reported in one sentence that names the file; what is
 * accepted is a site that the rest can rely on.
 */
#include <string.h>

#include "conf/config.h"
#include "fuzz.h"

#define NAME "fuzz.conf"

/* The file, perhaps a line, and what is wrong: without a byte that a terminal interprets. */
static void
problem_is_a_sentence(struct slice problem)
{
	MUST(slice_starts(problem, SLICE(NAME ":")));
	MUST(problem.len > sizeof(NAME) + 8 && slice_is_utf8(problem));
	for (size_t i = 0; i < problem.len; i++)
		MUST((unsigned char)problem.ptr[i] >= ' ' && problem.ptr[i] != 127);
}

static void
settings_can_be_relied_on(const struct settings *settings)
{
	size_t mount = strlen(settings->mount);

	MUST(strncmp(settings->issuer, "http", 4) == 0 && slice_is_utf8(slice_of(settings->issuer)));
	MUST(mount == 0 || (settings->mount[0] == '/' && settings->mount[mount - 1] != '/'));
	MUST(settings->origins[0] && settings->audience[0] && settings->client_id[0]);
	MUST(settings->state_folder[0] == '/');
	MUST(settings->access_ttl_ms > 0 && settings->periods.hand_out_ms > 0 && settings->periods.quiet_ms > 0);
	MUST(settings->lifetimes.idle_ms > 0 && settings->lifetimes.absolute_ms > 0);
	MUST(settings->password_min > 0 && settings->password_min <= settings->password_max);
	MUST(settings->hashing_slots > 0 && settings->readers > 0 && settings->sessions_per_user > 0);
}

static void
places_can_be_told_apart(const struct guards *guards)
{
	for (size_t i = 0; i < guards->count; i++) {
		const struct guard_place *place = &guards->places[i];

		MUST(place->path && place->path[0] == '/' && place->name);
		MUST(!slice_has_control(slice_of(place->path)) && !strchr(place->name, '/'));
		MUST((place->proxy != NULL) + (place->php != NULL) + (place->files != NULL) <= 1);
		MUST(places_named(guards, slice_of(place->path)) == place);
		for (size_t j = 0; j < i; j++)
			MUST(strcmp(guards->places[j].name, place->name) != 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct buf problem = BUF_EMPTY;
	struct settings settings;
	struct guards guards = { NULL, 0 };
	enum pt_err err = config_parse(NAME, (struct slice){ (const char *)bytes, len }, &settings, &guards, &problem);

	MUST(err == PT_OK || err == PT_ERR_INVALID);
	if (err == PT_OK) {
		MUST(problem.len == 0);
		settings_can_be_relied_on(&settings);
		places_can_be_told_apart(&guards);
		config_free(&settings);
		guards_free(&guards);
	} else
		problem_is_a_sentence(buf_slice(&problem));
	buf_free(&problem);
	return 0;
}
