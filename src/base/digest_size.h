/*
 * The size of a SHA-256, for records that store digests and for those who compute them
 * (crypto/digest.h).
 */
#ifndef PINTLE_BASE_DIGEST_SIZE_H
#define PINTLE_BASE_DIGEST_SIZE_H

#define DIGEST_SIZE 32	/* bytes */

#endif
