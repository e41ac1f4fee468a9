#include "core/reason.h"

static const struct reason_info reasons[REASON_COUNT] = {
	[REASON_NONE] = { "none", "invalid_refresh_token", "The reason is not known." },
	[REASON_NO_COOKIE] = { "no_cookie", "unauthorized",
	    "You are not signed in on this device." },
	[REASON_BAD_TOKEN] = { "bad_token", "invalid_refresh_token",
	    "This device's sign-in was not made by this site." },
	[REASON_UNKNOWN_SESSION] = { "unknown_session", "invalid_refresh_token",
	    "This device's sign-in ended long ago." },
	[REASON_FOREIGN_DEVICE] = { "foreign_device", "invalid_refresh_token",
	    "This sign-in belongs to another browser." },
	[REASON_REUSED] = { "reused", "refresh_token_reused",
	    "Someone may have copied this device's sign-in, so we signed it out. Sign in, change "
	    "your password and check your devices." },
	[REASON_LOGOUT] = { "logout", "session_revoked", "You signed out on this device." },
	[REASON_LOGOUT_ELSEWHERE] = { "logout_elsewhere", "session_revoked",
	    "This device was signed out from the list of devices." },
	[REASON_LOGOUT_ALL] = { "logout_all", "session_revoked", "All devices were signed out." },
	[REASON_IDLE] = { "idle", "session_expired",
	    "This device was signed out because it was not used for a while." },
	[REASON_ABSOLUTE] = { "absolute", "session_expired",
	    "It has been a while: please sign in again." },
	[REASON_SERIALS_SPENT] = { "serials_spent", "session_expired",
	    "This sign-in was renewed as often as it can be. Please sign in again." },
	[REASON_REPLACED] = { "replaced", "session_revoked",
	    "You signed in again in this browser." },
	[REASON_SESSION_CAP] = { "session_cap", "session_revoked",
	    "You signed in on too many devices, or too often on this one, so the sign-in unused "
	    "for longest was ended." },
	[REASON_PASSWORD_CHANGED] = { "password_changed", "session_revoked",
	    "Your password was changed, which signed out all other devices." },
	[REASON_ADMIN] = { "admin", "session_revoked", "An administrator signed this device out." },
	[REASON_USER_DISABLED] = { "user_disabled", "user_disabled", "This account is disabled." },
	[REASON_USER_DELETED] = { "user_deleted", "user_disabled", "This account was deleted." },
	[REASON_RESTORED] = { "restored", "session_revoked",
	    "This site was restored from a backup, which signed out all devices." },
	[REASON_TOO_FAR_AHEAD] = { "too_far_ahead", "refresh_token_reused",
	    "This device's sign-in is newer than anything this site remembers, so it was ended." },
	[REASON_SERVICE] = { "service", "session_revoked",
	    "A service of this site signed this device out." },
	[REASON_OTP_REQUIRED] = { "otp_required", "session_revoked",
	    "Your account now requires two-step sign-in. Please sign in again." },
	[REASON_OTP_CHANGED] = { "otp_changed", "session_revoked",
	    "Two-step sign-in was changed, which signed out all other devices." },
	[REASON_OTP_WRONG] = { "otp_wrong", "invalid_credentials", "The code was wrong." },
	[REASON_OTP_SPENT] = { "otp_spent", "invalid_credentials", "The code was already used." },
	[REASON_LINK_UNKNOWN] = { "link_unknown", "invalid_link",
	    "This link was already used, or replaced by another." },
	[REASON_LINK_EXPIRED] = { "link_expired", "invalid_link", "This link has expired." },
	[REASON_LINK_AHEAD] = { "link_ahead", "invalid_link",
	    "This link is dated in the future. Ask for a new one." },
};

static const struct reason_info unknown_reason = {
	"unknown", "session_revoked", "This device was signed out by a newer version of this "
	    "site's software.",
};

const struct reason_info *
reason_info(enum reason reason)
{
	return (unsigned)reason < REASON_COUNT ? &reasons[reason] : &unknown_reason;
}

