#include "crypto/random.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "base/base64url.h"

enum pt_err
random_bytes(void *out, size_t len)
{
	uint8_t *to = out;

	while (len) {
		ssize_t got = getrandom(to, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return PT_ERR_CRYPTO;
		to += got;
		len -= (size_t)got;
	}
	return PT_OK;
}

enum pt_err
random_below(uint64_t limit, uint64_t *out)
{
	uint64_t chance;
	enum pt_err err = random_bytes(&chance, sizeof(chance));

	*out = err == PT_OK && limit > 0 ? chance % limit : 0;
	return err;
}

void
random_id_of(const uint8_t bytes[RANDOM_ID_BYTES], char out[RANDOM_ID_SIZE])
{
	uint8_t used[RANDOM_ID_BYTES];

	memcpy(used, bytes, sizeof(used));
	base64url_encode(used, sizeof(used), out);
	if (out[0] != '-')
		return;
	/* On a command line it would look like an option. */
	used[0] ^= 0x80;
	base64url_encode(used, sizeof(used), out);
}

enum pt_err
random_id(char out[RANDOM_ID_SIZE])
{
	uint8_t bytes[RANDOM_ID_BYTES];
	enum pt_err err = random_bytes(bytes, sizeof(bytes));

	if (err == PT_OK)
		random_id_of(bytes, out);
	return err;
}
