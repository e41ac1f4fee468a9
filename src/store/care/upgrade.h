/* Upgrades stores of older schemas. */
#ifndef PINTLE_STORE_CARE_UPGRADE_H
#define PINTLE_STORE_CARE_UPGRADE_H

#include "store/store.h"

/* Whether a store that says this has an older schema that can be upgraded. */
bool upgrade_suits(const struct store_format *format);

/*
 * Upgrades the store, which nobody else has open, from that schema to ours in one transaction;
 * first backs it up, if told to.
 */
enum pt_err upgrade_store(struct store *store, uint32_t from, bool back_up);

#endif
