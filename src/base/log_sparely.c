/* See DESIGN.md, Lines that strangers cause. */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"

#define SPARE_MS (INT64_C(60) * 1000)
#define SPARE_SLOTS 128
#define SPARE_KEY_SIZE 48
#define SPARE_FIELDS 12

/* A kind of line, its minute, and the number of such lines in it. */
struct spare {
	const char *event;		/* NULL: free */
	char key[SPARE_KEY_SIZE];
	int64_t since_ms;		/* when its minute began */
	unsigned said;			/* lines of this minute */
	int64_t unsaid;			/* left out since the last line */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* The last slot is for all kinds that find no slot of their own. */
static struct spare spares[SPARE_SLOTS];

static struct spare *
spare_of(const char *event, const char *key, int64_t now_ms)
{
	struct spare *place = NULL;

	for (size_t i = 0; i < SPARE_SLOTS - 1; i++) {
		struct spare *spare = &spares[i];

		if (spare->event && strcmp(spare->event, event) == 0 &&
		    strncmp(spare->key, key, SPARE_KEY_SIZE - 1) == 0)
			return spare;
		/* A slot whose minute is over, with nothing left to report, counts as free. */
		if (place == NULL && (spare->event == NULL ||
		    (spare->unsaid == 0 && now_ms - spare->since_ms >= SPARE_MS)))
			place = spare;
	}
	if (place == NULL) {
		place = &spares[SPARE_SLOTS - 1];
		if (place->event)
			return place;
	}
	*place = (struct spare){ .event = event, .since_ms = now_ms };
	strncpy(place->key, key, SPARE_KEY_SIZE - 1);
	return place;
}

/* How many lines the next one stands for; 0: it is left out. */
static int64_t
spare_take(const char *event, const char *key, unsigned most, int64_t now_ms)
{
	int64_t times = 0;

	pthread_mutex_lock(&lock);
	struct spare *spare = spare_of(event, key, now_ms);

	if (now_ms - spare->since_ms >= SPARE_MS) {
		spare->since_ms = now_ms;
		spare->said = 0;
	}
	spare->unsaid++;
	if (spare->said < most) {
		spare->said++;
		times = spare->unsaid;
		spare->unsaid = 0;
	}
	pthread_mutex_unlock(&lock);
	return times;
}

void
log_sparely(enum log_level level, const char *event, const char *key, unsigned most,
    const struct log_field *fields, size_t count)
{
	struct log_field all[SPARE_FIELDS + 1];
	int saved = errno;

	if (!log_takes(level))
		return;
	if (log_takes(LOG_LEVEL_DEBUG)) {
		log_event(level, event, fields, count);
		return;
	}
	int64_t times = spare_take(event, key ? key : "", most, clock_now().stamp.ms);

	if (times > 0) {
		count = count < SPARE_FIELDS ? count : SPARE_FIELDS;
		memcpy(all, fields, count * sizeof(*fields));
		all[count] = LOG_NUM("times", times);
		log_event(level, event, all, count + (times > 1));
	}
	errno = saved;
}

/*
 * Takes the next slot, from *i on, whose minute is over and whose left-out lines are not reported
 * yet.
 */
static bool
spare_next_over(size_t *i, int64_t now_ms, struct spare *out)
{
	bool found = false;

	pthread_mutex_lock(&lock);
	for (; !found && *i < SPARE_SLOTS; ++*i) {
		struct spare *spare = &spares[*i];

		if (spare->event == NULL || spare->unsaid == 0 ||
		    now_ms - spare->since_ms < SPARE_MS)
			continue;
		*out = *spare;
		spare->unsaid = 0;
		spare->since_ms = now_ms;
		spare->said = 1;
		found = true;
	}
	pthread_mutex_unlock(&lock);
	return found;
}

void
log_tell_spared(void)
{
	const int64_t now_ms = clock_now().stamp.ms;
	struct spare spare;

	for (size_t i = 0; spare_next_over(&i, now_ms, &spare);)
		LOG(LOG_LEVEL_INFO, "log_lines_spared", LOG_STR("of", spare.event),
		    LOG_STR("kind", spare.key), LOG_NUM("lines", spare.unsaid));
}
