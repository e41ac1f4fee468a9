#include "token/keyring_watch.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "token/keyring_internal.h"

/* What distinguishes one keyring.json from its successor, which is another file. */
struct list_mark {
	ino_t inode;
	off_t size;
	struct timespec written;
	struct timespec changed;
};

struct keyring_watch {
	char *folder;
	char list[KEYRING_PATH_SIZE];	/* the path of keyring.json */
	pthread_mutex_t lock;		/* guards what follows, and the counts of all rings */
	struct list_mark mark;		/* the mark of the list that ring was read from */
	struct keyring *ring;
	bool failed;			/* the last reading failed, */
	struct stamp tried_at;		/* at this time */
};

static bool
list_mark_read(const char *path, struct list_mark *out)
{
	struct stat about;

	memset(out, 0, sizeof(*out));
	if (stat(path, &about) != 0)
		return false;
	out->inode = about.st_ino;
	out->size = about.st_size;
	out->written = about.st_mtim;
	out->changed = about.st_ctim;
	return true;
}

static bool
time_eq(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool
mark_eq(const struct list_mark *a, const struct list_mark *b)
{
	return a->inode == b->inode && a->size == b->size && time_eq(a->written, b->written) &&
	    time_eq(a->changed, b->changed);
}

enum pt_err
keyring_watch_open(const char *folder, struct keyring_watch **out, char **bad_path)
{
	struct keyring_watch *watch = calloc(1, sizeof(*watch));
	enum pt_err err = PT_ERR_NOMEM;

	*out = NULL;
	if (bad_path)
		*bad_path = NULL;
	if (watch == NULL)
		return err;
	watch->folder = strdup(folder);
	if (watch->folder == NULL)
		goto fail;
	err = keyring_path(folder, KEYRING_LIST_FILE, watch->list) ? PT_OK : PT_ERR_IO;
	/* Take the mark first, so that the next check sees changes from here on. */
	list_mark_read(watch->list, &watch->mark);
	if (err == PT_OK)
		err = keyring_open(folder, &watch->ring, bad_path);
	if (err != PT_OK)
		goto fail;
	watch->ring->holders = 1;
	pthread_mutex_init(&watch->lock, NULL);
	*out = watch;
	return PT_OK;
fail:;
	int saved = errno;

	free(watch->folder);
	free(watch);
	errno = saved;
	return err;
}

void
keyring_watch_free(struct keyring_watch *watch)
{
	if (watch == NULL)
		return;
	pthread_mutex_destroy(&watch->lock);
	keyring_free(watch->ring);
	free(watch->folder);
	free(watch);
}

/* Replaces the old ring, which its holders may finish using. Called with the lock held. */
static void
watch_swap(struct keyring_watch *watch, struct keyring *fresh)
{
	struct keyring *old = watch->ring;

	fresh->holders = 1;
	watch->ring = fresh;
	if (--old->holders == 0)
		keyring_free(old);
}

/*
 * Reads the keys anew. Called with the lock held: a thread that asks meanwhile waits for the new
 * keys, since a key that was revoked before it asked must not count.
 */
static void
watch_read(struct keyring_watch *watch, struct stamp now)
{
	struct list_mark mark;
	struct keyring *fresh = NULL;
	char *bad_path = NULL;

	/* Take the mark first, so that the next check sees changes from here on. */
	list_mark_read(watch->list, &mark);
	enum pt_err err = keyring_open(watch->folder, &fresh, &bad_path);

	watch->failed = err != PT_OK;
	watch->tried_at = now;
	if (err == PT_OK) {
		watch->mark = mark;
		LOG(LOG_LEVEL_INFO, "keys_read", LOG_NUM("keys", (int64_t)keyring_count(fresh)));
		watch_swap(watch, fresh);
	} else
		LOG_SPARELY(LOG_LEVEL_ERROR, "keys_not_read", NULL,
		    LOG_STR("path", bad_path ? bad_path : watch->folder),
		    LOG_STR("error", pt_err_text(err)),
		    LOG_STR("cause", err == PT_ERR_IO ? strerror(errno) : NULL),
		    LOG_STR("advice", "the previous keys stay in use; pintle check says more"));
	free(bad_path);
}

const struct keyring *
keyring_watch_hold(struct keyring_watch *watch, struct stamp now)
{
	struct list_mark mark;
	struct keyring *ring;
	bool there = list_mark_read(watch->list, &mark);

	pthread_mutex_lock(&watch->lock);
	if ((!there || !mark_eq(&mark, &watch->mark)) &&
	    (!watch->failed || clock_age_ms(now, watch->tried_at) >= KEYRING_WATCH_EVERY_MS))
		watch_read(watch, now);
	ring = watch->ring;
	ring->holders++;
	pthread_mutex_unlock(&watch->lock);
	return ring;
}

void
keyring_watch_release(struct keyring_watch *watch, const struct keyring *ring)
{
	/* The held ring is the watch's own, so it may be changed. */
	struct keyring *own = (struct keyring *)(uintptr_t)ring;
	bool last;

	pthread_mutex_lock(&watch->lock);
	last = --own->holders == 0;
	pthread_mutex_unlock(&watch->lock);
	if (last)
		keyring_free(own);
}
