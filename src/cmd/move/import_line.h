/*
 * One line of a file that users are imported from, told by what stands in it:
 *
 *	name:hash			htpasswd
 *	name:hash:days:...		shadow(5); "!" before the hash locks the account
 *	{"name":"...","hash":"..."}	what `pintle user export` writes
 *
 * with any hash that crypto/password.h knows. Blank lines and those that begin
 * with "#" hold nobody. Pure: nothing is read, nothing computed.
 */
#ifndef PINTLE_CMD_MOVE_IMPORT_LINE_H
#define PINTLE_CMD_MOVE_IMPORT_LINE_H

#include "cmd/move/import_take.h"

/* line is without its end. Neither a hash nor anything that might be a password gets into .why. */
void import_line_read(struct slice line, const struct import_rules *rules, struct import_line *out);

#endif
