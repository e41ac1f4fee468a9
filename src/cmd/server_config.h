/*
 * What a web server has to be told of this site, as its own configuration. The
 * words are the files of src/cmd/templates; here is what fills them.
 */
#ifndef PINTLE_CMD_SERVER_CONFIG_H
#define PINTLE_CMD_SERVER_CONFIG_H

#include "base/buf.h"
#include "cmd/guards.h"
#include "cmd/nearest.h"
#include "web/settings.h"

/* What it is about; everything is borrowed. */
struct server_config {
	const struct settings *settings;
	const struct guards *guards;
	const char *config;		/* path of the configuration */
	const char *certificate;	/* paths; NULL: where certbot keeps them for the issuer's host */
	const char *key;
	const char *worker;		/* path of pintle.fcgi, for servers that start it */
	const char *authorizer;		/* "127.0.0.1:931": where Apache asks; empty: at the socket */
	const char *script;		/* path of pintle.lua for lighttpd, pintle.js for njs; NULL: the usual one */
};

struct server_kind;

/* The kind of this name, or NULL. */
const struct server_kind *server_kind_find(struct slice name);
void server_kinds_offer(struct nearest *nearest);

/* Appends the names of all kinds, separated by between. */
void server_kinds_put(const char *between, struct buf *out);

/*
 * Appends the configuration. PT_ERR_INVALID, with the rest of a sentence in why, if
 * something cannot be said in it, or would not hold.
 */
enum pt_err server_config_put(const struct server_kind *kind, const struct server_config *config, struct buf *out,
    struct buf *why);

#endif
