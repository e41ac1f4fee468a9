/* The devices where somebody is signed in, as the account page lists them. */
#ifndef PINTLE_WEB_PAGES_DEVICE_LIST_H
#define PINTLE_WEB_PAGES_DEVICE_LIST_H

#include "base/template.h"
#include "web/who/credential.h"

struct device;

struct device_list {
	struct device *rows;
	/* one for each: sid, name, from, seen, since, current, given */
	struct template_scope *scopes;
	size_t count, room;
	uint64_t current;
	bool failed;
};

/*
 * Lists the devices of the user who asks. *out is yours, for device_list_free, even after a
 * failure.
 */
enum pt_err device_list_gather(const struct request *request, const struct credential *who,
    struct device_list *out);
void device_list_free(struct device_list *list);

#endif