static const struct event_info events[EVENT_COUNT] = {
	[EVENT_NONE] = { "none", "nothing", EVENT_ROOM_CHANGES },
	[EVENT_LOGIN] = { "login", "signed in", EVENT_ROOM_SESSIONS },
	[EVENT_LOGIN_FAILED] = { "login_failed", "a sign-in failed", EVENT_ROOM_REFUSALS },
	[EVENT_LOGIN_LIMITED] = { "login_limited", "a sign-in was turned away: too many tries",
	    EVENT_ROOM_REFUSALS },
	[EVENT_LOGOUT] = { "logout", "signed out", EVENT_ROOM_SESSIONS },
	[EVENT_SESSION_ENDED] = { "session_ended", "the session was ended", EVENT_ROOM_SESSIONS },
	[EVENT_REFRESH_REFUSED] = { "refresh_refused", "a refresh was refused",
	    EVENT_ROOM_REFUSALS },
	[EVENT_TOKEN_REUSED] = { "token_reused", "an old refresh token was used again",
	    EVENT_ROOM_SESSIONS },
	[EVENT_STORE_BEHIND] = { "store_behind",
	    "a token was newer than the store, which had lost commits", EVENT_ROOM_SESSIONS },
	[EVENT_PASSWORD_CHANGED] = { "password_changed", "the password was changed",
	    EVENT_ROOM_CHANGES },
	[EVENT_USER_ADDED] = { "user_added", "the user was added", EVENT_ROOM_CHANGES },
	[EVENT_USER_DISABLED] = { "user_disabled", "the user was disabled", EVENT_ROOM_CHANGES },
	[EVENT_USER_ENABLED] = { "user_enabled", "the user was enabled", EVENT_ROOM_CHANGES },
	[EVENT_USER_DELETED] = { "user_deleted", "the user was deleted", EVENT_ROOM_CHANGES },
	[EVENT_USER_CHANGED] = { "user_changed", "the user's groups were changed",
	    EVENT_ROOM_CHANGES },
	[EVENT_SESSION_RENAMED] = { "session_renamed", "the device was given a name",
	    EVENT_ROOM_SESSIONS },
	[EVENT_KEY_ADDED] = { "key_added", "a signing key was added", EVENT_ROOM_CHANGES },
	[EVENT_KEY_REVOKED] = { "key_revoked", "a signing key was revoked", EVENT_ROOM_CHANGES },
	[EVENT_STORE_RESTORED] = { "store_restored", "the store was restored from a backup",
	    EVENT_ROOM_CHANGES },
	[EVENT_REFRESH] = { "refresh", "refreshed", EVENT_ROOM_SESSIONS },
	[EVENT_SERVICE_ADDED] = { "service_added", "a service was added", EVENT_ROOM_CHANGES },
	[EVENT_SERVICE_ROTATED] = { "service_rotated", "a service was given a new secret",
	    EVENT_ROOM_CHANGES },
	[EVENT_SERVICE_REMOVED] = { "service_removed", "a service was removed",
	    EVENT_ROOM_CHANGES },
	[EVENT_OTP_ASKED] = { "otp_asked", "the password was right, and a code was asked for",
	    EVENT_ROOM_REFUSALS },
	[EVENT_OTP_ENABLED] = { "otp_enabled", "a second factor was turned on",
	    EVENT_ROOM_CHANGES },
	[EVENT_OTP_DISABLED] = { "otp_disabled", "the second factor was removed",
	    EVENT_ROOM_CHANGES },
	[EVENT_RECOVERY_CODE_USED] = { "recovery_code_used", "a recovery code was used up",
	    EVENT_ROOM_CHANGES },
	[EVENT_RECOVERY_CODES_MADE] = { "recovery_codes_made", "new recovery codes were made",
	    EVENT_ROOM_CHANGES },
	[EVENT_LINK_MADE] = { "link_made", "a one-time link to set a password was made",
	    EVENT_ROOM_CHANGES },
	[EVENT_LINK_USED] = { "link_used", "the one-time link was used to set a password",
	    EVENT_ROOM_CHANGES },
	[EVENT_LINK_REFUSED] = { "link_refused", "a one-time link was refused",
	    EVENT_ROOM_REFUSALS },
	[EVENT_MASTER_KEY_MADE] = { "master_key_made", "a new master key was made",
	    EVENT_ROOM_CHANGES },
	[EVENT_LINK_EXPIRED] = { "link_expired", "the one-time link was not used in time",
	    EVENT_ROOM_CHANGES },
};

static const struct event_info unknown_event = {
	"unknown", "something that only a newer version of the program knows", EVENT_ROOM_CHANGES,
};

const struct event_info *
event_info(enum event_kind kind)
{
	return (unsigned)kind < EVENT_COUNT ? &events[kind] : &unknown_event;
}

enum event_kind
event_kind_of(struct slice name)
{
	for (int i = EVENT_NONE + 1; i < EVENT_COUNT; i++)
		if (slice_eq(slice_of(events[i].name), name))
			return (enum event_kind)i;
	return EVENT_NONE;
}
