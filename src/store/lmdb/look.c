#include "store/lmdb/look.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store/lmdb/env_err.h"

#define META_MAGIC 0xbeefc0deu
#define META_VERSION 1u
#define PAGE_LEAST 256u
#define PAGE_MOST 65536u
#define PAGE_IS_META 0x08u

struct lmdb_db {
	uint32_t page_bytes;	/* in the first of the two; the second has something else there */
	uint16_t flags, depth;
	size_t branch_pages, leaf_pages, overflow_pages, entries, root;
};

struct lmdb_meta_page {
	size_t page_number;
	uint16_t pad, flags;
	uint32_t bounds;
	uint32_t magic, version;
	void *address;
	size_t map_bytes;
	struct lmdb_db dbs[2];
	size_t last_page, transaction;
};

static bool
meta_page_is_good(const struct lmdb_meta_page *page)
{
	uint32_t bytes = page->dbs[0].page_bytes;

	return page->magic == META_MAGIC && (page->version & 0xffff) == META_VERSION &&
	    page->flags & PAGE_IS_META &&
	    bytes >= PAGE_LEAST && bytes <= PAGE_MOST && (bytes & (bytes - 1)) == 0 &&
	    page->last_page >= 1 && page->last_page < SIZE_MAX / bytes;
}

bool
look_header(struct slice bytes, uint64_t *size)
{
	struct lmdb_meta_page pages[2];

	if (bytes.len < sizeof(pages[0]))
		return false;
	memcpy(&pages[0], bytes.ptr, sizeof(pages[0]));
	if (!meta_page_is_good(&pages[0]))
		return false;
	size_t page_bytes = pages[0].dbs[0].page_bytes;

	if (bytes.len < page_bytes + sizeof(pages[1]))
		return false;
	memcpy(&pages[1], bytes.ptr + page_bytes, sizeof(pages[1]));
	if (!meta_page_is_good(&pages[1]) || pages[1].dbs[0].page_bytes != page_bytes)
		return false;
	const struct lmdb_meta_page *last = pages[1].transaction > pages[0].transaction ?
	    &pages[1] : &pages[0];

	*size = ((uint64_t)last->last_page + 1) * page_bytes;
	return true;
}

static enum pt_err
look_read(int fd, uint64_t *said, uint64_t *has)
{
	char bytes[PAGE_MOST + sizeof(struct lmdb_meta_page)];
	struct stat st;
	size_t len = 0;

	while (len < sizeof(bytes)) {
		ssize_t got = pread(fd, bytes + len, sizeof(bytes) - len, (off_t)len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == ESPIPE || errno == EISDIR ? PT_ERR_CORRUPT : PT_ERR_IO;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	/*
	 * After the reads: meanwhile another process may make the file longer, but never shorter.
	 */
	if (fstat(fd, &st) != 0)
		return PT_ERR_IO;
	*has = (uint64_t)st.st_size;
	return S_ISREG(st.st_mode) && look_header((struct slice){ bytes, len }, said) ?
	    PT_OK : PT_ERR_CORRUPT;
}

enum pt_err
look_size(const char *file, uint64_t *said, uint64_t *has)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	*said = *has = 0;
	if (fd < 0)
		return PT_ERR_IO;
	enum pt_err err = look_read(fd, said, has);
	int saved = errno;

	close(fd);
	errno = saved;
	return err;
}

/* Never made shorter: another process may have made the file longer by now. */
static enum pt_err
look_lengthen(const char *file, uint64_t size)
{
	int fd = open(file, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return PT_ERR_IO;
	int rc = posix_fallocate(fd, (off_t)size - 1, 1);

	close(fd);
	if (rc == 0)
		return PT_OK;
	errno = rc;
	return env_meaning(rc);
}

enum pt_err
look_mend_size(const char *file)
{
	uint64_t said, has;
	enum pt_err err = look_size(file, &said, &has);

	if (err != PT_OK || has >= said)
		return err;
	LOG(LOG_LEVEL_WARNING, "store_file_short", LOG_STR("path", file),
	    LOG_NUM("bytes", (int64_t)has),
	    LOG_NUM("wanted", (int64_t)said),
	    LOG_STR("advice", "pintle check says whether anything is missing"));
	return look_lengthen(file, said);
}
