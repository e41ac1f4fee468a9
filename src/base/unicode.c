#include "base/unicode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <unigbrk.h>
#include <uninorm.h>
#include <unistr.h>

/* Letters, marks and digits: LetterDigits of RFC 8264, 9.1. */
#define LETTERS \
	(UC_CATEGORY_MASK_Ll | UC_CATEGORY_MASK_Lu | UC_CATEGORY_MASK_Lo | UC_CATEGORY_MASK_Lm)
#define MARKS (UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Mc)
#define LETTER_DIGITS (LETTERS | MARKS | UC_CATEGORY_MASK_Nd)

/*
 * Takes the next character; 0, taking nothing, at the end, at a NUL and where the text is not
 * UTF-8.
 */
static ucs4_t
char_take(struct slice *text)
{
	ucs4_t uc = 0;
	int len = text->len ? u8_mbtoucr(&uc, (const uint8_t *)text->ptr, text->len) : 0;

	if (len <= 0 || uc == 0)
		return 0;
	*text = slice_skip(*text, (size_t)len);
	return uc;
}

enum pt_err
unicode_fold(struct slice text, char *out, size_t cap)
{
	uint8_t *folded;
	size_t len = 0;

	out[0] = '\0';
	if (text.len == 0 || text.len > UNICODE_TYPED_MAX || !slice_is_utf8(text) ||
	    memchr(text.ptr, '\0', text.len) != NULL)
		return PT_OK;
	folded = u8_casefold((const uint8_t *)text.ptr, text.len, NULL, UNINORM_NFKC, NULL, &len);
	if (folded == NULL)
		return errno == ENOMEM ? PT_ERR_NOMEM : PT_OK;
	if (len < cap) {
		memcpy(out, folded, len);
		out[len] = '\0';
	}
	free(folded);
	return PT_OK;
}

/* ---- which characters ---- */

/* RFC 8264, 9.6: exceptions to what the categories say. */
static bool
is_exception(ucs4_t uc, bool *good)
{
	static const ucs4_t refused[] = { 0x0640, 0x07fa, 0x302e, 0x302f, 0x3031, 0x3032, 0x3033,
	    0x3034, 0x3035, 0x303b };
	static const ucs4_t taken[] = { 0x06fd, 0x06fe, 0x0f0b, 0x3007 };

	*good = false;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (uc == refused[i])
			return true;
	*good = true;
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (uc == taken[i])
			return true;
	return false;
}

/* Jamo that form no syllable (RFC 8264, 9.9). */
static bool
is_old_hangul(ucs4_t uc)
{
	int kind = uc_graphemeclusterbreak_property(uc);

	return kind == GBP_L || kind == GBP_V || kind == GBP_T;
}

static bool
is_identifier_char(ucs4_t uc)
{
	bool good;

	if (uc < 0x80)
		return uc > 0x20 && uc < 0x7f;
	if (is_exception(uc, &good))
		return good;
	return uc_is_general_category_withtable(uc, LETTER_DIGITS) &&
	    !uc_is_property_default_ignorable_code_point(uc) && !is_old_hangul(uc);
}

/*
 * Two kinds of digits in one name are too easily confused. *zero is the zero of the kind seen so
 * far; 0: none.
 */
static bool
is_digit_of_one_kind(ucs4_t uc, ucs4_t *zero)
{
	int value = uc_decimal_value(uc);

	if (value < 0)
		return true;
	if (*zero == 0)
		*zero = uc - (ucs4_t)value;
	return *zero == uc - (ucs4_t)value;
}

/* ---- the Bidi Rule ---- */

#define BIDI(name) (1u << UC_BIDI_##name)
#define BIDI_RIGHT_TO_LEFT (BIDI(R) | BIDI(AL))
#define BIDI_NEUTRAL (BIDI(EN) | BIDI(ES) | BIDI(CS) | BIDI(ET) | BIDI(ON) | BIDI(BN) | BIDI(NSM))

/*
 * The set of all characters' directions, and the directions of the first one and of the last that
 * is no mark.
 */
struct bidi {
	unsigned all, first, last;
};

static void
bidi_add(struct bidi *bidi, ucs4_t uc)
{
	unsigned direction = 1u << uc_bidi_class(uc);

	if (bidi->all == 0)
		bidi->first = direction;
	if (direction != BIDI(NSM))
		bidi->last = direction;
	bidi->all |= direction;
}

/* RFC 5893, 2; its six conditions by number. */
static bool
bidi_is_kept(const struct bidi *bidi)
{
	if (!(bidi->all & (BIDI_RIGHT_TO_LEFT | BIDI(AN))))
		return true;
	/* 5 and 6 are about left-to-right names with right-to-left characters; we refuse those. */
	if (!(bidi->first & BIDI_RIGHT_TO_LEFT))					/* 1 */
		return false;
	return !(bidi->all & ~(BIDI_RIGHT_TO_LEFT | BIDI_NEUTRAL | BIDI(AN))) &&	/* 2 */
	    bidi->last & (BIDI_RIGHT_TO_LEFT | BIDI(EN) | BIDI(AN)) &&			/* 3 */
	    !(bidi->all & BIDI(EN) && bidi->all & BIDI(AN));				/* 4 */
}

bool
unicode_is_identifier(struct slice folded)
{
	struct bidi bidi = { 0 };
	ucs4_t zero = 0;
	bool first = true;

	while (folded.len) {
		ucs4_t uc = char_take(&folded);

		if (uc == 0 || !is_identifier_char(uc) || !is_digit_of_one_kind(uc, &zero))
			return false;
		if (first && uc_is_general_category_withtable(uc, MARKS))
			return false;
		first = false;
		bidi_add(&bidi, uc);
	}
	return !first && bidi_is_kept(&bidi);
}

/* ---- lower case ---- */

size_t
unicode_lower(struct slice text, char *out, size_t cap)
{
	size_t len = 0;

	while (text.len) {
		const struct slice rest = text;
		ucs4_t uc = char_take(&text);
		int wrote = 1;

		if (len == cap)
			return 0;
		if (uc)
			wrote = u8_uctomb((uint8_t *)out + len, uc_tolower(uc),
			    (ptrdiff_t)(cap - len));
		else
			out[len] = rest.ptr[0];
		if (wrote <= 0)
			return 0;
		if (uc == 0)
			text = slice_skip(rest, 1);
		len += (size_t)wrote;
	}
	return len;
}
