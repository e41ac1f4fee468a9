/*
 * A request as the endpoints see it: what the gate handed in, read once into facts. These are where
 * it goes, who sent it from where, and whether the sender's page may make it at all; the body and
 * cookies are read by the code that needs them.
 */
#ifndef PINTLE_WEB_HTTP_REQUEST_H
#define PINTLE_WEB_HTTP_REQUEST_H

#include "base/buf.h"
#include "core/origin.h"
#include "crypto/random.h"
#include "web/http/app.h"
#include "web/http/params.h"

#define REQUEST_PATH_SIZE 1024	/* a longer path is not one of ours */

enum method { METHOD_OTHER = 0, METHOD_GET, METHOD_POST, METHOD_PATCH, METHOD_DELETE,
    METHOD_OPTIONS };

struct request {
	const struct web_app *app;
	const struct web_request *raw;
	struct params params;	/* of raw */
	/* the keys at the moment it was read; no others are used for it */
	const struct keyring *keys;
	enum method method;	/* HEAD is METHOD_GET, with head set */
	bool head;
	/* may change something: not GET, HEAD or OPTIONS, or a WebSocket upgrade */
	bool unsafe;
	bool below_mount;	/* path is below the mount; otherwise it is the site's own */
	/* decoded, beginning with '/'; points into path_text. Empty: not one of ours */
	struct slice path;
	struct slice id;	/* the part of the path where the route has {id} */
	struct slice query;	/* raw */
	struct slice cookies;	/* of all Cookie lines */
	/* the header that makes the request untrusted (web/http/repeated.h); NULL: none */
	const char *repeated;
	struct slice origin;
	enum origin_verdict site;	/* verdict of the cross-site rule */
	char address[ADDRESS_SIZE];
	char request_id[RANDOM_ID_SIZE];
	struct {
		uint8_t request_id[RANDOM_ID_BYTES];
		uint8_t token_id[RANDOM_ID_BYTES];
		uint32_t nonce;
	} chance;	/* random values drawn at once, each for one use; none is a secret */
	char path_text[REQUEST_PATH_SIZE];
	struct buf joined;	/* memory for header lines that were joined */
};

/*
 * Reads raw into *out, which points into raw, app and itself and so must not be moved.
 * PT_ERR_CRYPTO if no request id could be made; everything else is filled in even then.
 * PT_ERR_NOMEM if the lines of a header could not be joined.
 */
enum pt_err request_read(const struct web_app *app, const struct web_request *raw,
    struct request *out);

/* Releases what it holds: the keys and the joined lines. */
void request_release(struct request *request);

/* The value of a parameter, by its CGI name; the empty slice if absent. */
struct slice request_param(const struct request *request, const char *name);

/* Describes the caller to the store, as of this moment: the clock is read here. */
struct store_caller request_caller(const struct request *request);

#endif
