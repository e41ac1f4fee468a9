/*
 * What every request is answered with: the site's settings, store, keys and
 * hashing slots. Read by many threads at the same time, changed by none.
 */
#ifndef PINTLE_WEB_APP_H
#define PINTLE_WEB_APP_H

#include "crypto/password.h"
#include "store/store.h"
#include "token/keyring.h"
#include "web/web.h"

struct web_app {
	const struct settings *settings;
	struct store *store;
	const struct keyring *keys;
	struct password_slots *slots;
};

#endif
