/*
 * Prints a web server's configuration for this site. The texts are the files of
 * src/cmd/print/templates; this fills them in. See DESIGN.md, In Apache, Require names nobody.
 */
#ifndef PINTLE_CMD_PRINT_SERVER_CONFIG_H
#define PINTLE_CMD_PRINT_SERVER_CONFIG_H

#include "cmd/print/site_view.h"

#define SERVER_FILE_NAME_SIZE 256	/* the longest file name */

/*
 * Appends the configuration of a whole server. PT_ERR_INVALID, with the rest of a sentence in why,
 * if something cannot be expressed in it, or would not work.
 */
enum pt_err server_config_put(const struct server_kind *kind, const struct server_config *config,
    struct buf *out, struct buf *why);

/* The pieces: files, and the lines with which the site includes them. */
struct server_file {
	char name[SERVER_FILE_NAME_SIZE];	/* "place-app.conf" */
	struct buf text;
};

struct server_files {
	struct server_file *items;
	size_t count;
	struct buf paste;	/* the lines, with an explanation of each */
};

/* The same in pieces, for a kind that has them. Free *out with server_files_free in any case. */
enum pt_err server_config_pieces(const struct server_kind *kind, const struct server_config *config,
    struct server_files *out, struct buf *why);
void server_files_free(struct server_files *files);

#endif
