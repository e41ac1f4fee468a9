/*
 * Checks all sessions against the setting of who must have a second factor. When the setting
 * changes, a session that lacks one is refused here at once; but the status list reports only
 * recorded ends. So the store remembers the setting against which all sessions were checked, and if
 * the present one differs, they are checked once more.
 *
 * A worker that still has the old setting may let somebody in after the check. So a login under
 * a setting other than the remembered one makes the store forget which one that was.
 *
 * See DESIGN.md, A demand for second factors reaches back.
 */
#ifndef PINTLE_STORE_REQUIRE_OTP_H
#define PINTLE_STORE_REQUIRE_OTP_H

#include "store/txn.h"

/*
 * Notes that a session begins under this process's setting, if the others were checked against
 * another one.
 */
void require_otp_login(struct store_txn *txn);

#endif
