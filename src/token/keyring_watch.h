/*
 * The keyring of a folder that may change meanwhile: a key is added, or ended,
 * and nobody starts the workers again. Whoever needs keys holds the ring of the
 * moment as long as one request lasts; an old ring is freed by the last who
 * holds it. Used from many threads.
 */
#ifndef PINTLE_TOKEN_KEYRING_WATCH_H
#define PINTLE_TOKEN_KEYRING_WATCH_H

#include "base/clock.h"
#include "token/keyring.h"

struct keyring_watch;

#define KEYRING_WATCH_EVERY_MS 1000	/* keys that could not be read are tried again no more often */

/* Reads the keys as keyring_open does, with the same errors. *out is yours, for keyring_watch_free. */
enum pt_err keyring_watch_open(const char *folder, struct keyring_watch **out, char **bad_path);

/* Nobody may hold a ring any more. NULL does nothing. */
void keyring_watch_free(struct keyring_watch *watch);

/*
 * The keys as of now: whoever asks after the folder was changed has the new ones, at
 * the cost of one stat(2). Keys that have changed and cannot be read are logged, and
 * tried again a second later: until then those before stay. To be given back by keyring_watch_release; never NULL.
 */
const struct keyring *keyring_watch_hold(struct keyring_watch *watch, struct stamp now);
void keyring_watch_release(struct keyring_watch *watch, const struct keyring *ring);

#endif
