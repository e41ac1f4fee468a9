/* The looks of `pintle doctor`: the table that takes them in order, and each of them. */
#ifndef PINTLE_CMD_DOCTOR_LOOKS_H
#define PINTLE_CMD_DOCTOR_LOOKS_H

#include "cmd/doctor/doctor.h"

/* Runs every look of the table. */
void doctor_look(struct doctor *doctor);

/* The name and the sentence of a look, for the manual; false after the last one. */
bool doctor_describe(size_t which, const char **name, const char **text);

/* ---- the looks themselves ---- */

void doctor_reachable(struct doctor *doctor);
void doctor_addresses(struct doctor *doctor);
void doctor_front(struct doctor *doctor);
void doctor_https(struct doctor *doctor);
void doctor_plain_http(struct doctor *doctor);
void doctor_authorization(struct doctor *doctor);
void doctor_methods(struct doctor *doctor);
void doctor_body(struct doctor *doctor);
void doctor_cached(struct doctor *doctor);
void doctor_issuer(struct doctor *doctor);
void doctor_metadata(struct doctor *doctor);
void doctor_jwks(struct doctor *doctor);
void doctor_kept(struct doctor *doctor);
void doctor_forged_outside(struct doctor *doctor);

void doctor_login(struct doctor *doctor);
void doctor_cookies(struct doctor *doctor);
void doctor_gate_cookie(struct doctor *doctor);
void doctor_clocks(struct doctor *doctor);
void doctor_address(struct doctor *doctor);
void doctor_logout(struct doctor *doctor);

void doctor_guard(struct doctor *doctor);
void doctor_guard_addresses(struct doctor *doctor);
void doctor_guard_xhr(struct doctor *doctor);
void doctor_guard_scripts(struct doctor *doctor);
void doctor_guard_slash(struct doctor *doctor);
void doctor_guard_groups(struct doctor *doctor);
void doctor_guard_login(struct doctor *doctor);
void doctor_guard_cache(struct doctor *doctor);
void doctor_guard_remembered(struct doctor *doctor);
void doctor_guard_forged(struct doctor *doctor);
void doctor_guard_logout(struct doctor *doctor);

void doctor_socket(struct doctor *doctor);
void doctor_authorizer(struct doctor *doctor);
void doctor_left_users(struct doctor *doctor);

#endif
