/* One-time links to set a password by, as far as other operations look at them. */
#ifndef PINTLE_STORE_LINK_H
#define PINTLE_STORE_LINK_H

#include "store/txn.h"

/* A walk through the links, some at a time. */
struct link_walk {
	int64_t now_ms;
	uint64_t from;		/* the user whose link is looked at next, or the first after it */
	unsigned looks;		/* how many more are looked at */
	bool ended;		/* there are no others */
	uint64_t user_number;	/* whose link was found */
};

/* The next whose time is over; false at the end of the walk or of its looks. */
bool link_next_due(struct store_txn *txn, struct link_walk *walk);

/* Removes one if its time is over, with its audit event. */
void link_expire(struct store_txn *txn, const struct store_caller *caller, uint64_t user_number);

/* Removes all of them: of a backup nobody knows which have been used since. */
void link_forget_all(struct store_txn *txn);

#endif
