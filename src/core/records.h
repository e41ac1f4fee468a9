/*
 * The records: users, sessions, services, audit events. Plain data with bounds, without pointers or
 * allocation; the store keeps them, the rules decide on them. Strings are NUL-terminated UTF-8
 * without control characters. Times are milliseconds since 1970 unless the name says otherwise; 0
 * means never.
 */
#ifndef PINTLE_CORE_RECORDS_H
#define PINTLE_CORE_RECORDS_H

#include "base/clock.h"
#include "base/digest_size.h"
#include "core/reason.h"

#define ID_SIZE 23		/* a random public id: 22 characters of base64url and NUL */
#define USER_NAME_SIZE 129	/* a name in its folded form and NUL */
#define GROUPS_SIZE 4001	/* group names with commas between them, and NUL */
#define USER_HASH_SIZE 256	/* a PHC string and NUL */
#define DEVICE_NAME_SIZE 129
#define USER_AGENT_SIZE 257
#define ADDRESS_SIZE 46		/* an IPv6 address as text, and NUL */
#define SERVICE_NAME_SIZE USER_NAME_SIZE	/* service names have the same form */
#define KEY_ID_SIZE 44		/* the kid of a signing key: 43 characters of base64url and NUL */

struct user {
	uint64_t number;		/* internal, sequential, never reused */
	char sub[ID_SIZE];		/* the subject in tokens; random, never reused */
	char name[USER_NAME_SIZE];
	char groups[GROUPS_SIZE];
	char password_hash[USER_HASH_SIZE];	/* empty: no password, so nobody can log in */
	bool disabled;
	int64_t created_at;
	int64_t password_set_at;
	int64_t last_login_at;
};

#define OTP_SEALED_SIZE 48	/* a secret as token/otp_secret.h seals it */
#define OTP_RECOVERY_CODES 10

/*
 * A user's second factor: a secret shared with an authenticator app, and recovery codes in case it
 * is lost.
 */
struct otp {
	uint64_t user_number;
	bool on;			/* a login asks for it */
	uint8_t sealed[OTP_SEALED_SIZE];	/* the secret, sealed */
	int64_t enrolled_at;
	uint64_t last_step;		/* the time step of the last accepted code */
	/* SHA-256 of the codes; all zero: spent */
	uint8_t recovery[OTP_RECOVERY_CODES][DIGEST_SIZE];
	int64_t recovery_at;		/* when the recovery codes were made */
	uint8_t pending[OTP_SEALED_SIZE];	/* a new secret that waits for its first code */
	int64_t pending_at;		/* when it was made; 0: there is none */
};

/* A one-time link, with which its holder sets the user's password. A user has at most one. */
struct link {
	uint64_t user_number;
	/* SHA-256 of the secret, which is random and so needs no slow hash */
	uint8_t secret_hash[DIGEST_SIZE];
	int64_t made_at;
	int64_t expires_at;
};

/* Where a session stands in its rotation; see core/rotate.h. */
struct rotation {
	uint32_t cur_serial;	/* the token that the client is known to hold, */
	uint32_t cur_nonce;	/* because it presented it */
	uint32_t next_serial;	/* the newest that was handed out; cur_serial if none was */
	struct stamp moved_at;	/* when next_serial last changed; zero: long ago */
};

/* How the person signed in (RFC 8176); bits. */
enum login_method { LOGIN_BY_PASSWORD = 1, LOGIN_BY_OTP = 2, LOGIN_BY_WEB_SERVER = 4 };

struct session {
	uint64_t number;		/* internal, sequential */
	char sid[ID_SIZE];		/* public id; no credential */
	uint64_t user_number;
	uint8_t secret_hash[DIGEST_SIZE];	/* SHA-256 of the refresh token's secret */
	uint8_t device_hash[DIGEST_SIZE];	/* SHA-256 of the device cookie's bytes */
	struct rotation rotation;
	bool remember;
	uint32_t methods;		/* of enum login_method */
	int64_t created_at;
	int64_t auth_time;
	int64_t last_seen_at;
	/* the same moment on the boot clock, which nobody sets; zero: unknown */
	struct stamp seen_at;
	int64_t idle_end;		/* moved by refreshes and use */
	int64_t absolute_end;		/* never moved */
	enum reason ended;		/* REASON_NONE while it lives */
	int64_t ended_at;
	/*
	 * the last login in its browser while there was another session; zero: none. See
	 * core/settling.h
	 */
	struct stamp settles_at;
	uint64_t status_index;		/* its place in the status list */
	int64_t tokens_until;		/* no access token of this session lives longer */
	uint32_t moves;			/* refreshes that moved the rotation */
	/* refreshes answered without moving (rows 2 and 3, if they wrote) */
	uint32_t repeats;
	char device[DEVICE_NAME_SIZE];	/* the person's name for the device; may be empty */
	char user_agent[USER_AGENT_SIZE];
	char address[ADDRESS_SIZE];	/* the address of the last use */
};

/* A program that may ask about tokens and revoke them, by a secret of its own. */
struct service {
	char name[SERVICE_NAME_SIZE];	/* its user name in HTTP Basic */
	/* SHA-256 of the secret, which is random and so needs no slow hash */
	uint8_t secret_hash[DIGEST_SIZE];
	int64_t created_at;
	int64_t secret_set_at;
};

/* One line of the audit log. Texts may be empty. */
struct event {
	uint64_t number;		/* sequential; given by the store */
	int64_t at;
	enum event_kind kind;
	enum reason reason;
	uint64_t user_number;		/* 0: no user is known */
	uint64_t session_number;	/* 0: no session is known */
	uint32_t rule;			/* the row of the rotation rule that decided; 0: none */
	/* the user's name; if there is no such user, the tag of the typed name */
	char username[USER_NAME_SIZE];
	char sid[ID_SIZE];
	char address[ADDRESS_SIZE];
	char request_id[ID_SIZE];
	/* the service that asked, or that the event is about */
	char service[SERVICE_NAME_SIZE];
	char key_id[KEY_ID_SIZE];	/* the signing key that the event is about */
	/* how often it happened in all; 1 for everything but refusals */
	uint32_t times;
	int64_t last_at;		/* the last time, if it happened more than once; else 0 */
};

#endif
