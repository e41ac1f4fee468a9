/* A site, as the web servers' templates need it. */
#ifndef PINTLE_CMD_PRINT_SITE_VIEW_H
#define PINTLE_CMD_PRINT_SITE_VIEW_H

#include "base/template.h"
#include "cmd/print/server_kind.h"
#include "conf/settings.h"

/* The input; everything is borrowed. */
struct server_config {
	const struct settings *settings;
	const struct guards *guards;
	const char *config;		/* the path of the configuration */
	const char *certificate;	/* paths; NULL: certbot's paths for the issuer's host */
	const char *key;
	const char *worker;		/* the path of pintle.fcgi, for servers that start it */
	/* "127.0.0.1:931": where Apache asks; empty: at the socket */
	const char *authorizer;
	const char *folder;		/* the folder of the pieces; NULL: the kind's usual one */
	/*
	 * "127.0.0.1:8080": a whole server listens there without TLS; NULL: at the issuer's address
	 */
	const char *plain_listen;
	/* the path of pintle.lua for lighttpd, pintle.js for njs; NULL: the usual one */
	const char *script;
};

struct site_text;

/* What templates may name about the site. */
struct site_view {
	const struct template_field *fields;
	size_t field_count;
	const struct template_scope *cookies;	/* our cookies, which reach no application */
	size_t cookie_count;
	const struct template_scope *proxies;	/* the proxies that say who the client is */
	size_t proxy_count;
	struct site_text *text;		/* the memory that the others point into */
};

/*
 * *view borrows from config; free it with site_view_free in any case. PT_ERR_INVALID, with a
 * sentence in why, if a web server would misread something.
 */
enum pt_err site_view_init(const struct server_kind *kind, const struct server_config *config,
    struct site_view *view, struct buf *why);
void site_view_free(struct site_view *view);

/* Certbot's path of the certificate for the issuer's host; false if the path does not fit. */
bool site_view_certificate(const struct settings *settings, char *out, size_t cap);

#endif
