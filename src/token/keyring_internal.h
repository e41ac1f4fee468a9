/* What a keyring is and how its files are called, for the files keyring*.c alone. */
#ifndef PINTLE_TOKEN_KEYRING_INTERNAL_H
#define PINTLE_TOKEN_KEYRING_INTERNAL_H

#include "token/keyring.h"

#define KEYRING_MASTER_FILE "master.key"
#define KEYRING_OLD_MASTER_FILE "master.old.key"
#define KEYRING_LEAKED_MASTER_FILE "master.leaked.key"
#define KEYRING_LIST_FILE "keyring.json"
#define KEYRING_SIGNING_FOLDER "signing"
#define KEYRING_STATUS_FOLDER "status"

#define KEYRING_PATH_SIZE 4096
#define KEYRING_NAME_SIZE 64	/* a file's name below the folder, "signing/KID.pem" being the longest */

struct keyring {
	uint8_t *master;	/* MAC_MASTER_SIZE bytes of secret_alloc */
	int64_t master_from_s;	/* when the master key was made: its file's time */
	bool has_old, has_leaked;	/* there is a master key before it, which is taken still, or which only opens what it sealed */
	struct mac_key *refresh_keys[2];
	size_t refresh_count;
	struct mac_key *gate_keys[2];
	size_t gate_count;
	struct aead_key *otp_keys[3];
	size_t otp_count;
	struct signing_key *owned[KEYRING_MAX_KEYS];
	struct keyring_entry entries[KEYRING_MAX_KEYS];
	size_t count;
	struct keyring *status;	/* the keys of the status list; it has no master key. NULL: none */
	unsigned holders;	/* of one that a keyring_watch hands out: how many have it, the watch among them */
};

/* The path of what is called name in folder; false, with errno ENAMETOOLONG, if it does not fit. */
bool keyring_path(const char *folder, const char *name, char out[KEYRING_PATH_SIZE]);

/* The name of the file of the key that kid names: "signing/KID.pem". */
void keyring_key_name(const char kid[SIGNING_KID_SIZE], char out[KEYRING_NAME_SIZE]);

/* Writes the file of a key that has none yet. */
enum pt_err keyring_key_create(const char *folder, const struct signing_key *key);

/* Appends what keyring.json holds. */
enum pt_err keyring_list_put(const struct keyring_entry *entries, size_t count, struct buf *out);

#endif
