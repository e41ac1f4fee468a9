/*
 * Fills a site's store with users and sessions, faster than logins could, because no password is
 * hashed. Otherwise each session is made as a login makes it, in durable transactions that many
 * threads share.
 *
 *   fill CONFIG USERS SESSIONS [FILE]
 *
 * Users are u0, u1 and so on; existing ones are used. Their sessions are dealt out in turn. FILE
 * gets a line for each session: its refresh token, its device, an access token, its gate cookie.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "conf/config.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "store/options.h"
#include "store/store.h"
#include "token/access_token.h"
#include "token/gate_token.h"
#include "token/refresh_token.h"

#define THREADS 64
#define DEVICE_BYTES 16

struct fill {
	struct settings settings;
	struct store *store;
	struct keyring *ring;
	struct mac_key *gate_key;
	uint64_t *users;
	char (*subs)[ID_SIZE];
	size_t user_count, session_count;
	atomic_size_t next;
	pthread_mutex_t lock;	/* protects the file */
	FILE *out;
};

static void
check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fill: %s\n", what);
	exit(1);
}

static struct store_caller
caller_now(void)
{
	return (struct store_caller){ .now = clock_now(), .address = SLICE("192.0.2.1"),
		.user_agent = SLICE("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0") };
}

static void
add_user(struct fill *fill, size_t i)
{
	struct store_caller caller = caller_now();
	struct user user = { .groups = "staff" };
	bool added, found = true;

	snprintf(user.name, sizeof(user.name), "u%zu", i);
	check(store_user_add(fill->store, &caller, &user, &added) == PT_OK, "a user cannot be added");
	if (!added)
		check(store_user_by_name(fill->store, slice_of(user.name), &user, &found) == PT_OK && found, "a user is not there");
	fill->users[i] = user.number;
	memcpy(fill->subs[i], user.sub, sizeof(user.sub));
}

static void
put_line(struct fill *fill, const struct session *session, const struct user *user, const struct refresh_token *token,
    const uint8_t device[DEVICE_BYTES], int64_t now_ms)
{
	const struct settings *settings = &fill->settings;
	char refresh[REFRESH_TOKEN_CHARS + 1], device_text[BASE64URL_LEN(DEVICE_BYTES) + 1], gate[GATE_TOKEN_CHARS + 1];
	struct gate_token gate_token = { .made_at_ms = now_ms };
	struct buf access = BUF_EMPTY, uri = BUF_EMPTY;
	size_t count;

	buf_printf(&uri, "%s/status-list", settings->issuer);
	memcpy(gate_token.sid, session->sid, sizeof(gate_token.sid));
	base64url_encode(device, DEVICE_BYTES, device_text);
	check(refresh_token_format(token, keyring_refresh_keys(fill->ring, &count)[0], refresh) == PT_OK &&
	    gate_token_format(&gate_token, fill->gate_key, gate) == PT_OK &&
	    access_token_sign(fill->ring, &(struct access_claims){
		.issuer = slice_of(settings->issuer), .audience = slice_of(settings->audience),
		.subject = slice_of(user->sub), .session_id = slice_of(session->sid),
		.client_id = slice_of(settings->client_id), .token_id = slice_of(session->sid),
		.username = slice_of(user->name), .groups = slice_of(user->groups), .amr = SLICE("pwd"),
		.issued_at = now_ms / 1000, .expires_at = now_ms / 1000 + settings->access_ttl_ms / 1000,
		.auth_time = now_ms / 1000, .status_list = buf_slice(&uri),
		.status_index = (int64_t)session->status_index,
	    }, &access) == PT_OK, "a token cannot be made");
	pthread_mutex_lock(&fill->lock);
	fprintf(fill->out, "%s %s %.*s %s\n", refresh, device_text, SLICE_ARG(buf_slice(&access)), gate);
	pthread_mutex_unlock(&fill->lock);
	buf_free(&access);
	buf_free(&uri);
}

static void
add_session(struct fill *fill, size_t i)
{
	struct store_caller caller = caller_now();
	struct store_login login = { .user_number = fill->users[i % fill->user_count], .methods = LOGIN_BY_PASSWORD };
	struct refresh_token token = { 0 };
	uint8_t device[DEVICE_BYTES];
	struct session session;
	struct user user;
	struct login_decision decision;

	check(random_bytes(token.secret, sizeof(token.secret)) == PT_OK && random_bytes(device, sizeof(device)) == PT_OK &&
	    random_bytes(&token.nonce, sizeof(token.nonce)) == PT_OK &&
	    digest_sha256(token.secret, sizeof(token.secret), login.secret_hash) == PT_OK &&
	    digest_sha256(device, sizeof(device), login.device_hash) == PT_OK, "no random bytes");
	login.nonce = token.nonce;
	check(store_login(fill->store, &caller, &login, &session, &user, &decision) == PT_OK &&
	    decision.result == LOGIN_GOOD, "a session cannot be made");
	token.session_number = session.number;
	if (fill->out)
		put_line(fill, &session, &user, &token, device, caller.now.wall_ms);
}

static void *
add_sessions(void *arg)
{
	struct fill *fill = arg;
	size_t i;

	while ((i = atomic_fetch_add(&fill->next, 1)) < fill->session_count)
		add_session(fill, i);
	return NULL;
}

static void *
add_users(void *arg)
{
	struct fill *fill = arg;
	size_t i;

	while ((i = atomic_fetch_add(&fill->next, 1)) < fill->user_count)
		add_user(fill, i);
	return NULL;
}

static void
run(struct fill *fill, void *(*what)(void *))
{
	pthread_t threads[THREADS];

	atomic_store(&fill->next, 0);
	for (int i = 0; i < THREADS; i++)
		check(pthread_create(&threads[i], NULL, what, fill) == 0, "no thread");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void
open_site(struct fill *fill, const char *config)
{
	struct buf problem = BUF_EMPTY;
	char folder[4096], keys[4096];
	struct store_options options;
	char *bad = NULL;

	check(config_load(config, &fill->settings, NULL, &problem) == PT_OK, "the configuration cannot be read");
	check(store_options_from(&fill->settings, folder, sizeof(folder), &options) &&
	    store_open(&options, &fill->store) == PT_OK, "the store cannot be opened");
	check(settings_path(&fill->settings, "keys", keys, sizeof(keys)) && keyring_open(keys, &fill->ring, &bad) == PT_OK &&
	    keyring_derive(fill->ring, GATE_TOKEN_LABEL, &fill->gate_key) == PT_OK, "the keys cannot be read");
	buf_free(&problem);
}

int
main(int argc, char **argv)
{
	struct fill fill = { .lock = PTHREAD_MUTEX_INITIALIZER };

	if (argc < 4)
		return 2;
	fill.user_count = strtoul(argv[2], NULL, 10);
	fill.session_count = strtoul(argv[3], NULL, 10);
	fill.users = calloc(fill.user_count, sizeof(*fill.users));
	fill.subs = calloc(fill.user_count, sizeof(*fill.subs));
	check(fill.user_count > 0 && fill.users && fill.subs, "no users");
	open_site(&fill, argv[1]);
	if (argc > 4)
		check((fill.out = fopen(argv[4], "w")) != NULL, "the file cannot be written");
	run(&fill, add_users);
	run(&fill, add_sessions);
	if (fill.out)
		check(fclose(fill.out) == 0, "the file cannot be written");
	store_close(fill.store);
	keyring_free(fill.ring);
	mac_key_free(fill.gate_key);
	config_free(&fill.settings);
	free(fill.users);
	free(fill.subs);
	return 0;
}
