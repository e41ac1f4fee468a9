/*
 * The operations: how tries are decided about, counted and forgotten, and when all counts are made
 * anew. See DESIGN.md, Damaged counts never allow a guess.
 */
#include "store/limits/limits.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store/limits/bucket.h"
#include "store/limits/ground.h"

/* ---- one try ---- */

/* A try and the buckets that it counts for. */
struct taking {
	struct ground_txn txn;
	const struct limits_claim *claims;
	size_t count;
	struct instant now;
	struct limits_verdict *verdict;
};

static void
limits_look(struct taking *taking, const struct limits_claim *claim)
{
	struct limits_verdict *verdict = taking->verdict;
	struct bucket bucket;

	bucket_get(&taking->txn, claim->key, &bucket);
	const struct limit_decision decision = limit_decide(&claim->policy, &bucket.state,
	    taking->now);

	if (decision.allowed)
		return;
	int64_t told_ms = clock_age_ms(taking->now.stamp, bucket.told);

	verdict->allowed = false;
	verdict->tell = verdict->tell || told_ms < 0 || told_ms >= LIMITS_TELL_EVERY_MS;
	if (bucket.refused >= verdict->refused)
		verdict->refused = bucket.refused + 1;
	if (decision.retry_after_ms > verdict->retry_after_ms)
		verdict->retry_after_ms = decision.retry_after_ms;
}

/*
 * Remembers what there is to remember for one claim: the try, or that it was refused and reported.
 */
static void
take_one(struct taking *taking, const struct limits_claim *claim)
{
	struct bucket bucket;

	bucket_get(&taking->txn, claim->key, &bucket);
	const struct limit_decision decision = limit_decide(&claim->policy, &bucket.state,
	    taking->now);

	if (decision.allowed != taking->verdict->allowed)
		/* this claim would have allowed what another one refuses: nothing is counted */
		return;
	bucket.state = decision.next;
	if (!decision.allowed)
		bucket.refused++;
	if (!decision.allowed && taking->verdict->tell) {
		bucket.told = taking->now.stamp;
		bucket.refused = 0;
	}
	bucket_put(&taking->txn, claim->key, &bucket, taking->now);
}

enum pt_err
limits_take(struct limits *limits, const struct limits_claim *claims, size_t count,
    struct instant now, struct limits_verdict *out)
{
	struct taking taking = { .claims = claims, .count = count, .now = now, .verdict = out };

	*out = (struct limits_verdict){ .allowed = true };
	ground_begin(limits, &taking.txn);
	for (size_t i = 0; i < count; i++)
		limits_look(&taking, &claims[i]);
	for (size_t i = 0; i < count; i++)
		take_one(&taking, &claims[i]);
	enum pt_err err = ground_end(&taking.txn);

	if (err != PT_OK)
		*out = (struct limits_verdict){ .allowed = false };
	return err;
}

static void
give_back_one(struct ground_txn *txn, const struct limits_claim *claim, struct instant now)
{
	struct bucket bucket;

	if (!bucket_get(txn, claim->key, &bucket))
		return;
	bucket.state = limit_give_back(&claim->policy, &bucket.state);
	if (limit_left_ms(&bucket.state, now) == 0)
		bucket_remove(txn, claim->key, &bucket);
	else
		bucket_put(txn, claim->key, &bucket, now);
}

enum pt_err
limits_give_back(struct limits *limits, const struct limits_claim *claims, size_t count,
    struct instant now)
{
	struct ground_txn txn;

	ground_begin(limits, &txn);
	for (size_t i = 0; i < count; i++)
		give_back_one(&txn, &claims[i], now);
	return ground_end(&txn);
}

/* ---- by hand ---- */

enum pt_err
limits_get(struct limits *limits, const uint8_t key[LIMITS_KEY_SIZE], struct limit_state *out)
{
	struct ground_txn txn;
	struct bucket bucket;

	ground_begin(limits, &txn);
	bucket_get(&txn, key, &bucket);
	*out = bucket.state;
	return ground_end(&txn);
}

enum pt_err
limits_forget(struct limits *limits, const uint8_t key[LIMITS_KEY_SIZE])
{
	struct ground_txn txn;
	struct bucket bucket;

	ground_begin(limits, &txn);
	if (bucket_get(&txn, key, &bucket))
		bucket_remove(&txn, key, &bucket);
	return ground_end(&txn);
}

enum pt_err
limits_count(struct limits *limits, uint64_t *count)
{
	struct ground_txn txn;

	ground_begin(limits, &txn);
	*count = bucket_count(&txn);
	return ground_end(&txn);
}

/* ---- care ---- */

enum pt_err
limits_sweep(struct limits *limits, struct instant now, unsigned budget, unsigned *removed)
{
	uint8_t key[LIMITS_KEY_SIZE];
	struct ground_txn txn;
	struct bucket bucket;

	ground_begin(limits, &txn);
	for (*removed = 0; *removed < budget && bucket_first(&txn, now.wall_ms, key, &bucket);
	    ++*removed) {
		/*
		 * If only the wall clock has stepped there is something left to remember: it is
		 * filed again.
		 */
		if (limit_left_ms(&bucket.state, now) == 0)
			bucket_remove(&txn, key, &bucket);
		else
			bucket_put(&txn, key, &bucket, now);
	}
	enum pt_err err = ground_end(&txn);

	return err == PT_OK && *removed == 0 ? ground_sync(limits) : err;
}

/* ---- opening ---- */

enum pt_err
limits_open(const char *folder, unsigned records, struct limits **out)
{
	*out = NULL;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return PT_ERR_IO;
	/* One process at a time checks whether they have to be made again. */
	int lock = ground_lock(folder);

	if (lock < 0)
		return PT_ERR_IO;
	enum pt_err err = ground_open(folder, records, out);

	if (err == PT_ERR_FATAL) {
		LOG(LOG_LEVEL_ERROR, "limits_made_anew", LOG_STR("folder", folder),
		    LOG_STR("advice",
		    "wrong guesses so far are forgotten; look at the disk if the machine did not "
		    "crash"));
		ground_discard(folder);
		err = ground_open(folder, records, out);
	}
	int cause = errno;

	close(lock);
	errno = cause;
	return err;
}

void
limits_close(struct limits *limits)
{
	ground_free(limits);
}
