#include "support/store_fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static void
fixture_options(struct fixture *f)
{
	f->options = (struct store_options){
		.folder = f->data_folder,
		.map_bytes = 64 << 20,
		.readers = 126,
		.periods = { 60 * SECOND_MS, 120 * SECOND_MS },
		.lifetimes = { DAY_MS, 14 * DAY_MS, 90 * DAY_MS },
		.tokens_ms = 660 * SECOND_MS,
		.sessions_per_user = 50,
		.ended_keep_ms = 7 * DAY_MS,
		.audit_keep_ms = 90 * DAY_MS,
		.audit_max = 100000,
	};
}

int
fixture_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->folder, sizeof(f->folder), "%s/pintle-store-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->data_folder, sizeof(f->data_folder), "%s/db", f->folder);
	fixture_options(f);
	f->now = (struct instant){ INT64_C(1760000000000), { 42, 5 * HOUR_MS } };
	assert_int_equal(store_create(&f->options), PT_OK);
	assert_int_equal(store_open(&f->options, &f->store), PT_OK);
	f->ann = fixture_user(f, "ann");
	f->bob = fixture_user(f, "bob");
	*state = f;
	return 0;
}

int
fixture_teardown(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

void
fixture_reopen(struct fixture *f)
{
	store_close(f->store);
	assert_int_equal(store_open(&f->options, &f->store), PT_OK);
}

void
fixture_pass(struct fixture *f, int64_t ms)
{
	f->now.wall_ms += ms;
	f->now.stamp.ms += ms;
}

struct store_caller
fixture_caller(const struct fixture *f)
{
	return (struct store_caller){
		.now = f->now, .address = SLICE("192.0.2.7"), .user_agent = SLICE("Browser/1"), .request_id = SLICE("req-1"),
	};
}

struct user
fixture_user(struct fixture *f, const char *name)
{
	struct store_caller caller = fixture_caller(f);
	struct user user = { 0 };
	bool added;

	snprintf(user.name, sizeof(user.name), "%s", name);
	snprintf(user.password_hash, sizeof(user.password_hash), "%s", ANN_HASH);
	assert_int_equal(store_user_add(f->store, &caller, &user, &added), PT_OK);
	assert_true(added);
	return user;
}

struct session
fixture_login(struct fixture *f, const struct user *user, uint8_t secret, uint8_t device)
{
	struct store_caller caller = fixture_caller(f);
	struct store_login login = {
		.user_number = user->number, .expected_hash = ANN_HASH, .nonce = FIRST_NONCE,
		.methods = LOGIN_BY_PASSWORD, .device = SLICE("a laptop"),
	};
	struct session session;
	struct user out;
	struct login_decision decision;

	memset(login.secret_hash, secret, sizeof(login.secret_hash));
	memset(login.device_hash, device, sizeof(login.device_hash));
	assert_int_equal(store_login(f->store, &caller, &login, &session, &out, &decision), PT_OK);
	assert_int_equal(decision.result, LOGIN_GOOD);
	return session;
}

struct store_presented
fixture_token(const struct session *session, uint32_t serial, uint32_t nonce)
{
	struct store_presented token = {
		.session_number = session->number, .has_device = true, .token = { serial, nonce },
	};

	memcpy(token.secret_hash, session->secret_hash, sizeof(token.secret_hash));
	memcpy(token.device_hash, session->device_hash, sizeof(token.device_hash));
	return token;
}

struct store_judgement
fixture_refresh(struct fixture *f, const struct store_presented *token)
{
	struct store_caller caller = fixture_caller(f);
	struct store_judgement judgement;

	assert_int_equal(store_refresh(f->store, &caller, token, &judgement), PT_OK);
	return judgement;
}

struct session
fixture_session(struct fixture *f, const char *sid, enum reason *standing)
{
	struct session session = { 0 };
	struct user user;
	bool found;

	assert_int_equal(store_session_by_sid(f->store, f->now, slice_of(sid), &session, &user, standing, &found), PT_OK);
	assert_true(found);
	return session;
}

static bool
count_event(const struct event *event, void *ctx)
{
	(void)event;
	++*(unsigned *)ctx;
	return true;
}

unsigned
fixture_events(struct fixture *f, enum event_kind kind, const char *sid)
{
	struct store_event_filter filter = { .kind = kind, .sid = slice_of(sid) };
	unsigned count = 0;

	assert_int_equal(store_event_each(f->store, &filter, count_event, &count), PT_OK);
	return count;
}

static void
print_problem(const char *text, void *ctx)
{
	(void)ctx;
	print_message("# %s\n", text);
}

uint64_t
fixture_problems(struct fixture *f)
{
	uint64_t problems;

	assert_int_equal(store_verify(f->store, print_problem, NULL, &problems), PT_OK);
	return problems;
}
