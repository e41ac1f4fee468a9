/* Where a browser may be sent: a path of this site, never another site. */
#ifndef PINTLE_WEB_HTTP_REDIRECT_H
#define PINTLE_WEB_HTTP_REDIRECT_H

#include "web/http/request.h"

#define REDIRECT_MAX 2048	/* the most bytes of a path that is followed */

/*
 * Whether path is local: it begins with one '/', not "//" or "/\" (which browsers read as the start
 * of another host), and has no control character.
 */
bool redirect_is_local(struct slice path);

/* 303 to path if it is local, else to the mount. */
void redirect_to(const struct request *request, struct web_response *response, struct slice path);

/* 303 to one of our own pages, by its path below the mount. */
enum pt_err redirect_to_page(const struct request *request, struct web_response *response,
    const char *path);

#endif
