/* A buffer grows, remembers a failure, and leaves no copy behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "support/memory_double.h"

static void
appends_of_every_kind_follow_each_other(void **state)
{
	struct buf buf = BUF_EMPTY;

	(void)state;
	buf_append(&buf, "a\0b", 3);
	buf_append(&buf, NULL, 0);
	buf_put(&buf, SLICE("-cd-"));
	buf_put(&buf, (struct slice){ NULL, 0 });
	buf_puts(&buf, "ef");
	buf_putc(&buf, '!');
	buf_printf(&buf, "%s=%d", "n", -7);
	assert_int_equal(buf_status(&buf), PT_OK);
	assert_true(slice_eq(buf_slice(&buf), SLICE("a\0b-cd-ef!n=-7")));
	buf_free(&buf);
	assert_null(buf.ptr);
	assert_int_equal(buf.len, 0);
	buf_free(&buf);
}

static void
bytes_survive_growth(void **state)
{
	struct buf buf = BUF_EMPTY;

	(void)state;
	for (int i = 0; i < 5000; i++)
		buf_printf(&buf, "%04d,", i);
	assert_int_equal(buf_status(&buf), PT_OK);
	assert_int_equal(buf.len, 5000 * 5);
	assert_memory_equal(buf.ptr, "0000,0001,", 10);
	assert_memory_equal(buf.ptr + buf.len - 5, "4999,", 5);
	buf_free(&buf);
}

static void
growth_and_release_leave_no_copy(void **state)
{
	struct buf buf = BUF_EMPTY;

	(void)state;
	memory_watch("horse");
	buf_puts(&buf, "correct horse");
	for (int i = 0; i < 1000; i++)
		buf_puts(&buf, " battery staple");
	buf_free(&buf);
	assert_true(memory_freed() > 2);
	assert_int_equal(memory_leaked(), 0);
	memory_watch(NULL);
}

static void
clearing_wipes_and_keeps_the_memory(void **state)
{
	struct buf buf = BUF_EMPTY;

	(void)state;
	buf_puts(&buf, "hunter2");
	char *memory = buf.ptr;

	buf_clear(&buf);
	assert_int_equal(buf.len, 0);
	for (size_t i = 0; i < buf.cap; i++)
		assert_int_equal(memory[i], 0);
	buf_puts(&buf, "x");
	assert_ptr_equal(buf.ptr, memory);
	buf_free(&buf);
}

static void
cutting_takes_back_the_end(void **state)
{
	struct buf buf = BUF_EMPTY;

	(void)state;
	buf_puts(&buf, "keep hunter2");
	buf_cut(&buf, 5);
	assert_true(slice_eq(buf_slice(&buf), SLICE("keep ")));
	assert_int_equal(buf.ptr[5], 0);
	buf_puts(&buf, "this");
	assert_true(slice_eq(buf_slice(&buf), SLICE("keep this")));
	buf_free(&buf);
}

static void
want_of_memory_is_remembered_until_cleared(void **state)
{
	struct buf buf = BUF_EMPTY;

	(void)state;
	memory_run_out(true);
	buf_puts(&buf, "lost");
	memory_run_out(false);
	assert_int_equal(buf_status(&buf), PT_ERR_NOMEM);
	buf_puts(&buf, "what follows a gap is no text");
	assert_int_equal(buf.len, 0);
	assert_int_equal(buf_status(&buf), PT_ERR_NOMEM);
	buf_clear(&buf);
	assert_int_equal(buf_status(&buf), PT_OK);
	buf_puts(&buf, "again");
	assert_true(slice_eq(buf_slice(&buf), SLICE("again")));
	buf_free(&buf);
}

static void
no_size_overflows(void **state)
{
	struct buf buf = BUF_EMPTY;
	/* without this the compiler sees the fault and objects */
	volatile size_t most = SIZE_MAX - 1;

	(void)state;
	buf_puts(&buf, "x");
	buf_append(&buf, "y", most);
	assert_int_equal(buf_status(&buf), PT_ERR_NOMEM);
	assert_true(slice_eq(buf_slice(&buf), SLICE("x")));
	buf_free(&buf);
}

static void
the_callers_memory_is_never_left(void **state)
{
	char memory[9] = "........";
	struct buf buf = buf_fixed(memory, 4);

	(void)state;
	buf_puts(&buf, "abcd");
	assert_int_equal(buf_status(&buf), PT_OK);
	buf_putc(&buf, 'e');
	assert_int_equal(buf_status(&buf), PT_ERR_NOMEM);
	assert_string_equal(memory, "abcd....");
	buf_cut(&buf, 3);
	assert_int_equal(buf_status(&buf), PT_OK);
	buf_putc(&buf, 'z');
	assert_string_equal(memory, "abcz....");
	memory_watch("nothing is freed");
	buf_free(&buf);
	assert_int_equal(memory_freed(), 0);
	memory_watch(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_of_every_kind_follow_each_other),
		cmocka_unit_test(bytes_survive_growth),
		cmocka_unit_test(growth_and_release_leave_no_copy),
		cmocka_unit_test(clearing_wipes_and_keeps_the_memory),
		cmocka_unit_test(cutting_takes_back_the_end),
		cmocka_unit_test(want_of_memory_is_remembered_until_cleared),
		cmocka_unit_test(no_size_overflows),
		cmocka_unit_test(the_callers_memory_is_never_left),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
