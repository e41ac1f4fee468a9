/* A line of an import that is a JSON object: the members that `pintle user export` writes, and no others. */
#ifndef PINTLE_CMD_MOVE_IMPORT_JSON_H
#define PINTLE_CMD_MOVE_IMPORT_JSON_H

#include "cmd/move/import_line.h"

void import_json_read(struct slice line, const struct import_rules *rules, struct import_line *out);

/* ---- of import_line.c: each says in *out why not ---- */

void import_refuse(struct import_line *out, const char *mend, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool import_take_name(struct slice typed, const struct import_rules *rules, struct import_line *out);
bool import_take_hash(struct slice hash, const struct import_rules *rules, struct import_line *out);

#endif
