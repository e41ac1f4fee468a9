/* The status list for anybody: one thread makes it at most once a second, however many ask. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/site.h"
#include "token/status_list.h"
#include "web/endpoint/status_cache.h"

#define SECOND_MS 1000
#define TAG_SIZE 64

static struct site site;

static int
begin(void **state)
{
	(void)state;
	site_open(&site);
	site_add_user(&site, "alice", SITE_PASSWORD);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	site_close(&site);
	return 0;
}

/* Asks for the list; returns the status and its tag. known: the tag the asker has; NULL: none. */
static int
ask(const char *known, char tag[TAG_SIZE])
{
	struct browser anybody = { .site = &site };
	struct reply reply;
	struct slice value;

	browser_ask(&anybody, &(struct ask){
		.method = "GET", .path = "/auth/status-list", .extra = { { "HTTP_IF_NONE_MATCH", known ? known : "" } },
	}, &reply);
	assert_true(reply_header(&reply, "ETag", &value) && value.len < TAG_SIZE);
	slice_copy(value, tag, TAG_SIZE);
	int status = reply.status;

	assert_true(status == 200 ? reply.body.len > 100 : reply.body.len == 0);
	reply_free(&reply);
	return status;
}

/* Ends a session, which the list will have to report. */
static void
end_one(void)
{
	struct browser browser = { .site = &site };
	struct reply reply;

	browser_login(&browser, "alice", NULL);
	browser_send(&browser, "POST", "/logout", NULL, &reply);
	assert_int_equal(reply.status, 204);
	reply_free(&reply);
}

static void
it_is_made_once_a_second_at_most(void **state)
{
	char first[TAG_SIZE], tag[TAG_SIZE];

	(void)state;
	assert_int_equal(ask(NULL, first), 200);
	for (int i = 0; i < 3; i++) {
		end_one();
		assert_int_equal(ask(NULL, tag), 200);
		assert_string_equal(tag, first);
		assert_int_equal(ask(first, tag), 304);
	}
	site_advance(SECOND_MS - 1);
	assert_int_equal(ask(first, tag), 304);
	site_advance(1);
	assert_int_equal(ask(first, tag), 200);
	assert_string_not_equal(tag, first);
	assert_int_equal(ask(tag, tag), 304);
}

static void
it_is_made_anew_at_once_where_it_is_older(void **state)
{
	char first[TAG_SIZE], tag[TAG_SIZE];

	(void)state;
	assert_int_equal(ask(NULL, first), 200);
	site_advance(SECOND_MS);
	assert_int_equal(ask(first, tag), 304);	/* nothing has changed and nothing was made */
	end_one();
	assert_int_equal(ask(first, tag), 200);
	assert_string_not_equal(tag, first);
}

static atomic_bool done;

static void *
ask_on(void *arg)
{
	unsigned *count = arg;
	char tag[TAG_SIZE];

	while (!atomic_load(&done)) {
		ask(NULL, tag);
		++*count;
	}
	return NULL;
}

/* A holder may keep sending the one that it has. */
static void
it_is_given_to_many_at_once(void **state)
{
	pthread_t threads[4];
	unsigned counts[4] = { 0 };
	char tag[TAG_SIZE];

	(void)state;
	atomic_store(&done, false);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_on, &counts[i]), 0);
	for (int i = 0; i < 20; i++) {
		end_one();
		ask(NULL, tag);
	}
	atomic_store(&done, true);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_true(counts[0] + counts[1] + counts[2] + counts[3] > 0);
}

/* ---- while it is made ---- */

static struct status_cache *cache;
static struct status_cache_source source;
static sem_t in_the_making, may_go_on;
static _Thread_local bool stops;

/* The thread that makes a list notes when, outside the lock: there it stops until it may go on. */
static struct instant
stopping_clock(void)
{
	if (stops) {
		stops = false;
		sem_post(&in_the_making);
		sem_wait(&may_go_on);
	}
	return site_caller().now;
}

static void
hold_tag(char tag[TAG_SIZE])
{
	const struct status_cache_copy *copy;

	assert_int_equal(status_cache_hold(cache, &source, &copy), PT_OK);
	slice_copy(buf_slice(&copy->tag), tag, TAG_SIZE);
	status_cache_release(cache, copy);
}

static void *
make_it(void *tag)
{
	stops = true;
	hold_tag(tag);
	return NULL;
}

static void
while_it_is_made_the_one_before_is_given(void **state)
{
	const struct keyring *ring = keyring_watch_hold(site.keys, site_caller().now.stamp);
	char first[TAG_SIZE], made[TAG_SIZE], tag[TAG_SIZE];
	pthread_t maker;

	(void)state;
	source = (struct status_cache_source){
		.store = site.store, .keys = keyring_status_keys(ring), .uri = SLICE("https://example.org/auth/status-list"),
		.now_ms = site_now_ms(), .ttl = 60,
	};
	assert_int_equal(status_cache_new(&cache), PT_OK);
	assert_true(sem_init(&in_the_making, 0, 0) == 0 && sem_init(&may_go_on, 0, 0) == 0);
	hold_tag(first);
	/* Its signature is too old for new askers, and still good. */
	source.now_ms += status_list_window(source.ttl) * 1000;
	clock_set_source(stopping_clock);
	assert_int_equal(pthread_create(&maker, NULL, make_it, made), 0);
	alarm(30);	/* whoever waits for the maker here waits for ever */
	sem_wait(&in_the_making);
	for (int i = 0; i < 3; i++) {
		hold_tag(tag);
		assert_string_equal(tag, first);
	}
	sem_post(&may_go_on);
	pthread_join(maker, NULL);
	alarm(0);
	assert_string_not_equal(made, first);
	hold_tag(tag);
	assert_string_equal(tag, made);
	status_cache_free(cache);
	keyring_watch_release(site.keys, ring);
	sem_destroy(&in_the_making);
	sem_destroy(&may_go_on);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_made_once_a_second_at_most, begin, end),
		cmocka_unit_test_setup_teardown(it_is_made_anew_at_once_where_it_is_older, begin, end),
		cmocka_unit_test_setup_teardown(it_is_given_to_many_at_once, begin, end),
		cmocka_unit_test_setup_teardown(while_it_is_made_the_one_before_is_given, begin, end),
	};

	return cmocka_run_group_tests_name("web_status", tests, NULL, NULL);
}
