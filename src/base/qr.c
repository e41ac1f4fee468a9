#include "base/qr.h"

#include <errno.h>
#include <qrencode.h>

#include "base/secret.h"

#define QUIET_ZONE 4	/* modules on each side (ISO/IEC 18004, 5.3.8) */

static enum pt_err
qr_new(struct slice text, QRcode **out)
{
	*out = QRcode_encodeData((int)text.len, (const unsigned char *)text.ptr, 0, QR_ECLEVEL_M);
	if (*out)
		return PT_OK;
	return errno == ENOMEM ? PT_ERR_NOMEM : PT_ERR_INVALID;
}

static void
qr_free(QRcode *code)
{
	secret_wipe(code->data, (size_t)(code->width * code->width));
	QRcode_free(code);
}

/* Whether the module is black; the quiet zone has no black module. */
static bool
is_black(const QRcode *code, int row, int column)
{
	row -= QUIET_ZONE;
	column -= QUIET_ZONE;
	return row >= 0 && column >= 0 && row < code->width && column < code->width &&
	    (code->data[row * code->width + column] & 1);
}

static void
put_row(const QRcode *code, int row, int side, struct buf *out)
{
	for (int at = 0; at < side; at++) {
		int run = 0;

		while (is_black(code, row, at + run))
			run++;
		if (run)
			buf_printf(out, "M%d %dh%dv1h-%dz", at, row, run, run);
		at += run;
	}
}

enum pt_err
qr_put_path(struct slice text, struct buf *out, unsigned *size)
{
	QRcode *code;
	enum pt_err err = qr_new(text, &code);

	*size = 0;
	if (err != PT_OK)
		return err;
	int side = code->width + 2 * QUIET_ZONE;

	for (int row = 0; row < side; row++)
		put_row(code, row, side, out);
	*size = (unsigned)side;
	qr_free(code);
	return buf_status(out);
}

enum pt_err
qr_put_terminal(struct slice text, struct buf *out)
{
	static const char *const halves[2][2] = { { " ", "\xe2\x96\x84" },
	    { "\xe2\x96\x80", "\xe2\x96\x88" } };
	QRcode *code;
	enum pt_err err = qr_new(text, &code);

	if (err != PT_OK)
		return err;
	int side = code->width + 2 * QUIET_ZONE;

	for (int row = 0; row < side; row += 2) {
		buf_puts(out, "\033[30;107m");
		for (int column = 0; column < side; column++)
			buf_puts(out,
			    halves[is_black(code, row, column)][is_black(code, row + 1, column)]);
		buf_puts(out, "\033[0m\n");
	}
	qr_free(code);
	return buf_status(out);
}
