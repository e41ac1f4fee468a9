/* pintle service: add, list, rotate, remove. */
#include <stdio.h>
#include <string.h>

#include "base/base64url.h"
#include "base/secret.h"
#include "cmd/site/site.h"
#include "cmd/term/grid.h"
#include "cmd/term/json_list.h"
#include "cmd/term/output.h"
#include "cmd/term/prompt.h"
#include "core/username.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "worker/exit.h"

#define SECRET_BYTES 32
#define SECRET_SIZE (BASE64URL_LEN(SECRET_BYTES) + 1)

static int
check_name(const char *typed, char name[SERVICE_NAME_SIZE])
{
	if (username_fold(USERNAME_ASCII, slice_of(typed), name) == PT_OK && name[0])
		return EXIT_OK;
	output_say("a service's name has %s", username_rule(USERNAME_ASCII));
	return EXIT_USAGE;
}

static int
say_unknown(const char *name)
{
	output_say("there is no service %s; pintle service list shows them", name);
	return EXIT_FAILED;
}

/* ---- secrets ---- */

/* Makes a secret; the store gets the SHA-256 of its text. */
static enum pt_err
make_secret(char secret[SECRET_SIZE], uint8_t hash[DIGEST_SIZE])
{
	uint8_t bytes[SECRET_BYTES];
	enum pt_err err = random_bytes(bytes, sizeof(bytes));

	base64url_encode(bytes, sizeof(bytes), secret);
	secret_wipe(bytes, sizeof(bytes));
	return err != PT_OK ? err : digest_sha256(secret, SECRET_SIZE - 1, hash);
}

static void
show_secret(const char *name, const char *secret, bool as_json)
{
	struct buf text = BUF_EMPTY;

	if (as_json) {
		struct json_writer json = json_writer(&text);

		json_open(&json, NULL);
		json_put_cstr(&json, "name", name);
		json_put_cstr(&json, "secret", secret);
		json_close(&json);
		buf_putc(&text, '\n');
	} else
		buf_printf(&text, "The secret of %s, which is not shown again:\n%s\n", name,
		    secret);
	output_write(buf_slice(&text));
	buf_free(&text);
}

/* ---- add and rotate ---- */

/* Writes a new secret's hash into the store. Gives the exit status; a refusal has been reported. */
typedef int put_secret(const struct site *site, const char *name, const uint8_t hash[DIGEST_SIZE]);

static int
put_new(const struct site *site, const char *name, const uint8_t hash[DIGEST_SIZE])
{
	struct store_caller caller = site_caller();
	struct service service = { 0 };
	bool added;

	slice_copy(slice_of(name), service.name, sizeof(service.name));
	memcpy(service.secret_hash, hash, sizeof(service.secret_hash));

	enum pt_err err = store_service_add(site->store, &caller, &service, &added);

	if (err != PT_OK)
		return site_fail("add the service", err);
	if (added)
		return EXIT_OK;
	output_say("there is a service %s already; pintle service rotate gives it a new secret",
	    name);
	return EXIT_FAILED;
}

static int
put_next(const struct site *site, const char *name, const uint8_t hash[DIGEST_SIZE])
{
	struct store_caller caller = site_caller();
	bool found;
	enum pt_err err = store_service_set_secret(site->store, &caller, slice_of(name), hash,
	    &found);

	if (err != PT_OK)
		return site_fail("set the secret", err);
	return found ? EXIT_OK : say_unknown(name);
}

/* The secret is shown here only, and only after it is in the store. */
static int
give_secret(const struct site *site, const struct arguments *arguments, put_secret *put)
{
	char name[SERVICE_NAME_SIZE], secret[SECRET_SIZE];
	uint8_t hash[DIGEST_SIZE];
	int status = check_name(arguments->operand[0], name);

	if (status != EXIT_OK)
		return status;

	enum pt_err err = make_secret(secret, hash);

	status = err == PT_OK ? put(site, name, hash) : site_fail("make a secret", err);
	if (status == EXIT_OK)
		show_secret(name, secret, arguments->value[OPTION_JSON] != NULL);
	secret_wipe(secret, sizeof(secret));
	return status;
}

static int
service_add(const struct site *site, const struct arguments *arguments)
{
	return give_secret(site, arguments, put_new);
}

static int
service_rotate(const struct site *site, const struct arguments *arguments)
{
	return give_secret(site, arguments, put_next);
}

int
cmd_service_add(const struct arguments *arguments)
{
	return site_run(arguments, service_add);
}

int
cmd_service_rotate(const struct arguments *arguments)
{
	return site_run(arguments, service_rotate);
}

/* ---- list ---- */

static bool
service_list_json(const struct service *service, void *ctx)
{
	struct json_list *list = ctx;

	json_open(&list->json, NULL);
	json_put_cstr(&list->json, "name", service->name);
	json_put_time(&list->json, "created_at", service->created_at);
	json_put_time(&list->json, "secret_set_at", service->secret_set_at);
	json_close(&list->json);
	json_list_next(list);
	return true;
}

static bool
service_list_row(const struct service *service, void *ctx)
{
	struct grid *grid = ctx;

	grid_put_cstr(grid, service->name);
	grid_put_time(grid, service->created_at);
	grid_put_time(grid, service->secret_set_at);
	return true;
}

static int
service_list(const struct site *site, const struct arguments *arguments)
{
	static const char *const heads[] = { "NAME", "ADDED", "SECRET SET" };
	struct json_list list;
	enum pt_err err;

	if (arguments->value[OPTION_JSON]) {
		json_list_begin(&list, "services");
		err = store_service_each(site->store, service_list_json, &list);
		json_list_end(&list);
	} else {
		struct grid grid = grid_new(heads, sizeof(heads) / sizeof(heads[0]));

		err = store_service_each(site->store, service_list_row, &grid);
		grid_end(&grid);
	}
	return err == PT_OK ? EXIT_OK : site_fail("list the services", err);
}

int
cmd_service_list(const struct arguments *arguments)
{
	return site_run(arguments, service_list);
}

/* ---- remove ---- */

static int
remove_one(const struct site *site, const struct arguments *arguments)
{
	char name[SERVICE_NAME_SIZE], question[SERVICE_NAME_SIZE + 64];
	bool found;
	int status = check_name(arguments->operand[0], name);

	if (status != EXIT_OK)
		return status;
	snprintf(question, sizeof(question), "Remove the service %s?", name);
	if (!arguments->value[OPTION_YES] && !prompt_confirm(question))
		return EXIT_FAILED;

	struct store_caller caller = site_caller();
	enum pt_err err = store_service_remove(site->store, &caller, slice_of(name), &found);

	if (err != PT_OK)
		return site_fail("remove the service", err);
	if (!found)
		return say_unknown(name);
	output_line("%s was removed.", name);
	return EXIT_OK;
}

int
cmd_service_remove(const struct arguments *arguments)
{
	return site_run(arguments, remove_one);
}
