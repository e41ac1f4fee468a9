/* A store in a folder of its own, a person, a clock that is set: what the store's tests begin with. */
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
	char folder[96];	/* below $TMPDIR; removed at the end */
	char data_folder[112];	/* the store's, in it */
	struct store_options options;
	struct store *store;
	struct instant now;
	struct user ann;
	struct user bob;
};

/* cmocka's setup and teardown: *state is the struct fixture. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Closes the store and opens it again, with whatever options are there now. */
void fixture_reopen(struct fixture *f);

/* Both clocks go on together. */
void fixture_pass(struct fixture *f, int64_t ms);

struct store_caller fixture_caller(const struct fixture *f);

struct user fixture_user(struct fixture *f, const char *name);

/* A login with all bytes of its secret and device of these values; done has to be true. */
struct session fixture_login(struct fixture *f, const struct user *user, uint8_t secret, uint8_t device);

/* The token of a session begun by fixture_login, of this serial and nonce. */
struct store_presented fixture_token(const struct session *session, uint32_t serial, uint32_t nonce);

/* The nonce of every token of serial 0. */
#define FIRST_NONCE 7

/* Refreshes; it has to be PT_OK. */
struct store_judgement fixture_refresh(struct fixture *f, const struct store_presented *token);

/* The session as the store has it, and how it stands now. */
struct session fixture_session(struct fixture *f, const char *sid, enum reason *standing);

/* How many audit events of a kind are about a session (empty sid: about anything). */
unsigned fixture_events(struct fixture *f, enum event_kind kind, const char *sid);

/* How many problems store_verify finds. */
uint64_t fixture_problems(struct fixture *f);

#endif
