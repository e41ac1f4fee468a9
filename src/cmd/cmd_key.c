/* pintle key: list. */
#include "cmd/exit.h"
#include "cmd/output.h"
#include "cmd/site.h"

/* What a key is for at now_s. */
static const char *
key_use(const struct keyring *ring, const struct keyring_entry *entry, int64_t now_s)
{
	if (entry->retires_at && entry->retires_at <= now_s)
		return "retired";
	if (keyring_signing_key(ring, now_s) == entry->key)
		return "signs";
	return entry->signs_from > now_s ? "waits" : "verifies";
}

static void
list_json(const struct keyring *ring, int64_t now_s)
{
	struct listing listing;

	listing_begin(&listing, "keys");
	for (size_t i = 0; i < keyring_count(ring); i++) {
		const struct keyring_entry *entry = keyring_at(ring, i);

		json_open(&listing.json, NULL);
		json_put_cstr(&listing.json, "kid", signing_key_id(entry->key));
		json_put_cstr(&listing.json, "alg", signing_alg_name(signing_key_alg(entry->key)));
		json_put_cstr(&listing.json, "use", key_use(ring, entry, now_s));
		json_put_time(&listing.json, "created_at", entry->created_at * 1000);
		json_put_time(&listing.json, "signs_from", entry->signs_from * 1000);
		json_put_time(&listing.json, "retires_at", entry->retires_at * 1000);
		json_close(&listing.json);
		listing_next(&listing);
	}
	listing_end(&listing);
}

static void
list_rows(const struct keyring *ring, int64_t now_s)
{
	static const char *const heads[] = { "KID", "ALG", "USE", "MADE", "SIGNS FROM", "RETIRES" };
	struct grid grid = grid_new(heads, sizeof(heads) / sizeof(heads[0]));

	for (size_t i = 0; i < keyring_count(ring); i++) {
		const struct keyring_entry *entry = keyring_at(ring, i);

		grid_put_cstr(&grid, signing_key_id(entry->key));
		grid_put_cstr(&grid, signing_alg_name(signing_key_alg(entry->key)));
		grid_put_cstr(&grid, key_use(ring, entry, now_s));
		grid_put_time(&grid, entry->created_at * 1000);
		grid_put_time(&grid, entry->signs_from * 1000);
		grid_put_time(&grid, entry->retires_at * 1000);
	}
	grid_end(&grid);
}

static int
list(const struct site *site, bool json)
{
	struct keyring *ring;
	int64_t now_s = clock_now().wall_ms / 1000;
	int status = site_open_keys(site, &ring);

	if (status != EXIT_OK)
		return status;
	if (json)
		list_json(ring, now_s);
	else
		list_rows(ring, now_s);
	keyring_free(ring);
	return EXIT_OK;
}

int
cmd_key_list(const struct arguments *arguments)
{
	struct site site;
	int status = site_read(arguments, &site);

	if (status != EXIT_OK)
		return status;
	status = site_become_owner(&site);
	if (status == EXIT_OK)
		status = list(&site, arguments->value[OPTION_JSON] != NULL);
	site_close(&site);
	return status;
}
