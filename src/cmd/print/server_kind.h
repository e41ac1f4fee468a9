/* The kinds of web servers that a configuration is printed for, and the pieces that each is made of. */
#ifndef PINTLE_CMD_PRINT_SERVER_KIND_H
#define PINTLE_CMD_PRINT_SERVER_KIND_H

#include "base/buf.h"
#include "base/nearest.h"

/* What a piece is: a file of the site; a file of each place, or of those of which pintle knows what is behind; no file. */
enum piece_each { PIECE_PART = 0, PIECE_SITE, PIECE_PLACE, PIECE_BEHIND };

#define SERVER_PIECES 12	/* of a kind, at most */

/* A file that a site includes, and in other templates of the kind the part of its name. */
struct server_piece {
	const char *name;	/* "http": the file http.conf; of each place, "place": place-NAME.conf; NULL: no more */
	const struct slice *text;
	enum piece_each each;
};

struct server_kind {
	const char *name;
	const struct slice *text;	/* a whole server */
	bool gateway;			/* it serves nothing itself: what is behind the site may say */
	const char *script;		/* that the server loads, where --script names none */
	const char *spawned;		/* what the server appends to the name of the socket; NULL: nothing */
	struct server_piece pieces[SERVER_PIECES];
	const struct slice *paste;	/* the lines that include the pieces, with {{folder}} */
	const char *folder;		/* where the pieces usually are */
};

/* The kind of this name, or NULL. */
const struct server_kind *server_kind_find(struct slice name);
void server_kinds_offer(struct nearest *nearest);

/* Appends the names of all kinds, separated by between. */
void server_kinds_put(const char *between, struct buf *out);

/* Whether this kind is made of pieces, which a site that has a server already includes. */
bool server_kind_has_pieces(const struct server_kind *kind);

#endif
