/* A secret of a second factor as pages show it: as a QR code, as text, as an address. */
#ifndef PINTLE_WEB_PAGES_SECRET_VIEW_H
#define PINTLE_WEB_PAGES_SECRET_VIEW_H

#include "crypto/totp.h"
#include "web/http/request.h"

/* The fields of a page that shows a secret: its QR code, its text, its address. Wipe when done. */
struct secret_view {
	struct buf path;
	struct buf address;
	char size[12];
	char text[64];	/* base32 in groups of four */
};
enum pt_err secret_view_make(const struct request *request, const struct user *user,
    const uint8_t secret[TOTP_SECRET_SIZE], struct secret_view *out);
void secret_view_free(struct secret_view *view);

#endif
