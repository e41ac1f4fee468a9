/*
 * Takes away what does not decode, and makes the indexes fit what is left. Looks from snapshots, some hundred
 * entries each, and takes the writer only for what is not as it should be, one thing at a time: it is looked at
 * again there, so that all goes on meanwhile. Whatever is taken away lets nobody in: the sessions of a user who
 * is lost end, a second factor is never taken from a user who is there, and of a session that is lost the status
 * list reports the end.
 */
#ifndef PINTLE_STORE_CARE_MEND_H
#define PINTLE_STORE_CARE_MEND_H

#include "store/internal.h"

#define MEND_TEXT 256

struct mending {
	struct store *store;
	struct store_caller caller;	/* the mending itself: a time and nothing else */
	void (*say)(const char *done, void *ctx);
	void *ctx;
	uint64_t mended;
	uint8_t *ended;			/* a bit for each index of the status list of whose end it tells */
	uint64_t ended_bits;
	const struct mend_rule *rule;	/* of the fix under way: */
	struct key at;
	char text[MEND_TEXT];		/* what it did; empty: nothing */
};

/* What a table's entries are held to. */
struct mend_rule {
	enum table table;
	/* Whether the entry is as it should be. One that does not decode is not; any other error is one. */
	enum pt_err (*look)(const struct store_txn *txn, const struct mending *m, const struct key *at,
	    struct slice value, bool *good);
	/* Mends an entry that is not, or removes it, and notes that by mend_did. */
	enum pt_err (*fix)(struct store_txn *txn, struct mending *m, const struct key *at);
};

/* Rules that belong together; each part has a file. */
struct mend_part {
	const struct mend_rule *rules;
	size_t count;
};
#define MEND_PART(rules_) { (rules_), sizeof(rules_) / sizeof((rules_)[0]) }

extern const struct mend_part mend_records, mend_indexes, mend_entries;
extern const struct mend_part mend_status_ended, mend_status_held;	/* after mend_note_ended */

/* Notes what a fix did, to be said when it is on disk. */
void mend_did(struct mending *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says what was noted. */
void mend_said(struct mending *m);

/* What a key says where it is text: printable in any case. */
const char *mend_words(const struct key *key, char out[USER_NAME_SIZE]);

/* The first number of a key, and the second; 0 where it has none. */
uint64_t mend_first(const struct key *key);
uint64_t mend_second(const struct key *key);

/* What does not decode is not good; any other error is one. */
enum pt_err mend_looked(enum pt_err err, bool found, bool *good);

/* A fix: removes the entry. */
enum pt_err mend_delete(struct store_txn *txn, struct mending *m, const struct key *at);

/* Whether there is a user of that number, readable or not. */
enum pt_err mend_user_is_there(const struct store_txn *txn, uint64_t number, bool *there);
enum pt_err mend_put_tombstone(struct store_txn *txn, const struct key *sub, uint64_t user_number,
    int64_t now_ms);

/* The key by which this index holds the session; empty where it does not. */
struct key mend_index_key(enum table table, const struct session_row *row);

/* Notes which indices the status list reports as ended. */
enum pt_err mend_note_ended(struct mending *m);
enum pt_err mend_counters(struct mending *m);

#endif
