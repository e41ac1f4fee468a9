/*
 * Folding and lower case: they give one form, whose form is itself, of whatever was typed, and
 * write no byte past the end of the buffer.
 */
#include <string.h>
#include <uninorm.h>

#include "base/unicode.h"
#include "core/username.h"
#include "fuzz.h"

enum { FOLDED_SIZE = 16 * UNICODE_TYPED_MAX };

static void
fold(struct slice text, char out[FOLDED_SIZE])
{
	memset(out, 'x', FOLDED_SIZE);
	MUST(unicode_fold(text, out, FOLDED_SIZE) == PT_OK);
	MUST(memchr(out, '\0', FOLDED_SIZE) != NULL);
	MUST(slice_is_utf8(slice_of(out)));
}

/* Texts that are canonically the same (composed, decomposed) fold to the same form. */
static void
must_fold_like(struct slice text, uninorm_t form, const char *folded)
{
	static char again[FOLDED_SIZE];
	size_t len = 0;
	uint8_t *other = u8_normalize(form, (const uint8_t *)text.ptr, text.len, NULL, &len);

	MUST(other != NULL);
	if (len <= UNICODE_TYPED_MAX) {
		fold((struct slice){ (const char *)other, len }, again);
		MUST(strcmp(again, folded) == 0);
	}
	free(other);
}

static void
fold_text(struct slice text)
{
	static char once[FOLDED_SIZE], twice[FOLDED_SIZE], small[8];
	struct slice folded;

	fold(text, once);
	folded = slice_of(once);
	memset(small, 'x', sizeof(small));
	MUST(unicode_fold(text, small, sizeof(small)) == PT_OK);
	MUST(folded.len < sizeof(small) ? strcmp(small, once) == 0 : small[0] == '\0');
	if (folded.len == 0)
		return;
	if (folded.len <= UNICODE_TYPED_MAX) {
		fold(folded, twice);
		MUST(strcmp(once, twice) == 0);
	}
	must_fold_like(text, UNINORM_NFC, once);
	must_fold_like(text, UNINORM_NFD, once);
	MUST(!unicode_is_identifier(folded) || !slice_has_control(folded));
}

/*
 * A name is kept in one form, whichever of the two was asked for; an ASCII name is the same in
 * both.
 */
static void
fold_name(struct slice text)
{
	char ascii[USER_NAME_SIZE], unicode[USER_NAME_SIZE], again[USER_NAME_SIZE];

	MUST(username_fold(USERNAME_ASCII, text, ascii) == PT_OK);
	MUST(username_fold(USERNAME_UNICODE, text, unicode) == PT_OK);
	MUST(ascii[0] == '\0' || strcmp(ascii, unicode) == 0);
	MUST(username_fold(USERNAME_UNICODE, slice_of(unicode), again) == PT_OK);
	MUST(strcmp(again, unicode) == 0);
	MUST(memchr(unicode, ',', strlen(unicode)) == NULL);
}

static void
lower_text(struct slice text)
{
	/* No character grows by more than this. */
	size_t cap = text.len * 2 + 1, len;
	char *lower = malloc(cap), *exact, *again = malloc(cap * 2);

	MUST(lower && again);
	len = unicode_lower(text, lower, cap);
	MUST((len == 0) == (text.len == 0));
	MUST(!slice_is_utf8(text) || slice_is_utf8((struct slice){ lower, len }));
	MUST(unicode_lower((struct slice){ lower, len }, again, cap * 2) == len && memcmp(again, lower, len) == 0);
	/* It fits in memory of exactly its length, and not in one byte less. */
	exact = malloc(len ? len : 1);
	MUST(exact && unicode_lower(text, exact, len) == len && memcmp(exact, lower, len) == 0);
	MUST(len == 0 || unicode_lower(text, exact, len - 1) == 0);
	free(exact);
	free(again);
	free(lower);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice text = { (const char *)bytes, len };

	fold_text(text);
	fold_name(text);
	lower_text(text);
	unicode_is_identifier(text);
	return 0;
}
