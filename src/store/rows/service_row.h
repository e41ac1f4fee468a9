/* Services, by their names. */
#ifndef PINTLE_STORE_ROWS_SERVICE_ROW_H
#define PINTLE_STORE_ROWS_SERVICE_ROW_H

#include "store/rows/row.h"
#include "store/rows/user_row.h"

/* A record whose key is not its own name counts as broken, like one that does not decode. */
bool service_row_get(struct store_txn *txn, struct slice name, struct service *out);
enum row_look service_row_look(struct store_txn *txn, struct slice name, struct service *out);
void service_row_put(struct store_txn *txn, const struct service *service);
void service_row_del(struct store_txn *txn, struct slice name);

/* The next service in the order of names. */
enum row_look service_row_next(struct store_txn *txn, struct name_walk *walk, struct service *out);

#endif
