/* pintle doctor: what services look for, the keys and the metadata. */
#include "cmd/doctor/looks.h"

#include <stdio.h>

#include "base/json.h"

/* ---- the key set ---- */

static bool
has_key(const struct json *set, struct slice kid)
{
	struct slice one;

	for (size_t i = 0; i < json_array_len(set, "keys"); i++) {
		const struct json *key = json_array_object(set, "keys", i);

		if (key && json_get_string(key, "kid", &one) && slice_eq(one, kid))
			return true;
	}
	return false;
}

/* Reports a key that one set has and the other lacks. */
static void
tell_missing_key(struct doctor *doctor, const struct json *own, const struct json *live)
{
	struct slice kid;

	for (size_t i = 0; i < json_array_len(own, "keys"); i++) {
		const struct json *key = json_array_object(own, "keys", i);

		if (key == NULL || !json_get_string(key, "kid", &kid) || has_key(live, kid))
			continue;
		doctor_wrong(doctor, FAULT_JWKS_STALE, "the key set lacks this machine's key %.*s",
		    SLICE_ARG(kid));
		return;
	}
}

/* Every key that this machine publishes must be in the set that arrived. */
static void
compare_keys(struct doctor *doctor, const struct json *live)
{
	struct buf text = BUF_EMPTY;
	struct json *own = NULL;

	if (doctor->keys && keyring_jwks(doctor->keys, clock_now().wall_ms / 1000,
	    &text) == PT_OK && json_parse_object(buf_slice(&text), &own) == PT_OK)
		tell_missing_key(doctor, own, live);
	json_free(own);
	buf_free(&text);
}

static void
judge_key_age(struct doctor *doctor)
{
	struct slice head = buf_slice(&doctor->answer.head);
	uint64_t age, max_age;

	if (!http_field_cache_seconds(head, SLICE("max-age"), &max_age))
		doctor_hint(doctor, FAULT_JWKS_STALE,
		    "the key set arrives without the max-age that pintle gives it");
	else if (slice_to_u64(http_field(head, SLICE("Age")), &age) && age > max_age)
		doctor_wrong(doctor, FAULT_JWKS_STALE,
		    "the key set is %llu s old, and may be at most %llu s",
		    (unsigned long long)age, (unsigned long long)max_age);
}

void
doctor_jwks(struct doctor *doctor)
{
	const char *const below[] = { doctor->mount, "/.well-known" };

	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		struct json *set = NULL;

		if (!doctor_ask(doctor, &(struct http_request){ 0 }, "%s/jwks.json", below[i]))
			return;
		if (doctor->answer.status != 200 ||
		    json_parse_object(buf_slice(&doctor->answer.body), &set) != PT_OK ||
		    json_array_len(set, "keys") == 0) {
			snprintf(doctor->found, sizeof(doctor->found), "%.200s/jwks.json",
			    below[i]);
			doctor_wrong(doctor, FAULT_WELL_KNOWN,
			    "there is no key set at %s/jwks.json (status %d)", below[i],
			    doctor->answer.status);
		} else {
			judge_key_age(doctor);
			compare_keys(doctor, set);
		}
		json_free(set);
	}
}

/* ---- metadata ---- */

/* The issuer that the answer names, if it is metadata. */
static bool
read_issuer(const struct doctor *doctor, struct buf *out)
{
	struct json *json;
	struct slice issuer;

	if (doctor->answer.status != 200 ||
	    json_parse_object(buf_slice(&doctor->answer.body), &json) != PT_OK)
		return false;

	bool found = json_get_string(json, "issuer", &issuer);

	if (found)
		buf_put(out, issuer);
	json_free(json);
	return found && buf_status(out) == PT_OK;
}

static bool
is_address_looked_at(const struct doctor *doctor, struct slice issuer)
{
	return slice_starts(issuer, doctor->origin) &&
	    slice_eq(slice_skip(issuer, doctor->origin.len), slice_of(doctor->mount));
}

void
doctor_issuer(struct doctor *doctor)
{
	struct buf issuer = BUF_EMPTY;

	if (!doctor_ask_mount(doctor, &(struct http_request){ 0 },
	    "/.well-known/openid-configuration"))
		return;
	if (!read_issuer(doctor, &issuer)) {
		snprintf(doctor->found, sizeof(doctor->found),
		    "%.200s/.well-known/openid-configuration", doctor->mount);
		doctor_wrong(doctor, FAULT_WELL_KNOWN, "pintle's metadata is not at %s (status %d)",
		    doctor->found, doctor->answer.status);
	} else if (!is_address_looked_at(doctor, buf_slice(&issuer))) {
		doctor_found(doctor, buf_slice(&issuer));
		doctor_wrong(doctor, FAULT_ISSUER,
		    "pintle's issuer is %.*s, which is not the tested address",
		    SLICE_ARG(buf_slice(&issuer)));
	}
	buf_free(&issuer);
}

/* RFC 8414, 3.1: the well-known part comes before the path of the issuer. */
void
doctor_metadata(struct doctor *doctor)
{
	const char *mount = doctor->site->settings.mount;
	struct buf issuer = BUF_EMPTY;

	if (!doctor_ask(doctor, &(struct http_request){ 0 },
	    "/.well-known/oauth-authorization-server%s", mount))
		return;
	if (!read_issuer(doctor, &issuer)) {
		snprintf(doctor->found, sizeof(doctor->found),
		    "/.well-known/oauth-authorization-server%.200s", mount);
		doctor_wrong(doctor, FAULT_WELL_KNOWN, "pintle's metadata is not at %s (status %d)",
		    doctor->found, doctor->answer.status);
	}
	buf_free(&issuer);
}
