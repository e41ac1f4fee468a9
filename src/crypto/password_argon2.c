/*
 * Computes argon2 in the calling thread and in mapped pages: DESIGN.md, argon2 in one thread and
 * its own pages.
 */
#include <stdint.h>
#include <sys/mman.h>

#include "crypto/password_internal.h"

#define LARGE_PAGE ((size_t)2 << 20)	/* if large pages have another size, small pages are used */
#define SMALL_PAGE ((size_t)64 << 10)	/* or a multiple of it */

/* The library's allocation callback has no context argument. */
static _Thread_local struct {
	uint8_t *memory;
	size_t len;
} pages;

/*
 * Aligns the memory so that most of it can be in large pages, because a fault for each small page
 * would take as long as the hash. The rest on both sides is unmapped.
 */
enum pt_err
password_pages_take(uint64_t kib)
{
	const size_t len = ((size_t)kib * 1024 + SMALL_PAGE - 1) / SMALL_PAGE * SMALL_PAGE,
	    all = len + LARGE_PAGE;
	uint8_t *taken = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	    0);
	size_t before;

	if (taken == MAP_FAILED)
		return PT_ERR_NOMEM;
	before = (LARGE_PAGE - (uintptr_t)taken % LARGE_PAGE) % LARGE_PAGE;
	if (before > 0)
		munmap(taken, before);
	munmap(taken + before + len, LARGE_PAGE - before);
	pages.memory = taken + before;
	pages.len = len;
	madvise(pages.memory, pages.len, MADV_HUGEPAGE);
	return PT_OK;
}

void
password_pages_give(void)
{
	munmap(pages.memory, pages.len);
	pages.memory = NULL;
	pages.len = 0;
}

static int
pages_lend(uint8_t **memory, size_t len)
{
	*memory = len <= pages.len ? pages.memory : NULL;
	return *memory ? ARGON2_OK : ARGON2_MEMORY_ALLOCATION_ERROR;
}

/* The library has wiped this memory. */
static void
pages_return(uint8_t *memory, size_t len)
{
	(void)memory;
	(void)len;
}

/* The library's pointers are not const, but without a flag it only reads these. */
static uint8_t *
unconst(const void *bytes)
{
	return (uint8_t *)(uintptr_t)bytes;
}

enum pt_err
password_argon2(const struct argon2_work *work, struct slice password, uint8_t *out, size_t len)
{
	argon2_context context = {
		.out = out,
		.outlen = (uint32_t)len,
		.pwd = unconst(password.ptr),
		.pwdlen = (uint32_t)password.len,
		.salt = unconst(work->salt),
		.saltlen = (uint32_t)work->salt_len,
		.t_cost = work->cost.passes,
		.m_cost = work->cost.memory_kib,
		.lanes = work->cost.lanes,
		.threads = 1,
		.version = work->version,
		.allocate_cbk = pages_lend,
		.free_cbk = pages_return,
		.flags = ARGON2_DEFAULT_FLAGS,
	};
	int code = password.len > UINT32_MAX ?
	    ARGON2_PWD_TOO_LONG : argon2_ctx(&context, work->type);

	if (code == ARGON2_OK)
		return PT_OK;
	return code == ARGON2_MEMORY_ALLOCATION_ERROR ? PT_ERR_NOMEM : PT_ERR_CRYPTO;
}
