/*
 * What a web server has to be told of this site, as its own configuration. The
 * words are the files of src/cmd/print/templates; here is what fills them.
 */
#ifndef PINTLE_CMD_PRINT_SERVER_CONFIG_H
#define PINTLE_CMD_PRINT_SERVER_CONFIG_H

#include "cmd/print/site_view.h"

#define SERVER_FILE_NAME_SIZE 256	/* what a file system takes */

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
