/* A site as the templates of web servers name it. */
#ifndef PINTLE_CMD_PRINT_SITE_VIEW_H
#define PINTLE_CMD_PRINT_SITE_VIEW_H

#include "base/template.h"
#include "cmd/print/server_kind.h"
#include "conf/settings.h"

/* What is printed about; everything is borrowed. */
struct server_config {
	const struct settings *settings;
	const struct guards *guards;
	const char *config;		/* path of the configuration */
	const char *certificate;	/* paths; NULL: where certbot keeps them for the issuer's host */
	const char *key;
	const char *worker;		/* path of pintle.fcgi, for servers that start it */
	const char *authorizer;		/* "127.0.0.1:931": where Apache asks; empty: at the socket */
	const char *folder;		/* where the pieces are, or will be; NULL: the usual one of the kind */
	const char *plain_listen;	/* "127.0.0.1:8080": a whole server listens there without TLS; NULL: where the issuer is */
	const char *script;		/* path of pintle.lua for lighttpd, pintle.js for njs; NULL: the usual one */
};

struct site_text;

/* What templates may name of the site. */
struct site_view {
	const struct template_field *fields;
	size_t field_count;
	const struct template_scope *cookies;	/* ours, which reach nothing that stands behind the server */
	size_t cookie_count;
	const struct template_scope *proxies;	/* the fronts that say who the client is */
	size_t proxy_count;
	struct site_text *text;		/* what the others point into */
};

/*
 * *view, which borrows from config, is for site_view_free in any case. PT_ERR_INVALID, with a sentence in
 * why, if something would be read as something else by a web server.
 */
enum pt_err site_view_init(const struct server_kind *kind, const struct server_config *config, struct site_view *view,
    struct buf *why);
void site_view_free(struct site_view *view);

/* Where certbot keeps the certificate of the issuer's host; false if the path does not fit. */
bool site_view_certificate(const struct settings *settings, char *out, size_t cap);

#endif
