/*
 * What the audit log keeps of a name that was typed and is no user's: "?" and a
 * keyed hash of it, since people type passwords there. Who tries one name again
 * and again is seen, and who knows the name finds its tag.
 */
#ifndef PINTLE_WEB_WHO_NAME_TAG_H
#define PINTLE_WEB_WHO_NAME_TAG_H

#include "base/base32.h"
#include "crypto/digest.h"
#include "token/keyring.h"

#define NAME_TAG_LABEL "pintle name tags v1"	/* of the key that it takes, for keyring_derive */
#define NAME_TAG_BYTES 5	/* of the hash: that two of a million names share a tag is as likely as not */
#define NAME_TAG_SIZE (1 + BASE32_LEN(NAME_TAG_BYTES) + 1)

/* The tag of a folded name; empty for the empty one. No name begins with "?". */
enum pt_err name_tag_make(const struct mac_key *key, struct slice name, char out[NAME_TAG_SIZE]);

/* The same by the present master key. */
enum pt_err name_tag_of(const struct keyring *ring, struct slice name, char out[NAME_TAG_SIZE]);

/* Reads a tag as a person types it, in either case; false for what is none. */
bool name_tag_read(struct slice typed, char out[NAME_TAG_SIZE]);

#endif
