#include "store/care/seal.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/u64.h"
#include "crypto/digest.h"

#define SEAL_MAGIC "pintle backup, SHA-256:\n"
#define SEAL_MAGIC_LEN (sizeof(SEAL_MAGIC) - 1)
#define SEAL_SIZE (SEAL_MAGIC_LEN + U64_SIZE + DIGEST_SIZE)

/* The magic, the number of bytes before the seal, and their digest. */
struct seal {
	uint8_t bytes[SEAL_SIZE];
};

static enum pt_err
seal_make(int fd, uint64_t len, struct seal *out)
{
	memcpy(out->bytes, SEAL_MAGIC, SEAL_MAGIC_LEN);
	u64_put(out->bytes + SEAL_MAGIC_LEN, len);
	return digest_file(fd, len, out->bytes + SEAL_MAGIC_LEN + U64_SIZE);
}

/* Whether there is one, and how many bytes are before it. */
static bool
seal_read(int fd, struct seal *out, uint64_t *len)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || st.st_size < (off_t)SEAL_SIZE)
		return false;
	*len = (uint64_t)st.st_size - SEAL_SIZE;
	return pread(fd, out->bytes, SEAL_SIZE, (off_t)*len) == (ssize_t)SEAL_SIZE &&
	    memcmp(out->bytes, SEAL_MAGIC, SEAL_MAGIC_LEN) == 0;
}

enum pt_err
seal_put(int fd)
{
	struct seal seal;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return PT_ERR_IO;
	enum pt_err err = seal_make(fd, (uint64_t)st.st_size, &seal);

	if (err != PT_OK)
		return err;
	return pwrite(fd, seal.bytes, SEAL_SIZE, st.st_size) == (ssize_t)SEAL_SIZE ?
	    PT_OK : PT_ERR_IO;
}

bool
seal_is_there(int fd)
{
	struct seal seal;
	uint64_t len;

	return seal_read(fd, &seal, &len);
}

enum pt_err
seal_take_off(int fd)
{
	struct seal seal, good;
	uint64_t len;

	if (!seal_read(fd, &seal, &len))
		return PT_OK;
	enum pt_err err = seal_make(fd, len, &good);

	if (err != PT_OK)
		return err;
	if (memcmp(seal.bytes, good.bytes, SEAL_SIZE) != 0)
		return PT_ERR_CORRUPT;
	return ftruncate(fd, (off_t)len) == 0 ? PT_OK : PT_ERR_IO;
}
