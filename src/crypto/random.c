#include "crypto/random.h"

#include <errno.h>
#include <stdint.h>
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
random_id(char out[RANDOM_ID_SIZE])
{
	uint8_t bytes[16];

	do {
		enum pt_err err = random_bytes(bytes, sizeof bytes);

		if (err)
			return err;
		base64url_encode(bytes, sizeof bytes, out);
	} while (out[0] == '-');	/* on a command line it would be an option */
	return PT_OK;
}
