#include "web/who/verified.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#define WAYS 4		/* tokens in a set; a token's digest selects its set */
#define LOCKS 16	/* the sets share this many locks */

struct entry {
	uint8_t digest[DIGEST_SIZE];
	struct verified_token token;	/* expires_at 0: free */
};

struct verified {
	size_t sets;
	struct entry *entries;
	pthread_mutex_t locks[LOCKS];
};

enum pt_err
verified_new(unsigned capacity, struct verified **out)
{
	struct verified *made = calloc(1, sizeof(*made));

	*out = NULL;
	if (made == NULL)
		return PT_ERR_NOMEM;
	made->sets = (capacity + WAYS - 1) / WAYS;
	if (made->sets && (made->entries = calloc(made->sets * WAYS,
	    sizeof(*made->entries))) == NULL) {
		free(made);
		return PT_ERR_NOMEM;
	}
	for (int i = 0; i < LOCKS; i++)
		pthread_mutex_init(&made->locks[i], NULL);
	*out = made;
	return PT_OK;
}

void
verified_free(struct verified *verified)
{
	if (verified == NULL)
		return;
	for (int i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&verified->locks[i]);
	free(verified->entries);
	free(verified);
}

/* The set of a digest; the first bytes of a digest are as good as random. */
static size_t
verified_set(const struct verified *verified, const uint8_t digest[DIGEST_SIZE])
{
	uint64_t head;

	memcpy(&head, digest, sizeof(head));
	return (size_t)(head % verified->sets);
}

bool
verified_find(struct verified *verified, const uint8_t digest[DIGEST_SIZE], int64_t now_s,
    struct verified_token *out)
{
	bool found = false;

	if (verified->sets == 0)
		return false;
	size_t set = verified_set(verified, digest);
	pthread_mutex_t *lock = &verified->locks[set % LOCKS];

	pthread_mutex_lock(lock);
	for (size_t i = set * WAYS; i < (set + 1) * WAYS && !found; i++) {
		const struct entry *entry = &verified->entries[i];

		found = entry->token.expires_at > now_s &&
		    secret_eq(entry->digest, digest, DIGEST_SIZE);
		if (found)
			*out = entry->token;
	}
	pthread_mutex_unlock(lock);
	return found;
}

void
verified_put(struct verified *verified, const uint8_t digest[DIGEST_SIZE],
    const struct verified_token *token)
{
	if (verified->sets == 0)
		return;
	size_t set = verified_set(verified, digest), place = set * WAYS;
	pthread_mutex_t *lock = &verified->locks[set % LOCKS];

	pthread_mutex_lock(lock);
	for (size_t i = set * WAYS; i < (set + 1) * WAYS; i++) {
		if (memcmp(verified->entries[i].digest, digest, DIGEST_SIZE) == 0) {
			place = i;
			break;
		}
		if (verified->entries[i].token.expires_at <
		    verified->entries[place].token.expires_at)
			place = i;
	}
	memcpy(verified->entries[place].digest, digest, DIGEST_SIZE);
	verified->entries[place].token = *token;
	pthread_mutex_unlock(lock);
}
