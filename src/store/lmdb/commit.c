/*
 * Group commit (DESIGN.md, Group commit). A durable commit costs the same for one change as for
 * sixty-four, so the first thread to arrive leads: it takes all waiting changes, runs them in one
 * write transaction, commits once and wakes the others. Changes that arrive meanwhile form the next
 * group, led by the first of them. If a change fails after it has written, the transaction is
 * aborted, and the group's changes run again, each alone: one bad change costs its neighbours only
 * time. If the commit fails, nobody in the group gets PT_OK.
 *
 * See DESIGN.md, A group that fails is run one by one.
 */
#include "store/txn.h"

#include <errno.h>

#include "base/tally.h"
#include "base/waiting.h"
#include "store/lmdb/engine.h"

enum commit_state {
	COMMIT_WAITS = 0,
	COMMIT_LEADS,
	COMMIT_DONE,
};

/* A waiting thread, with all the changes that it has brought. */
struct commit_waiter {
	enum commit_state state;
	pthread_cond_t wake;
};

/* On the stack of the thread that waits for it. */
struct commit_change {
	void (*run)(struct store_txn *txn, void *ctx);
	void *ctx;
	struct commit_change *next;
	struct commit_waiter *waiter;
	enum pt_err err;
	int saved_errno;	/* errno belongs to a thread: this is the leader's */
	bool wrote;
};

void
commit_queue_init(struct commit_queue *queue)
{
	pthread_mutex_init(&queue->lock, NULL);
	queue->first = NULL;
	queue->end = &queue->first;
	queue->waiting = 0;
}

void
commit_queue_destroy(struct commit_queue *queue)
{
	pthread_mutex_destroy(&queue->lock);
}

/* Runs one change. An error that stays in the transaction has spoilt the transaction. */
static void
commit_one(struct store_txn *txn, struct commit_change *change)
{
	uint64_t before = txn->writes;

	change->run(txn, change->ctx);
	change->err = txn->err;
	change->saved_errno = txn->saved_errno;
	change->wrote = txn->writes != before;
	/*
	 * A change that failed before it wrote has done no harm, such as a refresh whose client is
	 * gone.
	 */
	if (!change->wrote)
		txn->err = PT_OK;
}

static void
commit_count(struct commit_queue *queue, const struct commit_change *first,
    const struct commit_change *end)
{
	uint64_t changes = 0;

	for (const struct commit_change *change = first; change != end; change = change->next)
		changes += change->wrote;
	tally_add_commit(changes);
	atomic_fetch_add(&queue->commits, 1);
	atomic_fetch_add(&queue->changes, changes);
	/* Only the leader writes it, and there is only one. */
	if (changes > atomic_load(&queue->largest))
		atomic_store(&queue->largest, changes);
}

/*
 * Runs the changes from first up to end in one transaction. Either all are on disk, or it returns
 * an error and none is.
 */
static enum pt_err
commit_together(struct store *store, struct commit_change *first, struct commit_change *end)
{
	struct store_txn txn;
	enum pt_err err = txn_write_begin(store, &txn);

	if (err != PT_OK)
		return err;
	for (struct commit_change *change = first; !txn_failed(&txn) && change != end;
	    change = change->next)
		commit_one(&txn, change);
	if (txn.writes == 0) {
		txn_write_abort(&txn);
		return PT_OK;
	}
	/* A change that failed has failed alone: its neighbours run again. */
	bool tried = !txn_failed(&txn);

	err = txn_write_commit(&txn);
	if (err == PT_OK)
		commit_count(&store->queue, first, end);
	else if (tried)
		tally_add(TALLY_COMMIT_FAILED, 1);
	return err;
}

static void
commit_group(struct store *store, struct commit_change *group)
{
	enum pt_err err = commit_together(store, group, NULL);

	if (err == PT_OK)
		return;
	/* A lone change is retried only if room was freed; after an uncertain commit nothing is. */
	bool room = err == PT_ERR_FULL && txn_clear_dead_readers(store);
	bool again = err != PT_ERR_FATAL && (room || group->next != NULL);

	for (struct commit_change *change = group; change; change = change->next) {
		enum pt_err alone = again ? commit_together(store, change, change->next) : err;

		if (alone != PT_OK) {
			change->err = alone;
			change->saved_errno = errno;
		}
	}
}

/* Once for all its changes, which are in one group. */
static void
commit_tell(struct commit_waiter *waiter, enum commit_state state)
{
	if (waiter->state == state)
		return;
	waiter->state = state;
	pthread_cond_signal(&waiter->wake);
}

/* Serves the waiting group; the queue's lock is held on entry and on return. */
static void
commit_lead(struct store *store)
{
	struct commit_queue *queue = &store->queue;
	struct commit_change *group = queue->first;

	queue->first = NULL;
	queue->end = &queue->first;
	queue->waiting = 0;
	pthread_mutex_unlock(&queue->lock);
	commit_group(store, group);
	pthread_mutex_lock(&queue->lock);
	while (group) {
		struct commit_change *change = group;

		group = change->next;
		commit_tell(change->waiter, COMMIT_DONE);
	}
	queue->led = queue->first != NULL;
	if (queue->first)
		commit_tell(queue->first->waiter, COMMIT_LEADS);
}

/* Whatever comes next follows the last of the changes. */
static void
commit_join(struct commit_queue *queue, struct commit_change *changes, size_t count,
    struct commit_waiter *waiter)
{
	for (size_t i = 0; i < count; i++) {
		changes[i].waiter = waiter;
		*queue->end = &changes[i];
		queue->end = &changes[i].next;
	}
	queue->waiting += count;
	if (!queue->led) {
		queue->led = true;
		waiter->state = COMMIT_LEADS;
	}
}

static void
commit_wait(struct store *store, struct commit_change *changes, size_t count)
{
	struct commit_queue *queue = &store->queue;
	struct commit_waiter waiter = { .state = COMMIT_WAITS };

	pthread_cond_init(&waiter.wake, NULL);
	/* All of them wait for the disk, the leader too. */
	waiting_tell(true);
	pthread_mutex_lock(&queue->lock);
	commit_join(queue, changes, count, &waiter);
	while (waiter.state == COMMIT_WAITS)
		pthread_cond_wait(&waiter.wake, &queue->lock);
	if (waiter.state == COMMIT_LEADS)
		commit_lead(store);
	pthread_mutex_unlock(&queue->lock);
	waiting_tell(false);
	pthread_cond_destroy(&waiter.wake);
}

enum pt_err
commit_change(struct store *store, void (*change)(struct store_txn *txn, void *ctx), void *ctx)
{
	struct commit_change one = { .run = change, .ctx = ctx };

	commit_wait(store, &one, 1);
	errno = one.saved_errno;
	return one.err;
}

void
commit_changes(struct store *store, void (*change)(struct store_txn *txn, void *ctx),
    struct commit_item *items, size_t count)
{
	struct commit_change changes[STORE_TOGETHER_MAX];

	for (size_t i = 0; i < count; i++)
		changes[i] = (struct commit_change){ .run = change, .ctx = items[i].ctx };
	if (count > 0)
		commit_wait(store, changes, count);
	for (size_t i = 0; i < count; i++)
		items[i].err = changes[i].err;
}
