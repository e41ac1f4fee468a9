#include "store/limits/head.h"

#include <stddef.h>
#include <unistd.h>

/* What LMDB 0.9 keeps on each of the two pages, after the page's own header. */
struct head_table {
	uint32_t page_size;	/* of the first table: of all */
	uint16_t flags, depth;
	size_t pages[3], entries, root;
};

struct head {
	uint32_t magic, version;
	void *address;
	size_t map_bytes;
	struct head_table tables[2];
	size_t last_page, transaction;
};

#define HEAD_VERSION 1	/* that of LMDB 0.9: nothing is known here of another one */
#define HEAD_AT (sizeof(size_t) + 8)	/* after the header of the page */
#define HEAD_FLAGS 0x8	/* MDB_INTEGERKEY: the table of free pages has it, and no other flag */

static bool
head_is_possible(const struct head *head, uint32_t page_size, uint64_t map_bytes)
{
	return head->version == HEAD_VERSION && head->tables[0].page_size == page_size &&
	    head->tables[0].flags == HEAD_FLAGS && head->tables[1].flags == 0 &&
	    head->last_page < map_bytes / page_size;
}

bool
head_is_sound(int fd, uint64_t map_bytes)
{
	struct head first, second;

	if (pread(fd, &first, sizeof(first), HEAD_AT) != (ssize_t)sizeof(first) ||
	    first.version != HEAD_VERSION)
		return true;
	uint32_t page_size = first.tables[0].page_size;

	if (page_size < 256 || page_size > 65536 || (page_size & (page_size - 1)) != 0)
		return false;
	return pread(fd, &second, sizeof(second),
	    (off_t)(page_size + HEAD_AT)) == (ssize_t)sizeof(second) &&
	    head_is_possible(&first, page_size, map_bytes) &&
	    head_is_possible(&second, page_size, map_bytes);
}
