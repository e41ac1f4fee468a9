/* pintle key: list, rotate, revoke, export. */
#include <string.h>

#include "cmd/site/site.h"
#include "cmd/term/grid.h"
#include "cmd/term/json_list.h"
#include "cmd/term/output.h"
#include "worker/exit.h"

/* The two kinds of keys, named by what they sign. */
static const char *const signed_by[] = {
	[KEYRING_ACCESS_TOKENS] = "access tokens",
	[KEYRING_STATUS_LIST] = "status list",
};

/* Calls show with every key of both kinds, in turn. */
static void
each_key(const struct keyring *ring, void (*show)(const struct keyring *of, enum keyring_use use,
    const struct keyring_entry *entry, void *ctx), void *ctx)
{
	for (enum keyring_use use = KEYRING_ACCESS_TOKENS; use <= KEYRING_STATUS_LIST; use++) {
		const struct keyring *of = use == KEYRING_STATUS_LIST ?
		    keyring_status_keys(ring) : ring;

		for (size_t i = 0; of && i < keyring_count(of); i++)
			show(of, use, keyring_at(of, i), ctx);
	}
}

/* What a key does at now_s. */
static const char *
key_use(const struct keyring *ring, const struct keyring_entry *entry, int64_t now_s)
{
	if (keyring_is_retired(entry, now_s))
		return "retired";
	if (keyring_signing_key(ring, now_s) == entry->key)
		return "signs";
	return entry->signs_from > now_s ? "waits" : "verifies";
}

struct key_listing {
	struct json_list list;
	int64_t now_s;
};

static void
key_list_json(const struct keyring *of, enum keyring_use use, const struct keyring_entry *entry,
    void *ctx)
{
	struct key_listing *keys = ctx;
	struct json_writer *json = &keys->list.json;

	json_open(json, NULL);
	json_put_cstr(json, "kid", signing_key_id(entry->key));
	json_put_cstr(json, "alg", signing_alg_name(signing_key_alg(entry->key)));
	json_put_cstr(json, "signs", signed_by[use]);
	json_put_cstr(json, "use", key_use(of, entry, keys->now_s));
	json_put_time(json, "created_at", entry->created_at * 1000);
	json_put_time(json, "signs_from", entry->signs_from * 1000);
	json_put_time(json, "retires_at", entry->retires_at * 1000);
	json_close(json);
	json_list_next(&keys->list);
}

struct key_grid {
	struct grid grid;
	int64_t now_s;
};

static void
key_list_row(const struct keyring *of, enum keyring_use use, const struct keyring_entry *entry,
    void *ctx)
{
	struct key_grid *keys = ctx;

	grid_put_cstr(&keys->grid, signing_key_id(entry->key));
	grid_put_cstr(&keys->grid, signing_alg_name(signing_key_alg(entry->key)));
	grid_put_cstr(&keys->grid, signed_by[use]);
	grid_put_cstr(&keys->grid, key_use(of, entry, keys->now_s));
	grid_put_time(&keys->grid, entry->created_at * 1000);
	grid_put_time(&keys->grid, entry->signs_from * 1000);
	grid_put_time(&keys->grid, entry->retires_at * 1000);
}

static int
key_list(struct site *site, const struct arguments *arguments)
{
	static const char *const heads[] = { "KID", "ALG", "SIGNS", "USE", "MADE", "SIGNS FROM",
	    "RETIRES" };
	struct keyring *ring;
	int64_t now_s = clock_now().wall_ms / 1000;
	int status = site_open_keys(site, &ring);

	if (status != EXIT_OK)
		return status;
	if (arguments->value[OPTION_JSON]) {
		struct key_listing keys = { .now_s = now_s };

		json_list_begin(&keys.list, "keys");
		each_key(ring, key_list_json, &keys);
		json_list_end(&keys.list);
	} else {
		struct key_grid keys = { .now_s = now_s,
		    .grid = grid_new(heads, sizeof(heads) / sizeof(heads[0])) };

		each_key(ring, key_list_row, &keys);
		grid_end(&keys.grid);
	}
	keyring_free(ring);
	return EXIT_OK;
}

