/*
 * The seal of a backup: its last bytes, which say how long what is before them is, and its SHA-256.
 * LMDB never reads after a database's last page, so a program that knows no seal takes the backup
 * too.
 */
#ifndef PINTLE_STORE_CARE_SEAL_H
#define PINTLE_STORE_CARE_SEAL_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Seals the file, which has to be open for reading and writing. PT_ERR_IO with errno,
 * PT_ERR_CRYPTO.
 */
enum pt_err seal_put(int fd);

/* Whether the file has a seal, true to it or not. */
bool seal_is_there(int fd);

/*
 * Holds the file to its seal and takes the seal off; a file without one stays as it is.
 * PT_ERR_CORRUPT if its bytes are not those that were sealed; PT_ERR_IO with errno, PT_ERR_CRYPTO.
 */
enum pt_err seal_take_off(int fd);

#endif
