#include "web/pages/secret_view.h"

#include <stdio.h>

#include "base/base32.h"
#include "base/qr.h"
#include "base/secret.h"
#include "token/otp_secret.h"

enum pt_err
secret_view_make(const struct request *request, const struct user *user,
    const uint8_t secret[TOTP_SECRET_SIZE], struct secret_view *out)
{
	char text[BASE32_LEN(TOTP_SECRET_SIZE) + 1];
	unsigned size;
	enum pt_err err;

	*out = (struct secret_view){ .path = BUF_EMPTY, .address = BUF_EMPTY };
	base32_encode(secret, TOTP_SECRET_SIZE, text);
	for (size_t i = 0, at = 0; text[i]; i++) {
		if (i > 0 && i % 4 == 0)
			out->text[at++] = ' ';
		out->text[at++] = text[i];
	}
	secret_wipe(text, sizeof(text));
	otp_address_put(&out->address, slice_of(request->app->settings->issuer),
	    slice_of(user->name), secret);
	err = buf_status(&out->address);
	if (err == PT_OK)
		err = qr_put_path(buf_slice(&out->address), &out->path, &size);
	if (err == PT_OK)
		snprintf(out->size, sizeof(out->size), "%u", size);
	return err;
}

void
secret_view_free(struct secret_view *view)
{
	buf_free(&view->path);
	buf_free(&view->address);
	secret_wipe(view, sizeof(*view));
}
