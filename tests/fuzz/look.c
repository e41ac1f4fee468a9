/*
 * What a database or backup file says of its own size: the input is the file. The result is always
 * a number of whole pages that a file can have; it is the same for the file as for its bytes, and
 * there is none for a file that was cut short in its first pages.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "store/lmdb/look.h"

#define PAGE_LEAST 256
#define LOOKED_AT (65536 + 256)	/* bytes of a file that are looked at, and a few more */

/* The file gives the same answer as its bytes. */
static void
file_says_the_same(struct slice bytes, bool good, uint64_t size)
{
	char path[32];
	uint64_t said, has;
	int fd = memfd_create("look", MFD_CLOEXEC);

	MUST(fd >= 0);
	MUST(write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	enum pt_err err = look_size(path, &said, &has);

	MUST(err == (good ? PT_OK : PT_ERR_CORRUPT));
	MUST(has == bytes.len && said == size);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice file = { (const char *)bytes, len };
	uint64_t size = 0, again = 0;
	bool good = look_header(file, &size);

	MUST(good || size == 0);
	file_says_the_same(file, good, size);
	if (!good)
		return 0;
	MUST(size >= 2 * PAGE_LEAST && size % PAGE_LEAST == 0);
	/* Only the first pages count, and both of them have to be there. */
	if (file.len > LOOKED_AT)
		file.len = LOOKED_AT;
	MUST(look_header(file, &again) && again == size);
	file.len = PAGE_LEAST;
	MUST(!look_header(file, &again));
	return 0;
}
