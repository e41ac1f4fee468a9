/*
 * What a guess counts for, as the limits' store names it: keyed hashes of
 * accounts, devices and addresses, which tell nobody what they were made of and
 * which nobody can make collide.
 */
#ifndef PINTLE_WEB_WHO_GUESS_KEY_H
#define PINTLE_WEB_WHO_GUESS_KEY_H

#include "core/records.h"
#include "crypto/digest.h"
#include "store/limits/limits.h"

#define GUESS_KEY_LABEL "pintle guesses v1"	/* of the key that these take, for keyring_derive */

/* An account, whether there is one or not, by its folded name. */
enum pt_err guess_key_account(const struct mac_key *key, struct slice name, uint8_t out[LIMITS_KEY_SIZE]);

/* A device at an account: at another account it is another. */
enum pt_err guess_key_device(const struct mac_key *key, uint64_t user_number, const uint8_t device_hash[DIGEST_LEN],
    uint8_t out[LIMITS_KEY_SIZE]);

/*
 * An address: IPv4 whole, IPv6 without its lower 64 bits, which a client chooses
 * as it likes. All that is no address (a Unix socket's peer) is one and the same.
 */
enum pt_err guess_key_address(const struct mac_key *key, struct slice address, uint8_t out[LIMITS_KEY_SIZE]);

#endif
