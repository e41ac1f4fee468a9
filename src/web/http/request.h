/*
 * A request as the endpoints see it: what the gate handed in, read once into
 * facts. Where it goes, who sent it from where, and whether the sender's page
 * may ask at all; the body and the cookies are read by those who want them.
 */
#ifndef PINTLE_WEB_HTTP_REQUEST_H
#define PINTLE_WEB_HTTP_REQUEST_H

#include "base/buf.h"
#include "core/origin.h"
#include "crypto/random.h"
#include "web/http/app.h"
#include "web/http/params.h"

#define REQUEST_PATH_SIZE 1024	/* a longer path is no path of ours */

enum method { METHOD_OTHER = 0, METHOD_GET, METHOD_POST, METHOD_PATCH, METHOD_DELETE, METHOD_OPTIONS };

struct request {
	const struct web_app *app;
	const struct web_request *raw;
	struct params params;	/* of raw */
	const struct keyring *keys;	/* those of the moment it was read; no other will be asked */
	enum method method;	/* HEAD is GET, with head set */
	bool head;
	bool unsafe;		/* may change something: neither GET, HEAD nor OPTIONS, or a WebSocket upgrade */
	bool below_mount;	/* path is below the mount; else it is the site's own */
	struct slice path;	/* decoded, beginning with '/'; points into path_text. Empty: no path of ours */
	struct slice id;	/* what stands where the route says {id} */
	struct slice query;	/* raw */
	struct slice cookies;	/* of all Cookie lines */
	const char *repeated;	/* the header that makes the request one that is not believed (web/http/repeated.h); NULL: none */
	struct slice origin;
	enum origin_verdict site;	/* of the cross-site rule */
	char address[ADDRESS_SIZE];
	char request_id[RANDOM_ID_SIZE];
	struct {
		uint8_t request_id[RANDOM_ID_BYTES];
		uint8_t token_id[RANDOM_ID_BYTES];
		uint32_t nonce;
	} chance;	/* drawn at once, each for one use; nothing of it is a secret */
	char path_text[REQUEST_PATH_SIZE];
	struct buf joined;	/* memory of lines that were joined */
};

/*
 * Reads raw into *out, which points into both and into itself: it may not be
 * moved. PT_ERR_CRYPTO if no request id could be made; all else is filled in even then. PT_ERR_NOMEM if lines of a
 * header could not be joined.
 */
enum pt_err request_read(const struct web_app *app, const struct web_request *raw, struct request *out);

/* Gives back what it holds: the keys, and lines that were joined. */
void request_release(struct request *request);

/* A parameter by its CGI name; the empty slice if absent. */
struct slice request_param(const struct request *request, const char *name);

/* Who asks, for the store, as of this very moment: the clock is read here. */
struct store_caller request_caller(const struct request *request);

#endif
