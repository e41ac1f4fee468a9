/*
 * A line of an import that is a JSON object: the members that `pintle user export` writes, and no
 * others. See DESIGN.md, An unknown member of an import is refused.
 */
#ifndef PINTLE_CMD_MOVE_IMPORT_JSON_H
#define PINTLE_CMD_MOVE_IMPORT_JSON_H

#include "cmd/move/import_take.h"

void import_json_read(struct slice line, const struct import_rules *rules, struct import_line *out);

#endif
