/*
 * What a web server has to be told of this site, as its own configuration. The
 * words are the files of src/cmd/print/templates; here is what fills them.
 */
#ifndef PINTLE_CMD_PRINT_SERVER_CONFIG_H
#define PINTLE_CMD_PRINT_SERVER_CONFIG_H

#include "base/buf.h"
#include "base/nearest.h"
#include "conf/guards.h"
#include "conf/settings.h"

#define SERVER_FILE_NAME_SIZE 256	/* what a file system takes */

/* What it is about; everything is borrowed. */
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

/* Where certbot keeps the certificate of the issuer's host; false if the path does not fit. */
bool server_config_certificate(const struct settings *settings, char *out, size_t cap);

struct server_kind;

/* The kind of this name, or NULL. */
const struct server_kind *server_kind_find(struct slice name);
void server_kinds_offer(struct nearest *nearest);

/* Appends the names of all kinds, separated by between. */
void server_kinds_put(const char *between, struct buf *out);

/* Whether this kind is made of pieces, which a site that is there already includes. */
bool server_kind_has_pieces(const struct server_kind *kind);

/*
 * Appends the configuration of a whole server. PT_ERR_INVALID, with the rest of a sentence in why, if
 * something cannot be said in it, or would not hold.
 */
enum pt_err server_config_put(const struct server_kind *kind, const struct server_config *config, struct buf *out,
    struct buf *why);

/* The pieces: files, and the lines by which the site includes them. */
struct server_file {
	char name[SERVER_FILE_NAME_SIZE];	/* "place-app.conf" */
	struct buf text;
};

struct server_files {
	struct server_file *items;
	size_t count;
	struct buf paste;	/* the lines, with what each of them is for */
};

/* The same in pieces, for a kind that has them. *out is for server_files_free in any case. */
enum pt_err server_config_pieces(const struct server_kind *kind, const struct server_config *config,
    struct server_files *out, struct buf *why);
void server_files_free(struct server_files *files);

#endif
