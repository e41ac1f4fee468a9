/*
 * The status list: one bit for each session, set if it has ended, compressed by zlib and signed
 * (draft-ietf-oauth-status-list-18, sections 4 and 5.1).
 */
#ifndef PINTLE_TOKEN_STATUS_LIST_H
#define PINTLE_TOKEN_STATUS_LIST_H

#include "base/buf.h"
#include "crypto/signing.h"

#define STATUS_LIST_TYPE "statuslist+jwt"
#define STATUS_LIST_MEDIA_TYPE "application/" STATUS_LIST_TYPE

struct status_list;

/*
 * Makes a list of bits bits (a multiple of eight, not 0), none of them set. Free *out with
 * status_list_free.
 */
enum pt_err status_list_new(uint64_t bits, struct status_list **out);
void status_list_free(struct status_list *list);

/*
 * Sets a bit; an index after the end is ignored. The first index is the lowest bit of the first
 * byte (4.1).
 */
void status_list_set(struct status_list *list, uint64_t index);

/* Appends the list in the form of the member lst: zlib's format as base64url. */
enum pt_err status_list_encode(const struct status_list *list, struct buf *out);

/* The claims of the signed list. Slices are borrowed. Times in seconds since 1970. */
struct status_claims {
	struct slice uri;	/* sub: the address in access tokens */
	struct slice encoded;	/* from status_list_encode */
	int64_t issued_at;
	int64_t expires_at;
	int64_t ttl;		/* seconds after which to fetch it again */
};

/*
 * The length of a window in seconds. All workers' lists signed in one window have the same times,
 * and expire together at the end of the next. ttl in seconds.
 */
int64_t status_list_window(int64_t ttl);

/* The longest life of a list, in seconds. */
int64_t status_list_longest(int64_t ttl);

/* Signs the list and appends it in compact form. */
enum pt_err status_list_sign(const struct signing_key *key, const struct status_claims *claims,
    struct buf *out);

#endif
