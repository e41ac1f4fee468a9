/* The inside of a keyring and the names of its files, for keyring*.c only. */
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
/* a file's name below the folder; "signing/KID.pem" is the longest */
#define KEYRING_NAME_SIZE 64

struct keyring {
	uint8_t *master;	/* MAC_MASTER_SIZE bytes of secret_alloc */
	int64_t master_from_s;	/* when the master key was made: the time of its file */
	/*
	 * there is a previous master key, which is still accepted, or which only opens what it
	 * sealed
	 */
	bool has_old, has_leaked;
	struct mac_key *refresh_keys[2];
	size_t refresh_count;
	struct mac_key *gate_keys[2];
	size_t gate_count;
	struct aead_key *otp_keys[3];
	size_t otp_count;
	struct signing_key *owned[KEYRING_MAX_KEYS];
	struct keyring_entry entries[KEYRING_MAX_KEYS];
	size_t count;
	/* the keys of the status list, a ring without a master key. NULL: none */
	struct keyring *status;
	unsigned holders;	/* how many hold a ring from a keyring_watch, including the watch */
};

/* The path of name in folder; false, with errno ENAMETOOLONG, if it does not fit. */
bool keyring_path(const char *folder, const char *name, char out[KEYRING_PATH_SIZE]);

/* The file name of the key with this kid: "signing/KID.pem". */
void keyring_key_name(const char kid[SIGNING_KID_SIZE], char out[KEYRING_NAME_SIZE]);

/* Writes the file of a new key. */
enum pt_err keyring_key_create(const char *folder, const struct signing_key *key);

/* Replaces the list, keyring.json, with a new file, even if nothing in it changes. */
enum pt_err keyring_list_replace(const char *folder, const struct keyring_entry *entries,
    size_t count);

#endif
