/* Lists for programs, written piece by piece however long they get. */
#ifndef PINTLE_CMD_TERM_JSON_LIST_H
#define PINTLE_CMD_TERM_JSON_LIST_H

#include "base/json.h"

/*
 * A list {"users":[...]}: write each element with .json, then call
 * listing_next, which sends what has gathered on its way.
 */
struct json_list {
	struct buf text;
	struct json_writer json;
};
void json_list_begin(struct json_list *list, const char *name);
void json_list_next(struct json_list *list);
void json_list_end(struct json_list *list);

#endif
