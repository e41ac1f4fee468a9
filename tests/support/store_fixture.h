/* A store in a folder of its own, a user and a settable clock: the base of the store's tests. */
#ifndef PINTLE_TESTS_STORE_FIXTURE_H
#define PINTLE_TESTS_STORE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "store/store.h"

#define SECOND_MS INT64_C(1000)
#define HOUR_MS (3600 * SECOND_MS)
#define DAY_MS (24 * HOUR_MS)

#define ANN_HASH "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaA"

struct fixture {
	char folder[96];	/* under $TMPDIR; removed at the end */
	char data_folder[112];	/* the store's folder, inside it */
	struct store_options options;
	struct store *store;
	struct instant now;
	struct user ann;
	struct user bob;
};

/* cmocka's setup and teardown: *state is the struct fixture. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Closes the store and opens it again with the options as they are now. */
void fixture_reopen(struct fixture *f);

/* Both clocks advance together. */
void fixture_pass(struct fixture *f, int64_t ms);

struct store_caller fixture_caller(const struct fixture *f);

struct user fixture_user(struct fixture *f, const char *name);

/* A login whose secret and device consist of these byte values; it must be done. */
struct session fixture_login(struct fixture *f, const struct user *user, uint8_t secret, uint8_t device);

/* The token of a session begun by fixture_login, with this serial and nonce. */
struct store_presented fixture_token(const struct session *session, uint32_t serial, uint32_t nonce);

/* The nonce of every token of serial 0. */
#define FIRST_NONCE 7

/* Refreshes; it must return PT_OK. */
struct store_judgement fixture_refresh(struct fixture *f, const struct store_presented *token);

/* The session as stored, and its state now. */
struct session fixture_session(struct fixture *f, const char *sid, enum reason *standing);

/* How many audit events of a kind concern a session (empty sid: any). */
unsigned fixture_events(struct fixture *f, enum event_kind kind, const char *sid);

/* How many problems store_verify finds. */
uint64_t fixture_problems(struct fixture *f);

#endif
