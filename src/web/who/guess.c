#include "web/who/guess.h"

#include <string.h>

#include "web/http/report.h"
#include "web/who/guess_key.h"
#include "web/who/name_tag.h"
#include "web/who/session_cookie.h"

/* The device that asks, if it has signed in to this account before. */
static enum pt_err
guess_device(const struct request *request, const struct guess_at *at, uint8_t hash[DIGEST_SIZE],
    bool *known)
{
	const struct user *user = at->user;
	uint8_t device[SESSION_DEVICE_SIZE];
	enum pt_err err;

	*known = user && at->session;
	if (*known) {
		memcpy(hash, at->session->device_hash, DIGEST_SIZE);
		return PT_OK;
	}
	if (!session_device_read(request, device))
		return PT_OK;
	err = digest_sha256(device, sizeof(device), hash);
	/*
	 * Looked up for an unknown user too: the time taken must not show whether there is such a
	 * user.
	 */
	if (err != PT_OK)
		return err;
	return store_device_is_known(request->app->store, user ? user->number : 0, hash, known);
}

static struct limits_claim *
guess_claim(struct guess *guess, const struct limit_policy *policy)
{
	struct limits_claim *claim = &guess->claims[guess->count++];

	claim->policy = *policy;
	return claim;
}

/* What the attempt counts for. */
static enum pt_err
guess_claims(const struct request *request, const struct mac_key *key, const struct guess_at *at,
    struct guess *guess)
{
	const struct settings *settings = request->app->settings;
	const struct slice name = at->name.len ? at->name : at->typed;
	uint8_t device[DIGEST_SIZE];
	bool known;
	enum pt_err err = guess_device(request, at, device, &known);

	if (err != PT_OK)
		return err;
	if (known) {
		struct limit_policy policy = settings->account_limit;

		policy.tries = settings->device_tries;
		return guess_key_device(key, at->user->number, device,
		    guess_claim(guess, &policy)->key);
	}
	if (name.len)
		err = guess_key_account(key, name,
		    guess_claim(guess, &settings->account_limit)->key);
	return err != PT_OK ? err : guess_key_address(key, slice_of(request->address),
	    guess_claim(guess, &settings->address_limit)->key);
}

enum pt_err
guess_begin(const struct request *request, const struct guess_at *at, struct guess *guess)
{
	struct limits_verdict verdict;
	struct mac_key *key = NULL;

	if (guess->counted)
		return PT_OK;
	memset(guess, 0, sizeof(*guess));
	enum pt_err err = keyring_derive(request->keys, GUESS_KEY_LABEL, &key);

	if (err == PT_OK)
		err = guess_claims(request, key, at, guess);
	mac_key_free(key);
	if (err == PT_OK)
		err = limits_take(request->app->limits, guess->claims, guess->count, clock_now(),
		    &verdict);
	if (err != PT_OK)
		return err;
	guess->counted = true;
	guess->allowed = verdict.allowed;
	guess->tell = verdict.tell;
	guess->refused = verdict.refused;
	guess->retry_after = (unsigned)((verdict.retry_after_ms + 999) / 1000);
	return PT_OK;
}

void
guess_end(const struct request *request, const struct guess *guess, bool wrong)
{
	if (!guess->allowed || wrong)
		return;
	enum pt_err err = limits_give_back(request->app->limits, guess->claims, guess->count,
	    clock_now());

	/*
	 * The attempt stays counted then and is forgotten in time; nothing else has to be undone.
	 */
	if (err != PT_OK)
		LOG_SPARELY(LOG_LEVEL_WARNING, "guess_kept", pt_err_text(err),
		    LOG_STR("request_id", request->request_id), LOG_STR("cause", pt_err_text(err)));
}

/* Records attempts that were turned away in the audit log. */
static enum pt_err
guess_record(const struct request *request, const struct guess_at *at, const struct guess *guess)
{
	struct store_caller caller = request_caller(request);
	char tag[NAME_TAG_SIZE];
	enum pt_err err = name_tag_of(request->keys, at->name, tag);

	if (err != PT_OK)
		return err;
	return store_login_limited(request->app->store, &caller,
	    at->user ? at->user->number : 0, slice_of(tag), guess->refused);
}

const struct refusal *
guess_refuse(const struct request *request, const struct guess_at *at, struct guess *guess)
{
	enum pt_err err = PT_OK;

	guess->refusal = (struct refusal){
		.status = 429, .error = "too_many_requests", .text = "Too many wrong tries.",
		.retry_after = guess->retry_after, .says_when = true,
	};
	report_event(request, &(struct report){
		.kind = EVENT_LOGIN_LIMITED,
		.level = LOG_LEVEL_WARNING,
		.user = at->user,
		.times = guess->refused,
		.silent = !guess->tell,
	});
	if (guess->tell)
		err = guess_record(request, at, guess);
	return err == PT_OK ? &guess->refusal : refusal_failed(err);
}

const struct refusal *
guess_demand(const struct request *request, const struct guess_at *at, struct guess *guess)
{
	enum pt_err err = guess_begin(request, at, guess);

	if (err != PT_OK)
		return refusal_failed(err);
	return guess->allowed ? NULL : guess_refuse(request, at, guess);
}

enum pt_err
guess_tell_wrong(const struct request *request, const struct guess_at *at, enum reason reason)
{
	struct store_caller caller = request_caller(request);
	char tag[NAME_TAG_SIZE];
	/*
	 * Made for an existing user too: the time taken must not show whether there is such a user.
	 */
	enum pt_err err = name_tag_of(request->keys, at->name, tag);

	report_event(request, &(struct report){
		.kind = EVENT_LOGIN_FAILED,
		.level = LOG_LEVEL_INFO,
		.user = at->user,
		.session = at->session,
		.reason = reason,
	});
	if (err != PT_OK)
		return err;
	return store_login_failed(request->app->store, &caller,
	    at->user ? at->user->number : 0, slice_of(tag), reason);
}
