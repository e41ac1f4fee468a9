#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "support/ring_fixture.h"
#include "support/scratch.h"

const char *
ring_key_name(const char *kid)
{
	static char name[96];

	snprintf(name, sizeof(name), "keys/signing/%s.pem", kid);
	return name;
}

struct signing_key *
ring_key_add(struct buf *list, enum signing_alg alg, int64_t signs_from, int64_t retires_at)
{
	struct signing_key *key;
	struct buf pem = BUF_EMPTY;

	assert_int_equal(signing_key_generate(alg, &key), PT_OK);
	assert_int_equal(signing_key_to_pem(key, &pem), PT_OK);
	buf_putc(&pem, '\0');
	scratch_put(ring_key_name(signing_key_id(key)), pem.ptr, 0600);
	buf_free(&pem);
	buf_printf(list, "%s{\"kid\":\"%s\",\"created_at\":1,\"signs_from\":%lld,\"retires_at\":%lld}", list->len ? "," : "",
	    signing_key_id(key), (long long)signs_from, (long long)retires_at);
	return key;
}

void
ring_list_put(const struct buf *list)
{
	struct buf text = BUF_EMPTY;

	buf_printf(&text, "{\"keys\":[%.*s]}", SLICE_ARG(buf_slice(list)));
	buf_putc(&text, '\0');
	scratch_put("keys/keyring.json", text.ptr, 0600);
	buf_free(&text);
}

struct keyring *
ring_list_open(const struct buf *list)
{
	struct keyring *ring;

	ring_list_put(list);
	assert_int_equal(keyring_open(scratch_path("keys"), &ring, NULL), PT_OK);
	return ring;
}
