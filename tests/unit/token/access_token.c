/* An access token carries what it was given, as RFC 9068 says, and is accepted while valid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "base/base64url.h"
#include "support/ring_fixture.h"
#include "support/scratch.h"
#include "token/access_token.h"

#define NOW INT64_C(1795485169)
#define ISSUER SLICE("https://auth.example/auth")
#define AUDIENCE SLICE("https://api.example")

static const struct access_claims *
sample_claims(void)
{
	static struct access_claims claims;

	claims = (struct access_claims){
		.issuer = ISSUER,
		.audience = AUDIENCE,
		.subject = SLICE("AAECAwQFBgcICQoLDA0ODw"),
		.session_id = SLICE("EBESExQVFhcYGRobHB0eHw"),
		.client_id = SLICE("pintle"),
		.token_id = SLICE("ICEiIyQlJicoKSorLC0uLw"),
		.username = SLICE("ann"),
		.groups = SLICE("staff,wheel"),
		.amr = SLICE("pwd,otp"),
		.issued_at = NOW,
		.expires_at = NOW + 600,
		.auth_time = NOW - 3600,
		.status_list = SLICE("https://auth.example/auth/status-list"),
		.status_index = 4711,
	};
	return &claims;
}

/* A ring with one key of alg or, with SIGNING_NONE, of all three, the last of which signs. */
static struct keyring *
ring_make(enum signing_alg alg)
{
	struct buf list = BUF_EMPTY;
	struct keyring *ring;

	scratch_remove("keys");
	assert_int_equal(keyring_create(scratch_path("keys"), SIGNING_EDDSA, 1), PT_OK);
	for (enum signing_alg each = SIGNING_ES256; each <= SIGNING_RS256; each++)
		if (alg == SIGNING_NONE || alg == each)
			signing_key_free(ring_key_add(&list, each, 1, 0));
	ring = ring_list_open(&list);
	buf_free(&list);
	return ring;
}

static struct buf
token_make(const struct keyring *ring, const struct access_claims *claims)
{
	struct buf text = BUF_EMPTY;

	assert_int_equal(access_token_sign(ring, claims, &text), PT_OK);
	return text;
}

static enum access_verdict
verdict_of(const struct keyring *ring, struct slice text, int64_t now_s)
{
	struct access_token token;
	enum access_verdict verdict = ACCESS_UNSEEN;

	assert_int_equal(access_token_verify(ring, text, ISSUER, AUDIENCE, now_s, &token, &verdict), PT_OK);
	assert_int_equal(token.text.len != 0, verdict == ACCESS_GOOD);
	assert_int_equal(token.key_id[0] != 0, verdict == ACCESS_GOOD);
	access_token_free(&token);
	assert_null(token.text.ptr);
	return verdict;
}

static void
assert_same_claims(const struct access_claims *a, const struct access_claims *b)
{
	assert_true(slice_eq(a->issuer, b->issuer) && slice_eq(a->audience, b->audience));
	assert_true(slice_eq(a->subject, b->subject) && slice_eq(a->session_id, b->session_id));
	assert_true(slice_eq(a->client_id, b->client_id) && slice_eq(a->token_id, b->token_id));
	assert_true(slice_eq(a->username, b->username) && slice_eq(a->groups, b->groups) && slice_eq(a->amr, b->amr));
	assert_true(slice_eq(a->status_list, b->status_list) && a->status_index == b->status_index);
	assert_true(a->issued_at == b->issued_at && a->expires_at == b->expires_at && a->auth_time == b->auth_time);
}

static void
says_what_it_was_given(void **state)
{
	(void)state;
	for (enum signing_alg alg = SIGNING_ES256; alg <= SIGNING_RS256; alg++) {
		struct keyring *ring = ring_make(alg);
		struct buf text = token_make(ring, sample_claims());
		struct access_token token;
		enum access_verdict verdict;

		assert_int_equal(access_token_verify(ring, buf_slice(&text), ISSUER, AUDIENCE, NOW, &token, &verdict), PT_OK);
		assert_int_equal(verdict, ACCESS_GOOD);
		assert_same_claims(&token.claims, sample_claims());
		assert_string_equal(token.key_id, signing_key_id(keyring_signing_key(ring, NOW)));
		access_token_free(&token);
		buf_free(&text);
		keyring_free(ring);
	}
}

/* The bytes of one of the three parts. */
static struct buf
part_of(struct slice text, int part)
{
	struct slice one = { NULL, 0 };
	struct buf out = BUF_EMPTY;
	char bytes[2048];
	size_t len;

	for (int i = 0; i <= part; i++)
		slice_cut(text, '.', &one, &text);
	assert_true(base64url_decode(one, bytes, sizeof(bytes), &len));
	buf_append(&out, bytes, len);
	buf_putc(&out, '\0');
	return out;
}

