/*
 * A short text as a QR code (ISO/IEC 18004), by libqrencode, for a page and for a terminal, each
 * with the quiet zone of four modules that scanners need. The text may be secret, so the library's
 * copy of the picture is wiped.
 */
#ifndef PINTLE_BASE_QR_H
#define PINTLE_BASE_QR_H

#include "base/buf.h"

/*
 * Appends the picture as an SVG path, black on the page's background, in a square with sides of
 * *size units: <path d="..."/>. PT_ERR_NOMEM; PT_ERR_INVALID for a text that no QR code can hold.
 */
enum pt_err qr_put_path(struct slice text, struct buf *out, unsigned *size);

/*
 * Appends the picture as lines of half blocks, two modules in each character. It sets the colours,
 * black on white, because a dark terminal would show it inverted, which not every scanner reads.
 */
enum pt_err qr_put_terminal(struct slice text, struct buf *out);

#endif
