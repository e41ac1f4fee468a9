/* The time for which a certificate is valid, by OpenSSL. */
#ifndef PINTLE_CRYPTO_CERTIFICATE_H
#define PINTLE_CRYPTO_CERTIFICATE_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads the validity of the first certificate in a PEM file (RFC 5280, 4.1.2.5), in seconds since
 * 1970. PT_ERR_IO with errno; PT_ERR_INVALID if the file has none.
 */
enum pt_err certificate_read(const char *path, int64_t *from_s, int64_t *until_s);

/*
 * From when on its renewal is overdue: certificates are normally renewed long before the last tenth
 * of their life, or the last two weeks. Seconds since 1970.
 */
int64_t certificate_overdue_s(int64_t from_s, int64_t until_s);

#endif