static void
has_the_form_of_the_profile(void **state)
{
	struct keyring *ring = ring_make(SIGNING_ES256);
	struct buf text = token_make(ring, sample_claims()), header = part_of(buf_slice(&text), 0),
	    payload = part_of(buf_slice(&text), 1), wanted = BUF_EMPTY;

	(void)state;
	buf_printf(&wanted, "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":\"%s\"}",
	    signing_key_id(keyring_signing_key(ring, NOW)));
	buf_putc(&wanted, '\0');
	assert_string_equal(header.ptr, wanted.ptr);
	assert_string_equal(payload.ptr, "{\"iss\":\"https://auth.example/auth\",\"aud\":\"https://api.example\","
	    "\"sub\":\"AAECAwQFBgcICQoLDA0ODw\",\"sid\":\"EBESExQVFhcYGRobHB0eHw\",\"client_id\":\"pintle\","
	    "\"jti\":\"ICEiIyQlJicoKSorLC0uLw\",\"preferred_username\":\"ann\",\"groups\":[\"staff\",\"wheel\"],"
	    "\"amr\":[\"pwd\",\"otp\"],\"iat\":1795485169,\"exp\":1795485769,\"auth_time\":1795481569,"
	    "\"status\":{\"status_list\":{\"idx\":4711,\"uri\":\"https://auth.example/auth/status-list\"}}}");
	buf_free(&wanted);
	buf_free(&payload);
	buf_free(&header);
	buf_free(&text);
	keyring_free(ring);
}

static void
is_appended_to_what_is_there(void **state)
{
	struct keyring *ring = ring_make(SIGNING_EDDSA);
	struct buf text = BUF_EMPTY;

	(void)state;
	buf_puts(&text, "Bearer ");
	assert_int_equal(access_token_sign(ring, sample_claims(), &text), PT_OK);
	assert_true(slice_starts(buf_slice(&text), SLICE("Bearer ey")));
	assert_int_equal(verdict_of(ring, slice_skip(buf_slice(&text), 7), NOW), ACCESS_GOOD);
	buf_free(&text);
	keyring_free(ring);
}

static void
carries_any_name_and_no_groups(void **state)
{
	static const char *const names[] = { "\xc3\xa4nne", "\"quoted\\\"", "a,b", "x\ty", "\xf0\x9f\x98\x80" };
	static const char *const groups[] = { "", "one", "one,two,three" };
	struct keyring *ring = ring_make(SIGNING_EDDSA);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (size_t j = 0; j < sizeof(groups) / sizeof(groups[0]); j++) {
			struct access_claims claims = *sample_claims();
			struct access_token token;
			enum access_verdict verdict;

			claims.username = slice_of(names[i]);
			claims.groups = slice_of(groups[j]);
			struct buf text = token_make(ring, &claims);

			assert_int_equal(access_token_verify(ring, buf_slice(&text), ISSUER, AUDIENCE, NOW, &token, &verdict), PT_OK);
			assert_int_equal(verdict, ACCESS_GOOD);
			assert_same_claims(&token.claims, &claims);
			access_token_free(&token);
			buf_free(&text);
		}
	keyring_free(ring);
}

/* Seconds from the token's issue to the moment of the check. */
static const struct {
	const char *name;
	int64_t at;
	enum access_verdict verdict;
} moments[] = {
	{ "when it was made", 0, ACCESS_GOOD },
	{ "in its last second", 599, ACCESS_GOOD },
	{ "at its end", 600, ACCESS_EXPIRED },
	{ "long after", 1000000000, ACCESS_EXPIRED },
	{ "by a clock one minute behind", -60, ACCESS_GOOD },
	{ "by a clock more than a minute behind", -61, ACCESS_NOT_YET },
	{ "by a clock that was never set", -NOW, ACCESS_NOT_YET },
};

static void
is_good_from_its_making_to_its_end(void **state)
{
	struct keyring *ring = ring_make(SIGNING_EDDSA);
	struct buf text = token_make(ring, sample_claims());

	(void)state;
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		enum access_verdict verdict = verdict_of(ring, buf_slice(&text), NOW + moments[i].at);

		if (verdict != moments[i].verdict)
			fail_msg("%s: %s", moments[i].name, access_verdict_name(verdict));
	}
	buf_free(&text);
	keyring_free(ring);
}

static void
is_good_for_its_issuer_and_audience_exactly(void **state)
{
	static const char *const others[] = { "", "https://auth.example", "https://auth.example/auth/", "https://AUTH.example/auth",
	    "https://api.example/", "https://api.exampl", "https://auth.example/auth https://api.example" };
	struct keyring *ring = ring_make(SIGNING_EDDSA);
	struct buf text = token_make(ring, sample_claims());
	struct access_token token;
	enum access_verdict verdict;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct slice other = slice_of(others[i]);

		assert_int_equal(access_token_verify(ring, buf_slice(&text), other, AUDIENCE, NOW, &token, &verdict), PT_OK);
		assert_int_equal(verdict, ACCESS_WRONG_ISSUER);
		assert_int_equal(access_token_verify(ring, buf_slice(&text), ISSUER, other, NOW, &token, &verdict), PT_OK);
		assert_int_equal(verdict, ACCESS_WRONG_AUDIENCE);
	}
	buf_free(&text);
	keyring_free(ring);
}

