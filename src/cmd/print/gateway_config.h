/*
 * Prints configurations and programs for services and gateways that verify access tokens
 * themselves. The texts are the files of src/cmd/print/templates; this fills them in, and knows
 * which algorithms each kind verifies.
 *
 * See DESIGN.md, Gateways remove X-Auth-* in every spelling; DESIGN.md, Kong checks typ, iss and
 * aud in a function; DESIGN.md, Gateways renew keys by time stamps; DESIGN.md, njs reads keys from
 * a file.
 */
#ifndef PINTLE_CMD_PRINT_GATEWAY_CONFIG_H
#define PINTLE_CMD_PRINT_GATEWAY_CONFIG_H

#include "base/nearest.h"
#include "conf/settings.h"
#include "token/keyring.h"

struct gateway_kind;

/* The kind with this name, or NULL. */
const struct gateway_kind *gateway_kind_find(struct slice name);
void gateway_kinds_offer(struct nearest *nearest);

/* Appends the names of all kinds, with between as separator. */
void gateway_kinds_put(const char *between, struct buf *out);

/* Appends a line for each kind: its name, and what it is. */
void gateway_kinds_help(struct buf *out);

/* Whether the output depends on the keys; otherwise no ring is needed. */
bool gateway_kind_wants_keys(const struct gateway_kind *kind);

/*
 * Appends the output as of now_s (seconds since 1970). If the kind cannot verify the signing key's
 * algorithm, the output is the same, and problem says so, and how to fix it. ring may be NULL if it
 * is not needed.
 */
enum pt_err gateway_config_put(const struct gateway_kind *kind, const struct settings *settings,
    const struct keyring *ring, int64_t now_s, struct buf *out, struct buf *problem);

#endif
