/* The LMDB environment: its map, its tables, and the memory of a store. */
#ifndef PINTLE_STORE_LMDB_ENV_H
#define PINTLE_STORE_LMDB_ENV_H

#include "store/txn.h"

/* A store that is not open yet; free it with env_free. NULL without memory. */
struct store *env_new(const struct store_options *options);

/* Preserves errno. */
void env_free(struct store *store);

/* Maps the database of the store's folder. */
enum pt_err env_map(struct store *store);

/*
 * Makes the map half as large again; no transaction may be under way. The map's size is the
 * administrator's bound on the store's growth, and an upgrade must not fail because of it.
 */
enum pt_err env_grow_map(struct store *store);

/* Writes a consistent copy without free pages into fd. */
enum pt_err env_copy(struct store *store, int fd);

/*
 * Lets look read the table in which a database file says what it is, even if others have it open.
 * Nothing is changed.
 */
enum pt_err env_look(const char *file, void (*look)(struct store_txn *txn, void *ctx), void *ctx);

/* Opens the table in which the store says what it is; false if there is none. */
bool env_open_meta(struct store_txn *txn);

/* Opens all tables; false if any is missing. */
bool env_open_tables(struct store_txn *txn);

/* Creates the missing tables and opens all; in a write transaction. */
void env_make_tables(struct store_txn *txn);

/* Gives the store the descriptor whose lock shows that it is open. */
void env_keep_lock(struct store *store, int fd);

const char *env_folder(const struct store *store);
const struct store_options *env_options(const struct store *store);

#endif
