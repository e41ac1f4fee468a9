#include "store/lmdb/table.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/log.h"

static const char *const table_names[TABLE_COUNT] = {
	[TABLE_META] = "meta",
	[TABLE_USERS] = "users",
	[TABLE_NAMES] = "names",
	[TABLE_SUBS] = "subs",
	[TABLE_TOMBSTONES] = "tombstones",
	[TABLE_OTP] = "otp",
	[TABLE_LINKS] = "links",
	[TABLE_SERVICES] = "services",
	[TABLE_SESSIONS] = "sessions",
	[TABLE_SIDS] = "sids",
	[TABLE_USER_SESSIONS] = "user_sessions",
	[TABLE_DEVICES] = "devices",
	[TABLE_KNOWN_DEVICES] = "known_devices",
	[TABLE_EXPIRY] = "expiry",
	[TABLE_STATUS] = "status",
	[TABLE_STATUS_ENDED] = "status_ended",
	[TABLE_EVENTS] = "events",
	[TABLE_SESSION_EVENTS] = "session_events",
	[TABLE_CHANGE_EVENTS] = "change_events",
	[TABLE_LOGIN_EVENTS] = "login_events",
	[TABLE_REFUSAL_EVENTS] = "refusal_events",
};

const char *
table_name(enum table table)
{
	return table_names[table];
}

#define CORRUPT_SLOTS 64
#define CORRUPT_AGAIN_MS (60 * 60 * INT64_C(1000))

/*
 * Whether this record was logged within the hour: walks meet it again and again. If two records
 * share a slot, both are logged each time.
 */
static bool
corrupt_is_logged(enum table table, uint64_t number)
{
	static _Atomic uint64_t logged[CORRUPT_SLOTS];
	uint64_t hour = (uint64_t)(clock_now().wall_ms / CORRUPT_AGAIN_MS);
	uint64_t mark = (hour + 1) << 40 ^ number << 8 ^ (uint64_t)table;

	return atomic_exchange(&logged[number % CORRUPT_SLOTS], mark) == mark;
}

enum pt_err
table_corrupt(enum table table, uint64_t number)
{
	if (!corrupt_is_logged(table, number))
		LOG(LOG_LEVEL_ERROR, "record_corrupt", LOG_STR("table", table_names[table]),
		    LOG_NUM("number", (int64_t)number),
		    LOG_STR("advice", "pintle check names what is damaged, pintle gc --drop-broken "
		    "removes it"));
	return PT_ERR_CORRUPT;
}
