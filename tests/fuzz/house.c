#include "house.h"
#include "store/options.h"

#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/config.h"

static const char sections[] =
	"issuer = " HOUSE_ISSUER "\nstate_folder = %s\nstore_size = 16 MiB\nhashing_memory = 64 KiB\nhashing_passes = 1\n"
	"[guard /app/]\n[guard /app/staff/]\ngroup = staff\n[guard /open/]\nopen = yes\n[guard /win/]\ncase = ignore\n";

static struct settings settings;
static struct guards guards;
static char folder[128];

static struct instant
standing_clock(void)
{
	return (struct instant){ .wall_ms = INT64_C(1795485169000), .stamp = { .boot = 1, .ms = 1000000 } };
}

static int
remove_one(const char *path, const struct stat *about, int type, struct FTW *where)
{
	(void)about;
	(void)type;
	(void)where;
	return remove(path);
}

static void
remove_all(void)
{
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void
settings_read(void)
{
	struct buf text = BUF_EMPTY, problem = BUF_EMPTY;

	buf_printf(&text, sections, folder);
	enum pt_err err = config_parse("house.conf", buf_slice(&text), &settings, &guards, &problem);

	if (err != PT_OK)
		fprintf(stderr, "%.*s\n", SLICE_ARG(buf_slice(&problem)));
	MUST(err == PT_OK);
	settings.places = &guards;
	buf_free(&text);
}

static struct store *
store_make(void)
{
	char db[256];
	struct store_options options;
	struct store_caller caller = { .now = standing_clock() };
	struct service service = { .name = HOUSE_SERVICE };
	struct store *store;
	bool added;

	MUST(store_options_from(&settings, db, sizeof(db), &options));
	MUST(mkdir(db, 0700) == 0);
	MUST(store_create(&options) == PT_OK && store_open(&options, &store) == PT_OK);
	MUST(digest_sha256(HOUSE_SECRET, sizeof(HOUSE_SECRET) - 1, service.secret_hash) == PT_OK);
	MUST(store_service_add(store, &caller, &service, &added) == PT_OK && added);
	return store;
}

static struct keyring_watch *
keys_make(void)
{
	char path[256];
	struct keyring_watch *keys;
	int64_t now_s = standing_clock().wall_ms / 1000;
	bool made;

	MUST(settings_path(&settings, "keys", path, sizeof(path)));
	MUST(keyring_create(path, SIGNING_ES256, now_s) == PT_OK);
	MUST(keyring_ensure_status(path, SIGNING_ES256, now_s, &made) == PT_OK);
	MUST(keyring_watch_open(path, &keys, NULL) == PT_OK);
	return keys;
}

static struct web_app *
house_make(void)
{
	const char *tmp = getenv("TMPDIR");
	struct password_slots *slots;
	struct limits *limits;
	struct web_app *app;
	char path[256];

	snprintf(folder, sizeof(folder), "%s/pintle-fuzz-XXXXXX", tmp && strlen(tmp) < 64 ? tmp : "/tmp");
	MUST(mkdtemp(folder) != NULL && atexit(remove_all) == 0);
	clock_set_source(standing_clock);
	log_open(LOG_TO_STDERR, LOG_LEVEL_ERROR);
	settings_read();

	struct store *store = store_make();
	struct keyring_watch *keys = keys_make();

	MUST(settings_path(&settings, "hashing.slots", path, sizeof(path)));
	MUST(password_slots_open(path, &(struct password_slots_options){ .slots = 2, .wait_ms = 50, .threads = 2 },
	    &slots) == PT_OK);
	MUST(settings_path(&settings, "limits", path, sizeof(path)));
	MUST(limits_open(path, 1000, &limits) == PT_OK);
	MUST(web_app_new(&settings, store, keys, slots, limits, &app) == PT_OK);
	return app;
}

struct web_app *
house(void)
{
	static struct web_app *app;

	if (app == NULL)
		app = house_make();
	return app;
}

/*
 * Each line ends with CR LF and has a name and a value, with nothing between them that would begin
 * another line.
 */
static void
head_is_of_whole_lines(struct slice head)
{
	while (head.len > 0) {
		struct slice line, name, value;

		MUST(slice_cut(head, '\n', &line, &head));
		MUST(line.len > 1 && line.ptr[line.len - 1] == '\r');
		line.len--;
		MUST(slice_cut(line, ':', &name, &value) && name.len > 0);
		for (size_t i = 0; i < line.len; i++)
			MUST((unsigned char)line.ptr[i] >= ' ' && line.ptr[i] != 127);
		/* Nobody is signed in, and nothing that a stranger sends changes that. */
		MUST(!slice_eq_nocase(name, SLICE("Set-Cookie")) || memmem(value.ptr, value.len, "Max-Age=0", 9));
	}
}

void
house_ask(const struct web_request *request, int known, struct web_response *response)
{
	memset(response, 0, sizeof(*response));
	web_answer(house(), request, response);
	MUST(response->status >= 200 && response->status < 600);
	MUST(response->status < 500 || response->status == 503 || response->status == known);
	MUST(!response->fatal && !response->head.failed && !response->body.failed);
	head_is_of_whole_lines(buf_slice(&response->head));
	MUST(response->status != 204 || response->body.len == 0);
}
