/*
 * What Unicode says of text (libunistring, which stays behind this header): one
 * form for all spellings of a word, and which characters words are made of. The
 * two are what PRECIS asks of user names (RFC 8264, 8265), with the differences said below.
 * What a version of Unicode has assigned keeps its form in all later ones.
 */
#ifndef PINTLE_BASE_UNICODE_H
#define PINTLE_BASE_UNICODE_H

#include "base/error.h"
#include "base/slice.h"

/* More than this is not folded: no word of a hundred characters is longer, however it is spelt. Bytes. */
#define UNICODE_TYPED_MAX 1024

/*
 * Folds case in full and normalizes to NFKC (Unicode's toNFKC_Casefold, but that it
 * leaves ignorable characters where they are): "Straße", "STRASSE" and their full-width
 * forms give "strasse". Folding twice gives the same as folding once. PRECIS maps the
 * width and to lower case (RFC 8265, 3.3.2) and refuses other compatible forms; all of
 * them end here in the one that they stand for. out is a C string; it is empty for what is
 * empty, no UTF-8, holds NUL, is longer than UNICODE_TYPED_MAX, or does not fit into cap bytes. PT_ERR_NOMEM.
 */
enum pt_err unicode_fold(struct slice text, char *out, size_t cap);

/*
 * Whether folded text is made of nothing but letters, their marks, digits and ASCII:
 * RFC 8264's IdentifierClass (section 4.2), without what is only good in some contexts
 * (its JoinControl and CONTEXTO, such as the middle dot: refused here). No mark stands first, all
 * digits beyond ASCII and within are of one kind (RFC 5892, A.8 and A.9, and more than that), and where
 * something is written from right to left the whole keeps the Bidi Rule (RFC 5893, 2). Which of
 * the ASCII characters are good the caller decides.
 */
bool unicode_is_identifier(struct slice folded);

/*
 * Letter by letter to lower case; each character stays one character. What is no UTF-8 is copied as it is.
 * Gives the length, or 0 where it does not fit into cap bytes. Leaves no copy elsewhere: text may be a secret.
 */
size_t unicode_lower(struct slice text, char *out, size_t cap);

#endif
