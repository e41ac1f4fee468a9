/*
 * What Unicode says about text, by libunistring: one form for all spellings of a word, and which
 * characters words consist of. Both follow PRECIS for user names (RFC 8264, 8265), with the
 * differences named below. What one version of Unicode has assigned keeps its form in all later
 * ones.
 */
#ifndef PINTLE_BASE_UNICODE_H
#define PINTLE_BASE_UNICODE_H

#include "base/error.h"
#include "base/slice.h"

/*
 * Longer texts are not folded: no word of a hundred characters has more bytes, however it is spelt.
 */
#define UNICODE_TYPED_MAX 1024

/*
 * Folds case in full and normalizes to NFKC (Unicode's toNFKC_Casefold, except that ignorable
 * characters stay): "Straße", "STRASSE" and their full-width forms give "strasse". Folding twice
 * gives the same as folding once. PRECIS only maps width and lower case (RFC 8265, 3.3.2) and
 * refuses other compatibility forms; here each becomes the form that it stands for (DESIGN.md, Full
 * folding and NFKC). out is a C string; it is empty if text is empty, is not UTF-8, contains NUL,
 * is longer than UNICODE_TYPED_MAX, or does not fit into cap bytes. PT_ERR_NOMEM.
 */
enum pt_err unicode_fold(struct slice text, char *out, size_t cap);

/*
 * Whether folded text consists of letters, their marks, digits and ASCII: RFC 8264's
 * IdentifierClass (section 4.2) without the characters that are valid only in some contexts
 * (JoinControl and CONTEXTO, such as the middle dot). No mark may come first, all digits must be of
 * one kind (stricter than RFC 5892, A.8 and A.9), and a text with right-to-left characters must
 * keep the Bidi Rule (RFC 5893, 2). The caller decides which ASCII characters are allowed.
 */
bool unicode_is_identifier(struct slice folded);

/*
 * Converts to lower case letter by letter; each character stays one character. Bytes that are not
 * UTF-8 are copied as they are. Returns the length, or 0 if it does not fit into cap bytes. Leaves
 * no copy elsewhere, since text may be a secret.
 */
size_t unicode_lower(struct slice text, char *out, size_t cap);

#endif
