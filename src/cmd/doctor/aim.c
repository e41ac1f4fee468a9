#include "cmd/doctor/aim.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/term/output.h"
#include "conf/config.h"
#include "conf/url.h"
#include "core/username.h"
#include "worker/exit.h"

/* ---- the address ---- */

/*
 * An issuer without TLS must be on loopback, but the tested address may be anywhere, so that the
 * lack of TLS can be reported. So the address is parsed as if it were https://; that text is
 * *secure, and url points into it.
 */
static const char *
read_address(const char *text, struct buf *secure, struct url *url, bool *tls)
{
	struct slice rest = slice_of(text);

	*tls = slice_starts(rest, SLICE("https://"));
	if (!*tls && !slice_starts(rest, SLICE("http://")))
		return "does not begin with https://";
	rest = slice_skip(rest, *tls ? 8 : 7);
	while (rest.len && rest.ptr[rest.len - 1] == '/')
		rest.len--;
	buf_puts(secure, "https://");
	buf_put(secure, rest);
	return url_parse(buf_slice(secure), url);
}

/* http:// at the default port, if https:// is at its own; else the address from --plain. */
static int
aim_plain(const char *named, const struct url *url, struct doctor_aim *aim)
{
	struct buf secure = BUF_EMPTY;
	struct url other;
	bool tls = false, usual_port = url->origin.len == sizeof("https://") - 1 + url->host.len;
	const char *problem = named ? read_address(named, &secure, &other, &tls) : NULL;

	if (problem == NULL && named)
		buf_printf(&aim->plain, "http://%.*s", SLICE_ARG(slice_skip(other.origin, 8)));
	else if (usual_port)
		buf_printf(&aim->plain, "http://%.*s", SLICE_ARG(url->host));
	if (aim->plain.len)
		buf_putc(&aim->plain, '\0');
	aim->plain_is_same = problem == NULL && (named == NULL || slice_eq(other.host, url->host));
	buf_free(&secure);
	if (problem == NULL && !tls)
		return EXIT_OK;
	output_say("--plain: \"%s\" %s", named, problem ?
	    problem : "is not an address with http://");
	return EXIT_USAGE;
}

static int
aim_address(const char *text, const char *plain, struct doctor_aim *aim)
{
	struct buf secure = BUF_EMPTY;
	struct url url;
	const char *problem = read_address(text, &secure, &url, &aim->tls);
	int status = EXIT_OK;

	if (problem) {
		output_say("\"%s\" %s", text, problem);
		status = EXIT_USAGE;
	} else {
		size_t origin_len = url.origin.len - (aim->tls ? 0 : 1);

		buf_puts(&aim->address, aim->tls ? "https://" : "http://");
		buf_put(&aim->address, slice_skip(buf_slice(&secure), 8));
		buf_putc(&aim->address, '\0');
		if (buf_status(&aim->address) != PT_OK)
			status = site_fail("keep the address", PT_ERR_NOMEM);
		aim->origin = (struct slice){ aim->address.ptr, origin_len };
		aim->mount = aim->address.ptr + origin_len;
		aim->host = (struct slice){ aim->address.ptr + (aim->tls ? 8 : 7), url.host.len };
	}
	if (status == EXIT_OK)
		status = aim_plain(plain, &url, aim);
	buf_free(&secure);
	return status;
}

/* "192.0.2.1,2001:db8::1", or the addresses of the host's name. */
static int
aim_addresses(const char *named, struct doctor_aim *aim)
{
	struct slice rest = slice_of(named), one;

	if (named == NULL) {
		http_look_up(aim->host, &aim->addresses);
		return EXIT_OK;
	}
	aim->addresses_named = true;
	while (rest.len) {
		struct http_addresses found;

		slice_cut(rest, ',', &one, &rest);
		http_look_up(slice_trim(one), &found);
		if (found.count == 0 || aim->addresses.count == HTTP_ADDRESSES) {
			output_say("--at: \"%.*s\" has no address, or there are more than %d",
			    SLICE_ARG(one), HTTP_ADDRESSES);
			return EXIT_USAGE;
		}
		memcpy(aim->addresses.text[aim->addresses.count++], found.text[0], ADDRESS_SIZE);
	}
	if (aim->addresses.count)
		return EXIT_OK;
	output_say("--at: names no address");
	return EXIT_USAGE;
}