/*
 * Reads the configuration and becomes the keys' owner. The store stays closed: a key can be revoked
 * without it.
 */
static int
run(const struct arguments *arguments,
    int (*work)(struct site *site, const struct arguments *arguments))
{
	struct site site;
	int status = site_read(arguments, &site);

	if (status != EXIT_OK)
		return status;
	status = site_become_owner(&site);
	if (status == EXIT_OK)
		status = work(&site, arguments);
	site_close(&site);
	return status;
}

int
cmd_key_list(const struct arguments *arguments)
{
	return run(arguments, key_list);
}

/* ---- rotate and revoke ---- */

/* The change stands by then, whether or not it can be logged. */
static int
tell_log(struct site *site, enum event_kind kind, struct slice kid)
{
	struct event event = { .at = clock_now().wall_ms, .kind = kind };

	slice_copy(kid, event.key_id, sizeof(event.key_id));
	int status = site->store ? EXIT_OK : site_open_store(site);

	if (status == EXIT_OK) {
		enum pt_err err = store_event_add(site->store, &event);

		status = err == PT_OK ? EXIT_OK : site_fail("write to the audit log", err);
	}
	if (status != EXIT_OK)
		output_say("the keys were changed anyway; only the entry in the audit log is "
		    "missing");
	return status;
}

/* The algorithm requested, or the configured one. */
static int
choose_alg(const struct site *site, const struct arguments *arguments, enum signing_alg *out)
{
	const char *name = arguments->value[OPTION_ALG];

	*out = name ? signing_alg_of(slice_of(name)) : site->settings.signing_alg;
	if (*out != SIGNING_NONE)
		return EXIT_OK;
	output_say("there is no such algorithm; write ES256, EdDSA or RS256");
	return EXIT_USAGE;
}

static int
change_fail(const char *attempt, enum pt_err err)
{
	if (err != PT_ERR_FULL)
		return site_keys_fail(attempt, err);
	output_say("there are %d keys that have not retired, which is the limit; pintle key list "
	    "shows them", KEYRING_MAX_KEYS);
	return EXIT_FAILED;
}

/* Makes the next key of one use. */
static int
rotate_use(struct site *site, const char *folder, enum signing_alg alg, enum keyring_use use,
    bool at_once)
{
	const struct keyring_plan plan = settings_key_plan(&site->settings, use,
	    clock_now().wall_ms / 1000, at_once);
	char kid[SIGNING_KID_SIZE], time[CLOCK_TEXT_SIZE];
	enum pt_err err = keyring_rotate(folder, alg, &plan, kid);

	if (err != PT_OK)
		return change_fail("make a new key", err);
	clock_format((plan.now_s + plan.publish_s) * 1000, time);
	if (at_once)
		output_line("%s signs the %s from now on. Services refuse it until they fetch the "
		    "key set again.", kid,
		    signed_by[use]);
	else
		output_line("%s is published now, and signs the %s from %s.", kid, signed_by[use],
		    time);
	return tell_log(site, EVENT_KEY_ADDED, slice_of(kid));
}

static int
key_rotate(struct site *site, const struct arguments *arguments)
{
	char folder[SITE_PATH_SIZE];
	const bool at_once = arguments->value[OPTION_NOW] != NULL;
	enum signing_alg alg;
	bool made;
	int status = choose_alg(site, arguments, &alg);

	if (status == EXIT_OK)
		status = site_path(site, "keys", folder);
	if (status == EXIT_OK)
		status = rotate_use(site, folder, alg, KEYRING_ACCESS_TOKENS, at_once);
	if (status != EXIT_OK)
		return status;

	enum pt_err err = keyring_ensure_status(folder, alg, clock_now().wall_ms / 1000, &made);

	if (err != PT_OK)
		return change_fail("make a key for the status list", err);
	return made ? EXIT_OK : rotate_use(site, folder, alg, KEYRING_STATUS_LIST, at_once);
}

