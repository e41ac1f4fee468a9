/*
 * The keys under which guesses are counted: keyed hashes of accounts, devices and addresses, which
 * do not reveal what they were made from, and for which nobody can construct collisions.
 */
#ifndef PINTLE_WEB_WHO_GUESS_KEY_H
#define PINTLE_WEB_WHO_GUESS_KEY_H

#include "core/records.h"
#include "crypto/digest.h"
#include "store/limits/limits.h"

/* label of the key for these functions, for keyring_derive */
#define GUESS_KEY_LABEL "pintle guesses v1"

/* The key of an account, existing or not, by its folded name. */
enum pt_err guess_key_account(const struct mac_key *key, struct slice name,
    uint8_t out[LIMITS_KEY_SIZE]);

/* The key of a device at an account; the same device at another account has another key. */
enum pt_err guess_key_device(const struct mac_key *key, uint64_t user_number,
    const uint8_t device_hash[DIGEST_SIZE], uint8_t out[LIMITS_KEY_SIZE]);

/*
 * The key of an address: IPv4 whole, IPv6 without its lower 64 bits, which a client can choose
 * freely. Everything that is not an address (the peer of a Unix socket) has one and the same key.
 */
enum pt_err guess_key_address(const struct mac_key *key, struct slice address,
    uint8_t out[LIMITS_KEY_SIZE]);

#endif
