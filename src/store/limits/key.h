/* The keys under which guesses are counted: keyed hashes, which the caller makes. */
#ifndef PINTLE_STORE_LIMITS_KEY_H
#define PINTLE_STORE_LIMITS_KEY_H

#define LIMITS_KEY_SIZE 16	/* bytes */

#endif