int
cmd_key_rotate(const struct arguments *arguments)
{
	return run(arguments, key_rotate);
}

static int
revoked(struct site *site, struct slice kid, enum keyring_revocation verdict)
{
	switch (verdict) {
	case KEYRING_NOT_THERE:
		output_say("there is no key of that id; pintle key list shows them");
		return EXIT_FAILED;
	case KEYRING_LAST_KEY:
		output_say("it is the only key, and nobody could log in without one; with --now, a "
		    "new one replaces it at once");
		return EXIT_FAILED;
	case KEYRING_REVOKED:
		output_line("The key was revoked: workers no longer accept tokens that it signed.");
		output_line("Services that verify for themselves accept them until they fetch the "
		    "key set again.");
		return tell_log(site, EVENT_KEY_REVOKED, kid);
	}
	return EXIT_FAILED;
}

static int
key_revoke(struct site *site, const struct arguments *arguments)
{
	char folder[SITE_PATH_SIZE];
	const bool may_replace = arguments->value[OPTION_NOW] != NULL;
	enum keyring_revocation verdict = KEYRING_NOT_THERE;
	enum pt_err err = PT_OK;
	enum signing_alg alg;
	int status = choose_alg(site, arguments, &alg);

	if (status == EXIT_OK)
		status = site_path(site, "keys", folder);
	if (status != EXIT_OK)
		return status;

	for (enum keyring_use use = KEYRING_ACCESS_TOKENS;
	     use <= KEYRING_STATUS_LIST && err == PT_OK && verdict == KEYRING_NOT_THERE; use++) {
		const struct keyring_plan plan = settings_key_plan(&site->settings, use,
		    clock_now().wall_ms / 1000, true);

		err = keyring_revoke(folder, slice_of(arguments->operand[0]),
		    may_replace ? alg : SIGNING_NONE, &plan, &verdict);
	}
	return err == PT_OK ? revoked(site, slice_of(arguments->operand[0]), verdict) :
	    change_fail("revoke the key", err);
}

int
cmd_key_revoke(const struct arguments *arguments)
{
	return run(arguments, key_revoke);
}

/* ---- export ---- */

static enum pt_err
write_public(const struct signing_key *key, bool jwk)
{
	struct buf text = BUF_EMPTY;
	enum pt_err err = jwk ? signing_key_jwk(key, &text) : signing_key_public_pem(key, &text);

	if (jwk)
		buf_putc(&text, '\n');
	if (err == PT_OK)
		err = buf_status(&text);
	if (err == PT_OK)
		output_write(buf_slice(&text));
	buf_free(&text);
	return err;
}

static int
export(struct site *site, const struct arguments *arguments)
{
	struct keyring *ring;
	int status = site_open_keys(site, &ring);

	if (status != EXIT_OK)
		return status;

	const struct slice kid = slice_of(arguments->operand[0]);
	const int64_t now_s = clock_now().wall_ms / 1000;
	const struct signing_key *key = keyring_find(ring, kid, now_s);

	if (key == NULL)
		key = keyring_find(keyring_status_keys(ring), kid, now_s);

	enum pt_err err = key ? write_public(key, arguments->value[OPTION_JWK] != NULL) : PT_OK;

	if (key == NULL) {
		output_say("there is no key of that id; pintle key list shows them");
		status = EXIT_FAILED;
	} else if (err != PT_OK)
		status = site_fail("write the key", err);
	keyring_free(ring);
	return status;
}

int
cmd_key_export(const struct arguments *arguments)
{
	if (arguments->value[OPTION_PEM] == NULL || arguments->value[OPTION_JWK] == NULL)
		return run(arguments, export);
	output_say("key export writes PEM or a JWK: use either --pem or --jwk");
	return EXIT_USAGE;
}
