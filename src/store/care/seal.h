/*
 * The seal of a backup: its last bytes, with the length and the SHA-256 of everything before them.
 * LMDB never reads past a database's last page, so programs that know no seals accept the backup
 * too. See DESIGN.md, A backup ends with a seal.
 */
#ifndef PINTLE_STORE_CARE_SEAL_H
#define PINTLE_STORE_CARE_SEAL_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Seals the file, which must be open for reading and writing. PT_ERR_IO with errno, PT_ERR_CRYPTO.
 */
enum pt_err seal_put(int fd);

/* Whether the file has a seal, matching or not. */
bool seal_is_there(int fd);

/*
 * Compares the file with its seal and removes the seal; a file without one stays as it is.
 * PT_ERR_CORRUPT if the bytes are not the sealed ones; PT_ERR_IO with errno, PT_ERR_CRYPTO.
 */
enum pt_err seal_take_off(int fd);

#endif
