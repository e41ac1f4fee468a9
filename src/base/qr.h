/*
 * A short text as a QR code (ISO/IEC 18004), by libqrencode, for a page and for
 * a terminal, each with the quiet zone of four modules that readers want. What is put here may
 * be secret: the library's copy of the picture is wiped.
 */
#ifndef PINTLE_BASE_QR_H
#define PINTLE_BASE_QR_H

#include "base/buf.h"

/*
 * Appends the picture as the path of an SVG, black on what is behind it, in a
 * square of *size units a side: <path d="..."/>. PT_ERR_NOMEM; PT_ERR_INVALID for what no QR code holds.
 */
enum pt_err qr_put_path(struct slice text, struct buf *out, unsigned *size);

/*
 * Appends the picture as lines of half blocks, two modules a character. Colours
 * are set, black on white, since a dark terminal would show it inverted, which not every reader takes.
 */
enum pt_err qr_put_terminal(struct slice text, struct buf *out);

#endif
