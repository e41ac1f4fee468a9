#include "web/pages/device_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/pages/agent.h"
#include "web/pages/page.h"
#include "web/pages/view.h"

#define NAME_SIZE (USER_AGENT_SIZE > DEVICE_NAME_SIZE ? USER_AGENT_SIZE : DEVICE_NAME_SIZE)
#define DEVICE_FIELDS 7

/* One device as the page shows it. */
struct device {
	char sid[ID_SIZE];
	char name[NAME_SIZE];
	char given[DEVICE_NAME_SIZE];	/* given by the person; empty: none was given */
	char address[ADDRESS_SIZE];
	char seen[PAGE_TIME_SIZE], since[PAGE_TIME_SIZE];
	bool current;
	struct template_field fields[DEVICE_FIELDS];
};

static struct device *
device_list_next(struct device_list *list)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 16;
		struct device *grown = realloc(list->rows, room * sizeof(*grown));

		if (grown == NULL)
			return NULL;
		list->rows = grown;
		list->room = room;
	}
	return &list->rows[list->count++];
}

/* The name that the person gave it, or else the name of its browser, as far as that is known. */
static void
device_put_name(struct device *device, const struct session *session)
{
	char agent[AGENT_NAME_SIZE];
	const char *name = session->user_agent[0] ? session->user_agent : "Unnamed device";

	if (agent_name(slice_of(session->user_agent), agent))
		name = agent;
	snprintf(device->name, sizeof(device->name), "%s",
	    session->device[0] ? session->device : name);
}

static bool
device_list_take(const struct session *session, enum reason standing, void *ctx)
{
	struct device_list *list = ctx;
	struct device *device;

	if (standing != REASON_NONE)
		return true;
	device = device_list_next(list);
	list->failed = device == NULL;
	if (device == NULL)
		return false;
	memset(device, 0, sizeof(*device));
	device->current = session->number == list->current;
	memcpy(device->sid, session->sid, sizeof(device->sid));
	memcpy(device->given, session->device, sizeof(device->given));
	memcpy(device->address, session->address, sizeof(device->address));
	device_put_name(device, session);
	page_time(view_last_seen(session, device->current), device->seen);
	page_time(session->created_at, device->since);
	return true;
}

/* The rows do not move any more from here on, so pointers into them are safe. */
static enum pt_err
device_list_finish(struct device_list *list)
{
	list->scopes = calloc(list->count ? list->count : 1, sizeof(*list->scopes));
	if (list->scopes == NULL)
		return PT_ERR_NOMEM;
	for (size_t i = 0; i < list->count; i++) {
		struct device *device = &list->rows[i];
		const struct template_field fields[DEVICE_FIELDS] = {
			{ "sid", slice_of(device->sid) }, { "name", slice_of(device->name) },
			{ "from", slice_of(device->address) }, { "seen", slice_of(device->seen) },
			{ "since", slice_of(device->since) },
			{ "current", page_flag(device->current) },
			{ "given", slice_of(device->given) },
		};

		memcpy(device->fields, fields, sizeof(fields));
		list->scopes[i] = (struct template_scope){ .fields = device->fields,
		    .field_count = DEVICE_FIELDS };
	}
	return PT_OK;
}

enum pt_err
device_list_gather(const struct request *request, const struct credential *who,
    struct device_list *out)
{
	enum pt_err err;

	*out = (struct device_list){ .current = who->session.number };
	err = store_browser_each(request->app->store, clock_now(), who->user.number, out->current,
	    device_list_take, out);
	if (err == PT_OK && out->failed)
		err = PT_ERR_NOMEM;
	return err == PT_OK ? device_list_finish(out) : err;
}

void
device_list_free(struct device_list *list)
{
	free(list->rows);
	free(list->scopes);
}
