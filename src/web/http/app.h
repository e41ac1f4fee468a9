/*
 * What is needed to answer a request: the site's settings, store, keys and hashing slots, and what
 * is made from them once. All threads share it.
 */
#ifndef PINTLE_WEB_HTTP_APP_H
#define PINTLE_WEB_HTTP_APP_H

#include "base/word_list.h"
#include "conf/settings.h"
#include "crypto/password.h"
#include "store/limits/limits.h"
#include "store/store.h"
#include "token/keyring_watch.h"

struct status_cache;
struct verified;

struct web_app {
	const struct settings *settings;
	struct store *store;
	struct keyring_watch *keys;	/* held for each request, as request->keys */
	struct password_slots *slots;
	struct limits *limits;
	struct word_list *bad_passwords;	/* passwords that nobody may set */
	struct verified *verified;	/* access tokens that were verified already */
	/* the status list as it was last published */
	struct status_cache *status_cache;
	struct buf status_uri;		/* the address of the status list */
};

#endif
