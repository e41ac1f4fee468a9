/*
 * What services and gateways are given that verify access tokens by themselves:
 * configurations, and programs for where those are programs. The words are the
 * files of src/cmd/print/templates; here is what fills them, and which algorithms each
 * kind verifies.
 */
#ifndef PINTLE_CMD_PRINT_GATEWAY_CONFIG_H
#define PINTLE_CMD_PRINT_GATEWAY_CONFIG_H

#include "base/nearest.h"
#include "conf/settings.h"
#include "token/keyring.h"

struct gateway_kind;

/* The kind of this name, or NULL. */
const struct gateway_kind *gateway_kind_find(struct slice name);
void gateway_kinds_offer(struct nearest *nearest);

/* Appends the names of all kinds, separated by between. */
void gateway_kinds_put(const char *between, struct buf *out);

/* Whether what is printed depends on the keys; else a ring is not wanted. */
bool gateway_kind_wants_keys(const struct gateway_kind *kind);

/*
 * Appends what is printed, at now_s (seconds since 1970). If the kind verifies no
 * signature of the key that signs then, it is printed all the same, and problem
 * holds a sentence that says so, and what mends it. ring may be NULL where it is not wanted.
 */
enum pt_err gateway_config_put(const struct gateway_kind *kind, const struct settings *settings,
    const struct keyring *ring, int64_t now_s, struct buf *out, struct buf *problem);

#endif