/* Uses the defaults, for a site whose configuration is elsewhere. */
static int
aim_defaults(struct doctor_aim *aim)
{
	struct buf text = BUF_EMPTY, problem = BUF_EMPTY;
	struct url url;
	const char *address = aim->address.ptr;
	bool possible = url_parse(slice_of(address), &url) == NULL;

	buf_printf(&text, "issuer = %s%s\n", possible ? "" : "https", possible ?
	    address : address + sizeof("http") - 1);

	enum pt_err err = config_parse("URL", buf_slice(&text), &aim->site.settings, NULL,
	    &problem);

	if (err != PT_OK)
		output_say("%.*s", SLICE_ARG(buf_slice(&problem)));
	buf_free(&text);
	buf_free(&problem);
	return err == PT_OK ? EXIT_OK : EXIT_USAGE;
}

/* ---- places ---- */

/* Turns "/app/,/wiki" into "/app/" NUL "/wiki/" NUL; returns their number. */
static size_t
put_paths(struct slice list, struct buf *out)
{
	struct slice one;
	size_t count = 0;

	while (list.len) {
		slice_cut(list, ',', &one, &list);
		one = slice_trim(one);
		if (one.len == 0)
			continue;
		buf_puts(out, one.ptr[0] == '/' ? "" : "/");
		buf_put(out, one);
		buf_puts(out, one.ptr[one.len - 1] == '/' ? "" : "/");
		buf_putc(out, '\0');
		count++;
	}
	return count;
}

static bool
has_place(const struct doctor_aim *aim, const char *path)
{
	for (size_t i = 0; i < aim->place_count; i++)
		if (strcmp(aim->places[i].path, path) == 0)
			return true;
	return false;
}

static int
aim_places(const char *named, struct doctor_aim *aim)
{
	const struct guards *guards = &aim->site.guards;
	size_t count = put_paths(slice_of(named), &aim->paths);

	aim->places = calloc(guards->count + count + 1, sizeof(*aim->places));
	if (aim->places == NULL || buf_status(&aim->paths) != PT_OK)
		return site_fail("keep the guarded places", PT_ERR_NOMEM);
	/*
	 * An open place lets strangers in, wholly or in part, so the checks of a guard do not apply
	 * to it.
	 */
	for (size_t i = 0; i < guards->count; i++)
		if (guards->places[i].open != PLACE_YES)
			aim->places[aim->place_count++] =
			    (struct doctor_place){ .path = guards->places[i].path,
				.groups = slice_of(guards->places[i].groups),
				.for_programs = guards->places[i].bearer_only == PLACE_YES };
	for (const char *path = aim->paths.ptr; count > 0; count--, path += strlen(path) + 1)
		if (!has_place(aim, path))
			aim->places[aim->place_count++].path = path;
	return EXIT_OK;
}

void
doctor_aim_groups(const struct doctor_aim *aim, struct buf *out)
{
	struct slice first;

	for (size_t i = 0; i < aim->place_count; i++) {
		slice_cut(aim->places[i].groups, ',', &first, &(struct slice){ 0 });
		if (first.len == 0 || groups_has(buf_slice(out), first) ||
		    out->len + first.len + 2 > GROUPS_SIZE)
			continue;
		buf_puts(out, out->len ? "," : "");
		buf_put(out, first);
	}
	buf_putc(out, '\0');
}

/* ---- both ---- */

int
doctor_aim_take(const struct arguments *arguments, struct doctor_aim *out)
{
	const char *named = arguments->operand[0];
	int status = EXIT_OK;

	*out = (struct doctor_aim){ .site =
	    { .config = config_path(arguments->value[OPTION_CONFIG]) } };
	/* Without an address the configuration is required; with one, a machine may have none. */
	if (named == NULL || arguments->value[OPTION_CONFIG] ||
	    access(out->site.config, F_OK) == 0) {
		status = site_read(arguments, &out->site);
		out->has_config = status == EXIT_OK;
	}
	if (status == EXIT_OK)
		status = aim_address(named ? named : out->site.settings.issuer,
		    arguments->value[OPTION_PLAIN], out);
	if (status == EXIT_OK)
		status = aim_addresses(arguments->value[OPTION_AT], out);
	if (status == EXIT_OK && !out->has_config)
		status = aim_defaults(out);
	if (status == EXIT_OK)
		status = aim_places(arguments->value[OPTION_GUARDED], out);
	return status;
}

void
doctor_aim_free(struct doctor_aim *aim)
{
	site_close(&aim->site);
	free(aim->places);
	buf_free(&aim->address);
	buf_free(&aim->plain);
	buf_free(&aim->paths);
}
