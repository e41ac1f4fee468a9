/*
 * One line of a file that users are imported from. Its form is recognized by its content:
 *
 *	name:hash			htpasswd
 *	name:hash:days:...		shadow(5); "!" before the hash locks the account
 *	{"name":"...","hash":"..."}	what `pintle user export` writes
 *
 * with any hash that crypto/password.h knows. Blank lines and lines that begin with "#" hold no
 * user. Pure: reads no file and computes no hash.
 */
#ifndef PINTLE_CMD_MOVE_IMPORT_LINE_H
#define PINTLE_CMD_MOVE_IMPORT_LINE_H

#include "cmd/move/import_take.h"

/*
 * line is without its line end. Neither a hash nor anything that might be a password gets into
 * .why.
 */
void import_line_read(struct slice line, const struct import_rules *rules, struct import_line *out);

#endif
