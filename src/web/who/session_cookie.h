/*
 * The two cookies of a signed-in browser, in and out: the refresh token and
 * the name of the device. A sibling subdomain can plant refresh cookies, so
 * several may come: each is judged for its own session, those of another
 * device are ignored, and the one that is good is used.
 */
#ifndef PINTLE_WEB_WHO_SESSION_COOKIE_H
#define PINTLE_WEB_WHO_SESSION_COOKIE_H

#include "token/refresh_token.h"
#include "web/http/request.h"

#define SESSION_COOKIE_MAX 64	/* more tokens with a good MAC than a header line of 8 KiB brings in earnest */
#define SESSION_DEVICE_SIZE 16	/* bytes of the device cookie */

/* A token of ours that came: its secret, and what the store is asked about it. */
struct session_token {
	uint8_t secret[REFRESH_SECRET_SIZE];
	struct store_presented presented;
};

struct session_cookies {
	bool any;		/* a refresh cookie came, whatever it holds */
	size_t count;		/* of those, tokens of ours with a good MAC */
	struct session_token tokens[SESSION_COOKIE_MAX];
	bool has_device;
	uint8_t device[SESSION_DEVICE_SIZE];
};

/*
 * Reads the refresh token that text is, wherever it came from; no device is with it. *good is false if it is none
 * of ours. Touches no store. Wipe *out when done.
 */
enum pt_err session_token_read(const struct request *request, struct slice text, struct session_token *out, bool *good);

/* The token of the same session that takes its place. Wipe it when done. */
struct refresh_token session_token_next(const struct session_token *token, uint32_t serial, uint32_t nonce);

/* The device cookie alone; false if none came, or a broken one. */
bool session_device_read(const struct request *request, uint8_t out[SESSION_DEVICE_SIZE]);

/* The same; a browser without a name, or with a broken one, gets a new one, which session_cookie_set_device hands out. */
enum pt_err session_device_name(const struct request *request, uint8_t out[SESSION_DEVICE_SIZE]);

/* Reads what came; touches no store. Wipe *out when done. */
enum pt_err session_cookies_read(const struct request *request, struct session_cookies *out);
void session_cookies_wipe(struct session_cookies *cookies);

/*
 * Judges every token for its own session, without rotation, and gives the best:
 * good (the latest login of them), then refused, then foreign. Where no token
 * came the verdict is STORE_REFUSED with the reason. *best is its index.
 */
enum pt_err session_cookies_judge(const struct request *request, const struct session_cookies *cookies,
    size_t *best, struct store_judgement *out);

/* Sets the refresh cookie: to token, which stands until end_ms if the session is remembered. */
enum pt_err session_cookie_set(const struct request *request, struct web_response *response,
    const struct refresh_token *token, const struct session *session, int64_t now_ms);

/* Clears the refresh cookie, by the name, path and attributes that it was set with. */
void session_cookie_clear(const struct request *request, struct web_response *response);

/* Sets the device cookie, or renews its age: it must outlive every session that names it. */
void session_cookie_set_device(const struct request *request, struct web_response *response,
    const uint8_t device[SESSION_DEVICE_SIZE]);

#endif
