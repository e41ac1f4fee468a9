/*
 * Removes records that do not decode, and makes the indexes match the rest. It reads snapshots of
 * a few hundred entries each, and takes the writer only for one wrong thing at a time, which it
 * checks again there, so that everything else continues meanwhile. A removal never lets anybody in:
 * the sessions of a lost user end, an existing user never loses a second factor, and the status
 * list reports the end of a lost session.
 */
#ifndef PINTLE_STORE_CARE_MEND_H
#define PINTLE_STORE_CARE_MEND_H

#include "base/u64.h"
#include "store/rows/row_entry.h"

#define MEND_TEXT 256

struct mending {
	struct store *store;
	struct store_caller caller;	/* the repair itself: only a time */
	void (*say)(const char *done, void *ctx);
	void *ctx;
	uint64_t mended;
	/* a bit for each index that the status list reports as ended */
	uint8_t *ended;
	uint64_t ended_bits;
	const struct mend_rule *rule;	/* of the present fix: */
	struct key at;
	char text[MEND_TEXT];		/* what it did; empty: nothing */
};

/* What the entries of a table must be. */
struct mend_rule {
	enum table table;
	/* Whether the entry is right. One that does not decode is not. */
	bool (*look)(struct store_txn *txn, const struct mending *m, const struct key *at,
	    struct slice value);
	/* Repairs or removes an entry that is not right, and notes that with mend_did. */
	void (*fix)(struct store_txn *txn, struct mending *m, const struct key *at);
};

/* Rules that belong together; each part has a file. */
struct mend_part {
	const struct mend_rule *rules;
	size_t count;
};
#define MEND_PART(rules_) { (rules_), sizeof(rules_) / sizeof((rules_)[0]) }

extern const struct mend_part mend_records, mend_indexes, mend_entries;
extern const struct mend_part mend_status_ended, mend_status_held;	/* after mend_note_ended */

/* Notes which indices the status list reports as ended. */
enum pt_err mend_note_ended(struct mending *m);

/* Counts again if the counters are not right, and reports that. */
enum pt_err mend_counters(struct mending *m);

/* mend_did notes what a fix did; mend_said reports it when it is on disk. */
void mend_did(struct mending *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void mend_said(struct mending *m);

/* A fix: removes the entry. */
void mend_delete(struct store_txn *txn, struct mending *m, const struct key *at);

/* The text of a key, made printable. */
const char *mend_words(const struct key *key, char out[USER_NAME_SIZE]);

/* The first and the second number of a key; 0 if it has none. */
uint64_t mend_first(const struct key *key);
uint64_t mend_second(const struct key *key);

/* Whether a value is a number. */
bool mend_number(struct slice value, uint64_t *number);

/* Whether there is an entry whose value is a number. Another value is no error here. */
bool mend_number_at(struct store_txn *txn, enum table table, const struct key *key,
    uint64_t *number);

/* Whether there is an entry, whatever its value. */
bool mend_is_there(struct store_txn *txn, enum table table, struct key key);

/* Whether there is a user with that number, readable or not. */
bool mend_user_is_there(struct store_txn *txn, uint64_t number);
void mend_put_tombstone(struct store_txn *txn, const struct key *sub, uint64_t user_number,
    int64_t now_ms);

/* The session's key in this index; empty if it has none. */
struct key mend_index_key(enum table table, const struct session_row *row);

#endif
