/* The status list for anybody: one thread makes it at most once a second, however many ask. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "support/site.h"

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

/*
 * One thread makes it, and the others get the previous one meanwhile: a holder may keep sending it.
 */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_made_once_a_second_at_most, begin, end),
		cmocka_unit_test_setup_teardown(it_is_made_anew_at_once_where_it_is_older, begin, end),
		cmocka_unit_test_setup_teardown(it_is_given_to_many_at_once, begin, end),
	};

	return cmocka_run_group_tests_name("web_status", tests, NULL, NULL);
}
