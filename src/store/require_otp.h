/*
 * Holding all sessions to the setting of who must have a second factor. A session that lacks one stands no more
 * under another setting, for whoever asks here; but the status list reports only ends that are recorded. So the
 * store remembers under which setting all sessions have been looked through, and where that is another one they
 * are looked through again, once.
 *
 * A worker that still has the old setting may let somebody in after the look: a login under another setting than
 * the remembered one makes that unknown.
 */
#ifndef PINTLE_STORE_REQUIRE_H
#define PINTLE_STORE_REQUIRE_H

#include "store/txn.h"

/* Notes that a session begins under this process's setting, if that is not the one that the others were held to. */
void require_otp_login(struct store_txn *txn);

#endif
