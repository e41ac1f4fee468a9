/* Carrying stores of older schemas over. */
#ifndef PINTLE_STORE_CARE_UPGRADE_H
#define PINTLE_STORE_CARE_UPGRADE_H

#include "store/store.h"

/* Whether a store that says this is of an older schema that can be carried over. */
bool upgrade_suits(const struct store_format *format);

/*
 * Brings the store, which nobody else has open, from that schema to ours in one transaction; first,
 * if told so, it is backed up.
 */
enum pt_err upgrade_store(struct store *store, uint32_t from, bool back_up);

#endif
