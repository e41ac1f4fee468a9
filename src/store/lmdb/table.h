/*
 * The tables, and what their keys and values are:
 *
 *	meta            name -> schema, counters,
 and the otp_required that all sessions were held to
 *	users           number -> user
 *	names           folded name -> number
 *	subs            sub -> number, of users who are there
 *	tombstones      sub -> tombstone
 *	otp             user number -> second factor
 *	links           user number -> one-time link to set a password by
 *	services        name -> service
 *	sessions        number -> session
 *	sids            sid -> number
 *	user_sessions   user number, session number
 *	devices         device hash, session number (of sessions that live)
 *	known_devices   user number, device hash -> time of its last login
 *	expiry          time, session number: when the sweep looks at it, at the latest
 *	status          index of the status list -> session number,
 from the login until no token can hold it
 *	status_ended    time until which the status list reports the end, index -> time of the end
 *	events          number -> event
 *	session_events  session number, event number
 *	change_events, login_events, refusal_events   the events of each room (core/reason.h),
 by number
 */
#ifndef PINTLE_STORE_LMDB_TABLE_H
#define PINTLE_STORE_LMDB_TABLE_H

#include <stdint.h>

#include "base/error.h"

enum table {
	TABLE_META = 0,
	TABLE_USERS,
	TABLE_NAMES,
	TABLE_SUBS,
	TABLE_TOMBSTONES,
	TABLE_OTP,
	TABLE_LINKS,
	TABLE_SERVICES,
	TABLE_SESSIONS,
	TABLE_SIDS,
	TABLE_USER_SESSIONS,
	TABLE_DEVICES,
	TABLE_KNOWN_DEVICES,
	TABLE_EXPIRY,
	TABLE_STATUS,
	TABLE_STATUS_ENDED,
	TABLE_EVENTS,
	TABLE_SESSION_EVENTS,
	TABLE_CHANGE_EVENTS,
	TABLE_LOGIN_EVENTS,
	TABLE_REFUSAL_EVENTS,
	TABLE_COUNT
};

const char *table_name(enum table table);

/* Logs, once an hour, which record does not decode; PT_ERR_CORRUPT. */
enum pt_err table_corrupt(enum table table, uint64_t number);

#endif