static void
lives_on_while_keys_change_and_ends_with_its_key(void **state)
{
	struct buf list = BUF_EMPTY, later = BUF_EMPTY;

	(void)state;
	assert_int_equal(keyring_create(scratch_path("keys"), SIGNING_EDDSA, 1), PT_OK);
	struct signing_key *old = ring_key_add(&list, SIGNING_ES256, 1, NOW + 500), *fresh =
	    ring_key_add(&list, SIGNING_EDDSA, NOW + 100, 0);
	struct keyring *ring = ring_list_open(&list);
	struct access_claims claims = *sample_claims();
	struct buf first = token_make(ring, &claims);

	claims.issued_at = NOW + 100;
	struct buf second = token_make(ring, &claims);

	/* Each token names the key that signed it; both verify until the first key retires. */
	assert_int_equal(verdict_of(ring, buf_slice(&first), NOW + 200), ACCESS_GOOD);
	assert_int_equal(verdict_of(ring, buf_slice(&second), NOW + 200), ACCESS_GOOD);
	assert_int_equal(verdict_of(ring, buf_slice(&first), NOW + 499), ACCESS_GOOD);
	assert_int_equal(verdict_of(ring, buf_slice(&first), NOW + 500), ACCESS_UNKNOWN_KEY);
	assert_int_equal(verdict_of(ring, buf_slice(&second), NOW + 500), ACCESS_GOOD);
	keyring_free(ring);

	/* A leaked key is taken off the list: its tokens end when the ring is next opened. */
	buf_printf(&later, "{\"kid\":\"%s\",\"created_at\":1,\"signs_from\":1,\"retires_at\":0}", signing_key_id(old));
	ring = ring_list_open(&later);
	assert_int_equal(verdict_of(ring, buf_slice(&first), NOW + 200), ACCESS_GOOD);
	assert_int_equal(verdict_of(ring, buf_slice(&second), NOW + 200), ACCESS_UNKNOWN_KEY);
	keyring_free(ring);
	signing_key_free(old);
	signing_key_free(fresh);
	buf_free(&first);
	buf_free(&second);
	buf_free(&list);
	buf_free(&later);
}

static void
is_not_signed_where_no_key_signs(void **state)
{
	struct buf list = BUF_EMPTY, text = BUF_EMPTY;

	(void)state;
	assert_int_equal(keyring_create(scratch_path("keys"), SIGNING_EDDSA, 1), PT_OK);
	signing_key_free(ring_key_add(&list, SIGNING_ES256, 1, NOW));
	struct keyring *ring = ring_list_open(&list);

	assert_int_equal(access_token_sign(ring, sample_claims(), &text), PT_ERR_CRYPTO);
	assert_int_equal(text.len, 0);
	keyring_free(ring);
	buf_free(&list);
	buf_free(&text);
}

static const struct keyring *shared;

static void *
sign_and_verify_many(void *arg)
{
	size_t *wrong = arg;

	for (int i = 0; i < 40; i++) {
		struct access_claims claims = { ISSUER, AUDIENCE, SLICE("s"), SLICE("d"), SLICE("c"), SLICE("j"), SLICE("u"),
		    SLICE("g"), SLICE("pwd"), NOW, NOW + 1, NOW,
		    SLICE("https://auth.example/status-list"), 9 };
		struct access_token token;
		struct buf text = BUF_EMPTY;
		enum access_verdict verdict;

		*wrong += access_token_sign(shared, &claims, &text) != PT_OK;
		*wrong += access_token_verify(shared, buf_slice(&text), ISSUER, AUDIENCE, NOW, &token, &verdict) != PT_OK ||
		    verdict != ACCESS_GOOD;
		access_token_free(&token);
		buf_free(&text);
	}
	return NULL;
}

static void
is_signed_and_verified_by_many_threads(void **state)
{
	struct keyring *ring = ring_make(SIGNING_NONE);
	pthread_t threads[4];
	size_t wrong[4] = { 0 };

	(void)state;
	shared = ring;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_and_verify_many, &wrong[i]), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(wrong[i], 0);
	keyring_free(ring);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(says_what_it_was_given, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(has_the_form_of_the_profile, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(is_appended_to_what_is_there, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(carries_any_name_and_no_groups, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(is_good_from_its_making_to_its_end, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(is_good_for_its_issuer_and_audience_exactly, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(lives_on_while_keys_change_and_ends_with_its_key, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(is_not_signed_where_no_key_signs, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(is_signed_and_verified_by_many_threads, scratch_begin, scratch_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
