/*
 * The keyring of a folder that may change while workers run: keys are added and revoked without a
 * restart (DESIGN.md, When a key changes). A thread holds the current ring for the length of one
 * request; the last holder of an old ring frees it. From many threads.
 */
#ifndef PINTLE_TOKEN_KEYRING_WATCH_H
#define PINTLE_TOKEN_KEYRING_WATCH_H

#include "base/clock.h"
#include "token/keyring.h"

struct keyring_watch;

#define KEYRING_WATCH_EVERY_MS 1000	/* how often to retry keys that could not be read */

/* Reads the keys like keyring_open, with the same errors. Free *out with keyring_watch_free. */
enum pt_err keyring_watch_open(const char *folder, struct keyring_watch **out, char **bad_path);

/* No ring may be held any longer. NULL does nothing. */
void keyring_watch_free(struct keyring_watch *watch);

/*
 * The current keys: a caller after a change gets the new ones, at the cost of one stat(2). If
 * changed keys cannot be read, that is logged and tried again a second later; until then the old
 * keys stay. Never NULL; to be given back with keyring_watch_release.
 */
const struct keyring *keyring_watch_hold(struct keyring_watch *watch, struct stamp now);
void keyring_watch_release(struct keyring_watch *watch, const struct keyring *ring);

#endif
