/*
 * The status list: one bit a session, set where it has ended, compressed and
 * signed (draft-ietf-oauth-status-list-18, sections 4 and 5.1). zlib is used
 * behind this header and nowhere else.
 */
#ifndef PINTLE_TOKEN_STATUS_LIST_H
#define PINTLE_TOKEN_STATUS_LIST_H

#include "base/buf.h"
#include "crypto/signing.h"

#define STATUS_LIST_TYPE "statuslist+jwt"
#define STATUS_LIST_MEDIA_TYPE "application/" STATUS_LIST_TYPE

struct status_list;

/* A list of so many bits (a multiple of eight, not 0), none of them set. *out is yours, for status_list_free. */
enum pt_err status_list_new(uint64_t bits, struct status_list **out);
void status_list_free(struct status_list *list);

/* Sets a bit; one beyond the list is ignored. The first index is the lowest bit of the first byte (4.1). */
void status_list_set(struct status_list *list, uint64_t index);

/* Appends the list as the member lst has it: in zlib's form, as base64url. */
enum pt_err status_list_encode(const struct status_list *list, struct buf *out);

/* What the token says about its list. Slices are borrowed. Times in seconds since 1970. */
struct status_claims {
	struct slice uri;	/* sub: the address that access tokens name */
	struct slice encoded;	/* of status_list_encode */
	int64_t issued_at;
	int64_t expires_at;
	int64_t ttl;		/* seconds after which it wants to be fetched again */
};

/*
 * Lists that are signed within one window of so many seconds are the same for all workers, and
 * expire together at the end of the next one. ttl in seconds.
 */
int64_t status_list_window(int64_t ttl);

/* How long such a list lives at most, in seconds. */
int64_t status_list_longest(int64_t ttl);

/* Appends the signed token in compact form. */
enum pt_err status_list_sign(const struct signing_key *key, const struct status_claims *claims, struct buf *out);

#endif
