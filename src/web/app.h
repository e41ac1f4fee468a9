/*
 * What every request is answered with: the site's settings, store, keys and
 * hashing slots, and what is made of them once. Read by many threads at the
 * same time, changed by none.
 */
#ifndef PINTLE_WEB_APP_H
#define PINTLE_WEB_APP_H

#include "crypto/password.h"
#include "store/store.h"
#include "token/keyring.h"
#include "web/web.h"

#define APP_ETAG_SIZE 46	/* a quoted base64url of a SHA-256, and NUL */

struct web_app {
	const struct settings *settings;
	struct store *store;
	const struct keyring *keys;
	struct password_slots *slots;
	struct buf jwks;		/* the key set as it is served, */
	char jwks_etag[APP_ETAG_SIZE];	/* and its strong entity tag */
};

#endif
