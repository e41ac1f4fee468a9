#include "cmd/print/gateway_config.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/template.h"
#include "cmd/print/templates.h"
#include "conf/units.h"
#include "token/access_token.h"

#define BIT(alg) (1U << (alg))
#define EVERY (BIT(SIGNING_ES256) | BIT(SIGNING_EDDSA) | BIT(SIGNING_RS256))
#define PEM_INDENT "          "	/* the indentation of a block of text in kong.yaml */

struct gateway_kind {
	const char *name;
	const char *says;		/* its line of pintle config --help */
	const struct slice *text;
	unsigned verifies;		/* bits of enum signing_alg */
	const char *verifies_text;	/* if it does not verify every one */
	const char *remedy;		/* the algorithm to change to in that case */
	bool lists_keys;
};

static const struct gateway_kind kinds[] = {
	{ .name = "kong",
	    .says = "declarative configuration, with a credential for each key",
	    .text = &template_kong_yaml, .verifies = EVERY, .lists_keys = true },
	{ .name = "aws-api-gateway",
	    .says = "CloudFormation of an HTTP API with a JWT authorizer",
	    .text = &template_aws_api_gateway_yaml,
	    .verifies = BIT(SIGNING_RS256),
	  .verifies_text = "RS256 alone", .remedy = "RS256" },
	{ .name = "aws-api-gateway-rest",
	    .says = "the same of a REST API",
	    .text = &template_aws_api_gateway_rest_yaml,
	  .verifies = BIT(SIGNING_ES256) | BIT(SIGNING_RS256), .verifies_text = "ES256 and RS256",
	  .remedy = "ES256" },
	{ .name = "aws-lambda",
	    .says = "a Lambda authorizer",
	    .text = &template_aws_lambda_mjs, .verifies = EVERY },
	{ .name = "cloudfront",
	    .says = "a Lambda@Edge function of the viewer request",
	    .text = &template_cloudfront_mjs, .verifies = EVERY },
	{ .name = "cloudflare",
	    .says = "a Cloudflare Worker",
	    .text = &template_cloudflare_js, .verifies = EVERY },
	{ .name = "nginx-njs-script",
	    .says = "pintle.js, which nginx-njs loads",
	    .text = &template_nginx_njs_js,
	    .verifies = BIT(SIGNING_ES256) | BIT(SIGNING_RS256),
	  .verifies_text = "ES256 and RS256", .remedy = "ES256" },
	{ .name = "express",
	    .says = "middleware for Express, on npm's jose",
	    .text = &template_express_mjs, .verifies = EVERY },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

const struct gateway_kind *
gateway_kind_find(struct slice name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (slice_eq(name, slice_of(kinds[i].name)))
			return &kinds[i];
	return NULL;
}

void
gateway_kinds_offer(struct nearest *nearest)
{
	for (size_t i = 0; i < KINDS; i++)
		nearest_offer(nearest, kinds[i].name);
}

void
gateway_kinds_put(const char *between, struct buf *out)
{
	for (size_t i = 0; i < KINDS; i++)
		buf_printf(out, "%s%s", i ? between : "", kinds[i].name);
}

void
gateway_kinds_help(struct buf *out)
{
	for (size_t i = 0; i < KINDS; i++)
		buf_printf(out, "  %-20s  %s\n", kinds[i].name, kinds[i].says);
}

bool
gateway_kind_wants_keys(const struct gateway_kind *kind)
{
	return kind->lists_keys || kind->verifies != EVERY;
}

/* ---- whether it can verify what the site signs */

/* The algorithm of the signing key, if the kind does not verify it; else SIGNING_NONE. */
static enum signing_alg
refused_alg(const struct gateway_kind *kind, const struct keyring *ring, int64_t now_s)
{
	const struct signing_key *key = ring ? keyring_signing_key(ring, now_s) : NULL;
	enum signing_alg alg = key ? signing_key_alg(key) : SIGNING_NONE;

	return kind->verifies & BIT(alg) ? SIGNING_NONE : alg;
}

/*
 * A published key that waits for its time to sign, and whose algorithm the kind verifies; or NULL.
 */
static const struct keyring_entry *
coming_key(const struct gateway_kind *kind, const struct keyring *ring, int64_t now_s)
{
	for (size_t i = 0; i < keyring_count(ring); i++) {
		const struct keyring_entry *entry = keyring_at(ring, i);

		if (entry->signs_from > now_s && !keyring_is_retired(entry, now_s) &&
		    kind->verifies & BIT(signing_key_alg(entry->key)))
			return entry;
	}
	return NULL;
}

static void
problem_put(const struct gateway_kind *kind, const struct keyring *ring, int64_t now_s,
    enum signing_alg alg, struct buf *out)
{
	const struct keyring_entry *coming = coming_key(kind, ring, now_s);
	char time[CLOCK_TEXT_SIZE];

	buf_printf(out, "%s verifies %s, and this site signs with %s: ", kind->name,
	    kind->verifies_text, signing_alg_name(alg));
	if (coming) {
		clock_format(coming->signs_from * 1000, time);
		buf_printf(out, "every token would be refused until %s, when a key that it accepts "
		    "begins to sign", time);
		return;
	}
	buf_printf(out, "every token would be refused; pintle key rotate --alg %s makes a key that "
	    "it accepts, and "
	    "signing_alg = %s in the configuration makes the next ones of that kind", kind->remedy,
	    kind->remedy);
}

/* ---- the keys */

enum { KID, ALG, UNUSED, KEY_FIELDS };

struct key_view {
	struct template_field fields[KEY_FIELDS];
	struct buf pem;
	/* a secret for Kong, which demands one for each key and uses none */
	char unused[SIGNING_KID_SIZE + 8];
	struct slice pem_text;
	struct template_part part;
};

struct keys_view {
	struct key_view keys[KEYRING_MAX_KEYS];
	struct template_scope items[KEYRING_MAX_KEYS];
	size_t count;
};

static void
keys_free(struct keys_view *view)
{
	for (size_t i = 0; i < view->count; i++)
		buf_free(&view->keys[i].pem);
}

/* The key's PEM, each line indented. */
static enum pt_err
pem_put(const struct signing_key *key, struct buf *out)
{
	struct buf pem = BUF_EMPTY;
	enum pt_err err = signing_key_public_pem(key, &pem);
	struct slice rest = buf_slice(&pem), line;

	while (err == PT_OK && rest.len) {
		slice_cut(rest, '\n', &line, &rest);
		buf_printf(out, PEM_INDENT "%.*s\n", SLICE_ARG(line));
	}
	if (err == PT_OK)
		err = buf_status(&pem);
	buf_free(&pem);
	return err == PT_OK ? buf_status(out) : err;
}

static enum pt_err
key_show(const struct signing_key *key, struct key_view *view, struct template_scope *item)
{
	enum pt_err err = pem_put(key, &view->pem);

	view->pem_text = buf_slice(&view->pem);
	view->part = (struct template_part){ "pem", &view->pem_text };
	view->fields[KID] = (struct template_field){ "kid", slice_of(signing_key_id(key)) };
	view->fields[ALG] = (struct template_field){ "alg",
	    slice_of(signing_alg_name(signing_key_alg(key))) };
	snprintf(view->unused, sizeof(view->unused), "unused-%s", signing_key_id(key));
	view->fields[UNUSED] = (struct template_field){ "unused", slice_of(view->unused) };
	*item = (struct template_scope){ .fields = view->fields, .field_count = KEY_FIELDS,
	    .parts = &view->part, .part_count = 1 };
	return err;
}

/* Free *view with keys_free in any case. */
static enum pt_err
keys_show(const struct keyring *ring, int64_t now_s, struct keys_view *view)
{
	enum pt_err err = PT_OK;

	for (size_t i = 0; ring && i < keyring_count(ring) && err == PT_OK; i++) {
		const struct keyring_entry *entry = keyring_at(ring, i);

		if (keyring_is_retired(entry, now_s))
			continue;
		if (view->count == KEYRING_MAX_KEYS)
			return PT_ERR_FULL;
		view->keys[view->count].pem = (struct buf)BUF_EMPTY;
		err = key_show(entry->key, &view->keys[view->count], &view->items[view->count]);
		view->count++;
	}
	return err;
}

/* ---- the output */

/* Numbers are parts, since a value would be written as a string. */
enum { KEYS_FRESH, LONGEST, NUMBERS };
enum { LONG_OPEN, LONG_CLOSE, LONG_TEXTS };

struct gateway_view {
	struct buf keys_url, status_url, metadata_url;
	/* as the inside of a list of strings in JSON, JavaScript, YAML and VTL */
	struct buf origins;
	struct slice origins_text;
	struct buf long_open, long_close;	/* the brackets of a long Lua string */
	struct slice long_texts[LONG_TEXTS];
	char numbers[NUMBERS][24];
	struct slice number_texts[NUMBERS];
};

static void
number_put(struct gateway_view *view, size_t which, long long value)
{
	snprintf(view->numbers[which], sizeof(view->numbers[which]), "%lld", value);
	view->number_texts[which] = slice_of(view->numbers[which]);
}

/* Brackets for Lua's long strings, with enough '=' between them that neither text can end one. */
static void
long_show(const struct settings *settings, struct gateway_view *view)
{
	struct buf level = BUF_EMPTY;
	struct slice close;

	for (;;) {
		buf_clear(&view->long_close);
		buf_printf(&view->long_close, "]%.*s]", SLICE_ARG(buf_slice(&level)));
		close = buf_slice(&view->long_close);
		if (view->long_close.failed || level.failed ||
		    (!memmem(settings->issuer, strlen(settings->issuer), close.ptr, close.len) &&
		    !memmem(settings->audience, strlen(settings->audience), close.ptr, close.len)))
			break;
		buf_putc(&level, '=');
	}
	buf_printf(&view->long_open, "[%.*s[", SLICE_ARG(buf_slice(&level)));
	view->long_texts[LONG_OPEN] = buf_slice(&view->long_open);
	view->long_texts[LONG_CLOSE] = close;
	buf_free(&level);
}

static void
origins_show(const struct settings *settings, struct gateway_view *view)
{
	struct slice rest = slice_of(settings->allowed_origins), one;

	while (rest.len) {
		slice_cut(rest, ' ', &one, &rest);
		buf_puts(&view->origins, view->origins.len ? ", " : "");
		template_put_quoted(&view->origins, one);
	}
	view->origins_text = buf_slice(&view->origins);
}

static enum pt_err
gateway_show(const struct settings *settings, struct gateway_view *view)
{
	buf_printf(&view->keys_url, "%s/jwks.json", settings->issuer);
	buf_printf(&view->status_url, "%s/status-list", settings->issuer);
	buf_printf(&view->metadata_url, "%s/.well-known/openid-configuration", settings->issuer);
	number_put(view, KEYS_FRESH, settings_jwks_max_age(settings));
	number_put(view, LONGEST, settings->access_ttl_ms / UNITS_SECOND + ACCESS_TOKEN_LEEWAY);
	long_show(settings, view);
	origins_show(settings, view);
	return view->origins.failed || view->keys_url.failed || view->status_url.failed ||
	    view->metadata_url.failed || view->long_open.failed || view->long_close.failed ?
	    PT_ERR_NOMEM : PT_OK;
}

static void
gateway_view_free(struct gateway_view *view)
{
	buf_free(&view->keys_url);
	buf_free(&view->origins);
	buf_free(&view->status_url);
	buf_free(&view->metadata_url);
	buf_free(&view->long_open);
	buf_free(&view->long_close);
}

static enum pt_err
render(const struct gateway_kind *kind, const struct settings *settings,
    const struct gateway_view *site,
    const struct keys_view *keys, const char *refused, struct buf *out)
{
	const struct template_field fields[] = {
		{ "issuer", slice_of(settings->issuer) },
		{ "audience", slice_of(settings->audience) },
		{ "keys_url", buf_slice(&site->keys_url) },
		{ "status_url", buf_slice(&site->status_url) },
		{ "metadata_url", buf_slice(&site->metadata_url) },
		{ "refused", slice_of(refused) },
		{ "cross_origins", site->origins_text },
	};
	const struct template_part parts[] = {
		{ "bytes", &template_part_bytes_js }, { "claims", &template_part_claims_js },
		{ "cors", &template_part_cors_js }, { "origins", &site->origins_text },
		{ "headers", &template_part_headers_js }, { "judge", &template_part_judge_js },
		{ "jws", &template_part_jws_js }, { "kept", &template_part_kept_js },
		{ "keys", &template_part_keys_js },
		{ "site", &template_part_site_js }, { "status", &template_part_status_js },
		{ "keys_fresh", &site->number_texts[KEYS_FRESH] },
		{ "longest", &site->number_texts[LONGEST] },
		{ "long_open", &site->long_texts[LONG_OPEN] },
		{ "long_close", &site->long_texts[LONG_CLOSE] },
	};
	const struct template_list lists[] = { { "keys", keys->items, keys->count } };
	const struct template_scope scope = {
		.fields = fields, .field_count = sizeof(fields) / sizeof(fields[0]),
		.lists = lists, .list_count = sizeof(lists) / sizeof(lists[0]),
		.parts = parts, .part_count = sizeof(parts) / sizeof(parts[0]),
	};

	return template_render(*kind->text, &scope, template_put_quoted, out);
}

enum pt_err
gateway_config_put(const struct gateway_kind *kind, const struct settings *settings,
    const struct keyring *ring, int64_t now_s, struct buf *out, struct buf *problem)
{
	struct gateway_view site = {
		.keys_url = BUF_EMPTY, .origins = BUF_EMPTY, .status_url = BUF_EMPTY,
		.metadata_url = BUF_EMPTY, .long_open = BUF_EMPTY, .long_close = BUF_EMPTY,
	};
	struct keys_view keys = { .count = 0 };
	enum signing_alg refused = refused_alg(kind, ring, now_s);
	enum pt_err err = keys_show(kind->lists_keys ? ring : NULL, now_s, &keys);

	if (err == PT_OK)
		err = gateway_show(settings, &site);
	if (err == PT_OK)
		err = render(kind, settings, &site, &keys, refused == SIGNING_NONE ?
		    "" : signing_alg_name(refused), out);
	if (err == PT_OK && refused != SIGNING_NONE)
		problem_put(kind, ring, now_s, refused, problem);
	keys_free(&keys);
	gateway_view_free(&site);
	return err;
}
