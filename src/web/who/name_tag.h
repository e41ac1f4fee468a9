/*
 * What the audit log keeps of a typed name that is no user's: "?" and a keyed hash, since people
 * type passwords into that field. Repeated attempts with one name can be seen, and anybody who
 * knows the name can find its tag. See DESIGN.md, Names that were typed and belong to nobody.
 */
#ifndef PINTLE_WEB_WHO_NAME_TAG_H
#define PINTLE_WEB_WHO_NAME_TAG_H

#include "base/base32.h"
#include "crypto/digest.h"
#include "token/keyring.h"

#define NAME_TAG_LABEL "pintle name tags v1"	/* label of its key, for keyring_derive */
/* of the hash: two among a million names share a tag about half the time */
#define NAME_TAG_BYTES 5
#define NAME_TAG_SIZE (1 + BASE32_LEN(NAME_TAG_BYTES) + 1)

/* The tag of a folded name; empty for the empty one. No name begins with "?". */
enum pt_err name_tag_make(const struct mac_key *key, struct slice name, char out[NAME_TAG_SIZE]);

/* The same with the present master key. */
enum pt_err name_tag_of(const struct keyring *ring, struct slice name, char out[NAME_TAG_SIZE]);

/* Reads a tag as a person types it, in upper or lower case; false if it is not a tag. */
bool name_tag_read(struct slice typed, char out[NAME_TAG_SIZE]);

#endif
