/*
 * The two tables of words that people and programs see: why a session ended or a request was
 * refused (`reason`), and what the audit log records (`event`). A test holds the manual page to
 * them.
 */
#ifndef PINTLE_CORE_REASON_H
#define PINTLE_CORE_REASON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* The numbers are stored: append only. */
enum reason {
	REASON_NONE = 0,
	REASON_NO_COOKIE = 1,		/* no refresh cookie came */
	REASON_BAD_TOKEN = 2,		/* not one of our tokens, or damaged */
	REASON_UNKNOWN_SESSION = 3,	/* the session is not, or no longer, in the store */
	REASON_FOREIGN_DEVICE = 4,	/* the cookie belongs to another browser's session */
	REASON_REUSED = 5,		/* row 6: the token had been used up */
	REASON_LOGOUT = 6,		/* logged out on that device */
	REASON_LOGOUT_ELSEWHERE = 7,	/* ended from the device list */
	REASON_LOGOUT_ALL = 8,		/* logged out everywhere */
	REASON_IDLE = 9,		/* not used for too long */
	REASON_ABSOLUTE = 10,		/* the maximum age of a session */
	REASON_SERIALS_SPENT = 11,	/* 2^32 rotations */
	/* the same browser signed in again, and uses the newer session */
	REASON_REPLACED = 12,
	/* too many browsers, or too many sessions of one: the least recently used ended */
	REASON_SESSION_CAP = 13,
	REASON_PASSWORD_CHANGED = 14,
	REASON_ADMIN = 15,		/* ended by an administrator */
	REASON_USER_DISABLED = 16,
	REASON_USER_DELETED = 17,
	REASON_RESTORED = 18,		/* the store was restored from a backup */
	REASON_TOO_FAR_AHEAD = 19,	/* a serial more than 1,000 above the store's: row 6 */
	REASON_SERVICE = 20,		/* revoked by a service (RFC 7009) */
	/* began by password alone, and the user now needs a second factor */
	REASON_OTP_REQUIRED = 21,
	/* the second factor was changed, and other sessions were to end */
	REASON_OTP_CHANGED = 22,
	REASON_OTP_WRONG = 23,		/* a login's code was not right */
	REASON_OTP_SPENT = 24,		/* the code was right, but used before */
	/* no such one-time link, or no longer: used, replaced, or made up */
	REASON_LINK_UNKNOWN = 25,
	REASON_LINK_EXPIRED = 26,
	/* made in the future: the clock was fast then, or is slow now */
	REASON_LINK_AHEAD = 27,
	REASON_COUNT
};

struct reason_info {
	const char *name;	/* in `reason` members and the log */
	const char *error;	/* the error code of a refused refresh, such as "session_revoked" */
	const char *text;	/* one sentence for the person concerned */
};

/* The reason's row; for a number that only a newer version knows, a row named "unknown". */
const struct reason_info *reason_info(enum reason reason);

/* The numbers are stored: append only. */
enum event_kind {
	EVENT_NONE = 0,
	EVENT_LOGIN = 1,
	EVENT_LOGIN_FAILED = 2,
	EVENT_LOGIN_LIMITED = 3,
	EVENT_LOGOUT = 4,
	EVENT_SESSION_ENDED = 5,	/* with the reason */
	/* with the reason; stored once an hour for each session and reason */
	EVENT_REFRESH_REFUSED = 6,
	EVENT_TOKEN_REUSED = 7,		/* row 6 ended a session */
	EVENT_STORE_BEHIND = 8,		/* row 1: the store had lost commits */
	EVENT_PASSWORD_CHANGED = 9,
	EVENT_USER_ADDED = 10,
	EVENT_USER_DISABLED = 11,
	EVENT_USER_ENABLED = 12,
	EVENT_USER_DELETED = 13,
	EVENT_USER_CHANGED = 14,
	EVENT_SESSION_RENAMED = 15,
	EVENT_KEY_ADDED = 16,
	EVENT_KEY_REVOKED = 17,
	EVENT_STORE_RESTORED = 18,
	EVENT_REFRESH = 19,		/* log only: never stored */
	EVENT_SERVICE_ADDED = 20,
	EVENT_SERVICE_ROTATED = 21,	/* it got a new secret */
	EVENT_SERVICE_REMOVED = 22,
	EVENT_OTP_ASKED = 23,		/* the password was right, and a code was asked for */
	EVENT_OTP_ENABLED = 24,
	EVENT_OTP_DISABLED = 25,
	EVENT_RECOVERY_CODE_USED = 26,
	EVENT_RECOVERY_CODES_MADE = 27,
	EVENT_LINK_MADE = 28,		/* a one-time link to set a password by */
	EVENT_LINK_USED = 29,
	EVENT_LINK_REFUSED = 30,	/* with the reason */
	EVENT_LINK_EXPIRED = 31,	/* it expired and was removed unused */
	EVENT_MASTER_KEY_MADE = 32,
	EVENT_COUNT
};

/* Each room has its share of the audit log (DESIGN.md, The audit log has rooms). */
enum event_room {
	/* of users, passwords, second factors, links, keys, services, the store */
	EVENT_ROOM_CHANGES = 0,
	EVENT_ROOM_SESSIONS,	/* how sessions began, went on and ended */
	EVENT_ROOM_REFUSALS,	/* what anybody can cause by asking in vain */
	EVENT_ROOM_COUNT
};

struct event_info {
	const char *name;	/* in the log and in `pintle log --kind` */
	const char *text;	/* what happened, in a few words, for `pintle session why` */
	enum event_room room;
};

/* The event's row, as reason_info. */
const struct event_info *event_info(enum event_kind kind);

/* The event of this name; EVENT_NONE if there is none. */
enum event_kind event_kind_of(struct slice name);

#endif
