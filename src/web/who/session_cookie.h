/*
 * Reads and sets the two cookies of a signed-in browser: the refresh token, and the device cookie,
 * which names the browser. A sibling subdomain can plant refresh cookies, so several may come: each
 * is judged for its own session, those of another device are ignored, and the good one is used.
 *
 * See DESIGN.md, Max-Age is rounded up; DESIGN.md, The device cookie goes with the refresh cookie.
 */
#ifndef PINTLE_WEB_WHO_SESSION_COOKIE_H
#define PINTLE_WEB_WHO_SESSION_COOKIE_H

#include "token/refresh_token.h"
#include "web/http/request.h"

/* more tokens with a good MAC than a header line of 8 KiB can really hold */
#define SESSION_COOKIE_MAX 64
#define SESSION_DEVICE_SIZE 16	/* bytes in the device cookie */

/* A token of ours that came: its secret, and what the store is asked about it. */
struct session_token {
	uint8_t secret[REFRESH_SECRET_SIZE];
	struct store_presented presented;
};

struct session_cookies {
	bool any;		/* a refresh cookie came, whatever it contained */
	size_t count;		/* how many of them are tokens of ours with a good MAC */
	struct session_token tokens[SESSION_COOKIE_MAX];
	bool has_device;
	uint8_t device[SESSION_DEVICE_SIZE];
};

/*
 * Reads text as a refresh token, wherever it came from, without a device. *good is false if it is
 * not one of ours. Does not use the store. Wipe *out when done.
 */
enum pt_err session_token_read(const struct request *request, struct slice text,
    struct session_token *out, bool *good);

/* The token of the same session that takes its place. Wipe it when done. */
struct refresh_token session_token_next(const struct session_token *token, uint32_t serial,
    uint32_t nonce);

/* Reads the device cookie alone; false if none came, or a broken one. */
bool session_device_read(const struct request *request, uint8_t out[SESSION_DEVICE_SIZE]);

/*
 * The same, but makes a new name if none came or a broken one; session_cookie_set_device hands it
 * out.
 */
enum pt_err session_device_name(const struct request *request, uint8_t out[SESSION_DEVICE_SIZE]);

/* Reads both cookies; does not use the store. Wipe *out when done. */
enum pt_err session_cookies_read(const struct request *request, struct session_cookies *out);
void session_cookies_wipe(struct session_cookies *cookies);

/*
 * Judges every token for its own session, without rotation, and gives the best: a good one (of the
 * latest login), else a refused one, else a foreign one; *best is its index. If no token came the
 * verdict is STORE_REFUSED with the reason.
 */
enum pt_err session_cookies_judge(const struct request *request,
    const struct session_cookies *cookies, size_t *best, struct store_judgement *out);

/*
 * Sets the refresh cookie to token. It stays until the session's end if the session is remembered,
 * and otherwise until the browser is closed.
 */
enum pt_err session_cookie_set(const struct request *request, struct web_response *response,
    const struct refresh_token *token, const struct session *session, int64_t now_ms);

/* Clears the refresh cookie, with the name, path and attributes that it was set with. */
void session_cookie_clear(const struct request *request, struct web_response *response);

/* Sets the device cookie or renews its age: it must outlive every session that refers to it. */
void session_cookie_set_device(const struct request *request, struct web_response *response,
    const uint8_t device[SESSION_DEVICE_SIZE]);

#endif
