/* The kinds of web servers that we print configurations for, and the pieces of each. */
#ifndef PINTLE_CMD_PRINT_SERVER_KIND_H
#define PINTLE_CMD_PRINT_SERVER_KIND_H

#include "base/buf.h"
#include "base/nearest.h"

/*
 * What a piece is: one file for the site; a file for each place, or for each place whose
 * application pintle knows; no file.
 */
enum piece_each { PIECE_PART = 0, PIECE_SITE, PIECE_PLACE, PIECE_BEHIND };

#define SERVER_PIECES 12	/* the most pieces of a kind */

/* A file that a site includes; other templates of the kind can insert it as a part by its name. */
struct server_piece {
	/*
	 * "http" is the file http.conf; "place", for each place, is place-NAME.conf; NULL: no more
	 */
	const char *name;
	const struct slice *text;
	enum piece_each each;
};

struct server_kind {
	const char *name;
	const char *says;		/* its line of pintle config --help */
	const struct slice *text;	/* the template of a whole server */
	/* it serves nothing itself: the site may name the applications */
	bool gateway;
	/* the script that the server loads, unless --script names one */
	const char *script;
	/* what the server appends to the socket's name; NULL: nothing */
	const char *spawned;
	struct server_piece pieces[SERVER_PIECES];
	const struct slice *paste;	/* the lines that include the pieces; uses {{folder}} */
	const char *folder;		/* the usual folder of the pieces */
};

/* The kind with this name, or NULL. */
const struct server_kind *server_kind_find(struct slice name);
void server_kinds_offer(struct nearest *nearest);

/* Appends the names of all kinds, with between as separator. */
void server_kinds_put(const char *between, struct buf *out);

/* Appends a line for each kind: its name, and what it is. */
void server_kinds_help(struct buf *out);

/* Whether this kind has pieces, for sites that have a server already. */
bool server_kind_has_pieces(const struct server_kind *kind);

#endif
