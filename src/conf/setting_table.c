/* See DESIGN.md, A device may guess more often. */
#include "conf/setting.h"

#include "base/log.h"
#include "conf/units.h"
#include "core/password_policy.h"
#include "token/access_token.h"

#define AT(member) offsetof(struct settings, member), sizeof(((struct settings *)0)->member)

/* A map is address space, of which a 32-bit machine has little. */
#if SIZE_MAX > UINT32_MAX
#define STORE_SIZE "16 GiB"
#define STORE_SIZE_MAX (16384 * UNITS_GIB)
#else
#define STORE_SIZE "512 MiB"
#define STORE_SIZE_MAX (2 * UNITS_GIB - UNITS_MIB)
#endif

static const struct setting_word algorithms[] = {
	{ "ES256", SIGNING_ES256 }, { "EdDSA", SIGNING_EDDSA }, { "RS256", SIGNING_RS256 },
	{ NULL, 0 },
};

static const struct setting_word status_keys[] = {
	{ "own", false }, { "shared", true }, { NULL, 0 },
};

static const struct setting_word identities[] = {
	{ "password", IDENTITY_PASSWORD }, { "remote_user", IDENTITY_REMOTE_USER }, { NULL, 0 },
};

static const struct setting_word gate_cookies[] = {
	{ "auto", GATE_COOKIE_AUTO }, { "yes", GATE_COOKIE_YES }, { "no", GATE_COOKIE_NO },
	{ NULL, 0 },
};

static const struct setting_word username_forms[] = {
	{ "ascii", USERNAME_ASCII }, { "unicode", USERNAME_UNICODE }, { NULL, 0 },
};

static const struct setting_word password_lists[] = {
	{ PASSWORD_LIST_BUILTIN, 0 }, { PASSWORD_LIST_NONE, 0 }, { NULL, 0 },
};

static const struct setting_word log_targets[] = {
	{ "stderr", LOG_TO_STDERR }, { "syslog", LOG_TO_SYSLOG }, { NULL, 0 },
};

static const struct setting_word log_levels[] = {
	{ "error", LOG_LEVEL_ERROR }, { "warning", LOG_LEVEL_WARNING }, { "info", LOG_LEVEL_INFO },
	{ "debug", LOG_LEVEL_DEBUG }, { NULL, 0 },
};

static const struct setting_word sandbox_modes[] = {
	{ "required", SANDBOX_REQUIRED }, { "available", SANDBOX_AVAILABLE },
	{ "off", SANDBOX_OFF }, { NULL, 0 },
};

const struct setting setting_table[] = {
	{ "issuer", "site", SETTING_ISSUER, AT(issuer), .derived = NULL,
	  .text = "Where browsers find pintle: origin and mount; the iss claim of every token." },
	{ "origins", "site", SETTING_ORIGINS, AT(origins), .derived = "the issuer's origin",
	  .text = "Origins whose own pages may log in, refresh and log out." },
	{ "allowed_origins", "site", SETTING_ORIGINS, AT(allowed_origins), .fallback = "",
	  .text = "Other origins whose pages may send requests; only they get CORS headers." },
	{ "proxies", "site", SETTING_ADDRESSES, AT(proxies), .fallback = "",
	  .text = "Proxies whose X-Forwarded-For header is believed; unix: stands for every peer "
	  "at a Unix socket." },
	{ "hsts", "site", SETTING_DURATION, AT(hsts_ms), .fallback = "0 s",
	  .low = 0, .high = 3650 * UNITS_DAY,
	  .text = "How long browsers must insist on TLS for this host (HSTS); 0 s: they are not "
	  "told to." },

	{ "access_ttl", "tokens", SETTING_DURATION, AT(access_ttl_ms), .fallback = "10 min",
	  .low = UNITS_SECOND, .high = ACCESS_TOKEN_MAX_LIFE * UNITS_SECOND,
	  .text = "Life of an access token." },
	{ "status_ttl", "tokens", SETTING_DURATION, AT(status_ttl_ms), .fallback = "10 s",
	  .low = UNITS_SECOND, .high = UNITS_HOUR,
	  .text = "How often services should fetch the status list, which reports ended "
	  "sessions." },
	{ "status_list_key", "tokens", SETTING_WORD, AT(status_list_shared), .fallback = "own",
	    .words = status_keys,
	  .text = "Whether the status list has its own key or shares that of access tokens." },
	{ "audience", "tokens", SETTING_TEXT, AT(audience), .derived = "the issuer's origin",
	  .text = "The aud claim of access tokens." },
	{ "verified_tokens", "tokens", SETTING_COUNT, AT(verified_tokens), .fallback = "4096",
	  .low = 0, .high = 1048576, .text = "Access tokens that each worker remembers as "
	  "verified." },
	{ "client_id", "tokens", SETTING_TEXT, AT(client_id), .fallback = "pintle",
	  .text = "The client_id claim of access tokens." },
	{ "signing_alg", "tokens", SETTING_WORD, AT(signing_alg), .fallback = "ES256",
	    .words = algorithms,
	  .text = "Algorithm of the signing keys that pintle init and pintle key rotate make." },
	{ "jwks_max_age", "tokens", SETTING_DURATION, AT(jwks_max_age_ms), .fallback = "5 min",
	  .low = UNITS_SECOND, .high = UNITS_DAY,
	  .text = "How long caches may keep the key set and the metadata." },
	{ "key_prepublish", "tokens", SETTING_DURATION, AT(key_prepublish_ms), .fallback = "2 h",
	  .low = UNITS_SECOND, .high = 30 * UNITS_DAY,
	  .text = "How long a new key is published before it signs; never less than twice "
	  "jwks_max_age." },

	{ "hand_out", "sessions", SETTING_DURATION, AT(periods.hand_out_ms), .fallback = "60 s",
	  .low = 1, .high = UNITS_HOUR, .text = "How long a new refresh token is handed out to all "
	  "tabs that ask at the same time." },
	{ "quiet", "sessions", SETTING_DURATION, AT(periods.quiet_ms), .fallback = "120 s",
	  .low = 1, .high = UNITS_HOUR, .text = "How long none is handed out after that, so that "
	  "answers under way can arrive." },
	{ "idle", "sessions", SETTING_DURATION, AT(lifetimes.idle_ms), .fallback = "24 h",
	  .low = UNITS_SECOND, .high = 3650 * UNITS_DAY,
	  .text = "A session ends if it is not used for this long." },
	{ "idle_remember", "sessions", SETTING_DURATION, AT(lifetimes.idle_remember_ms),
	    .fallback = "14 d",
	  .low = UNITS_SECOND, .high = 3650 * UNITS_DAY,
	  .text = "The same if the person asked to be remembered." },
	{ "absolute", "sessions", SETTING_DURATION, AT(lifetimes.absolute_ms), .fallback = "90 d",
	  .low = UNITS_SECOND, .high = 3650 * UNITS_DAY,
	  .text = "Every session ends this long after its login." },
	{ "sessions_per_user", "sessions", SETTING_COUNT, AT(sessions_per_user), .fallback = "50",
	  .low = 1, .high = 10000, .text = "Browsers that a user can be signed in with; beyond "
	  "that the least recently used one is signed out." },

	{ "refresh_cookie", "cookies", SETTING_COOKIE, AT(refresh_cookie),
	    .fallback = "pintle-refresh",
	  .text = "Name of the refresh cookie, without its __Secure- or __Host- prefix." },
	{ "refresh_cookie_root", "cookies", SETTING_BOOL, AT(refresh_cookie_root), .fallback = "no",
	  .text = "Send the refresh cookie to every path, named __Host-, instead of only to the "
	  "mount." },
	{ "device_cookie", "cookies", SETTING_COOKIE, AT(device_cookie),
	    .fallback = "pintle-device",
	  .text = "Name of the cookie that tells browsers apart, without its __Host- prefix." },
	{ "gate_cookie", "cookies", SETTING_WORD, AT(gate_cookie_choice), .fallback = "auto",
	    .words = gate_cookies,
	  .text = "Set a cookie that lets people navigate to guarded pages; auto: if a guarded "
	  "place admits people." },
	{ "gate_cookie_name", "cookies", SETTING_COOKIE, AT(gate_cookie_name),
	    .fallback = "pintle-gate",
	  .text = "Its name, without its __Host- prefix." },
	{ "cookie_suffix", "cookies", SETTING_SUFFIX, AT(cookie_suffix), .fallback = "",
	  .text = "A suffix for all cookies' names, to tell them from those of a pintle at another "
	  "port of this host." },
	{ "gate_ttl", "cookies", SETTING_DURATION, AT(gate_ttl_ms), .fallback = "12 h",
	  .low = UNITS_SECOND, .high = 90 * UNITS_DAY,
	  .text = "How long it is valid without a refresh." },

	{ "identity", "identity", SETTING_WORD, AT(identity), .fallback = "password",
	    .words = identities,
	  .text = "Whether the web server's own sign-on (REMOTE_USER) may begin sessions too." },
	{ "usernames", "identity", SETTING_WORD, AT(usernames), .fallback = "ascii",
	    .words = username_forms,
	  .text = "Whether names have ASCII letters and digits, or those of all scripts." },
	{ "remote_user_create", "identity", SETTING_BOOL, AT(remote_user_create), .fallback = "no",
	  .text = "Add users when the web server's sign-on names them for the first time." },

	{ "otp_required", "identity", SETTING_GROUPS, AT(otp_required), .fallback = "",
	  .text = "Groups whose users must also sign in with a second factor; all: everybody." },

	{ "password_min", "passwords", SETTING_COUNT, AT(password_min), .fallback = "12",
	  .low = 8, .high = 64, .text = "The least number of characters of a new password." },
	{ "password_max", "passwords", SETTING_COUNT, AT(password_max), .fallback = "1024",
	  .low = 256, .high = PASSWORD_MAX_BYTES, .text = "The most bytes of a new password." },
	{ "password_list", "passwords", SETTING_FILE, AT(password_list),
	    .fallback = PASSWORD_LIST_BUILTIN, .words = password_lists,
	  .text = "Passwords that nobody may set, because attackers try them first." },
	{ "hashing_memory", "passwords", SETTING_SIZE, AT(password_cost.memory_kib),
	    .scale = UNITS_KIB,
	  .fallback = "19 MiB", .low = 64 * UNITS_KIB, .high = PASSWORD_MAX_MEMORY_KIB * UNITS_KIB,
	  .text = "Memory of one argon2id hash." },
	{ "hashing_passes", "passwords", SETTING_COUNT, AT(password_cost.passes), .fallback = "2",
	  .low = 1, .high = PASSWORD_MAX_PASSES,
	  .text = "Passes of one argon2id hash over its memory." },
	{ "hashing_lanes", "passwords", SETTING_COUNT, AT(password_cost.lanes), .fallback = "1",
	  .low = 1, .high = PASSWORD_MAX_LANES, .text = "Lanes of one argon2id hash." },
	{ "hashing_slots", "passwords", SETTING_COUNT, AT(hashing_slots), .fallback = "4",
	  .low = 1, .high = PASSWORD_SLOTS_MAX,
	  .text = "Hashes that run at the same time, in all workers together." },
	{ "hashing_wait", "passwords", SETTING_DURATION, AT(hashing_wait_ms), .fallback = "5 s",
	  .low = 0, .high = UNITS_MINUTE,
	  .text = "How long a login waits for its turn before it is answered with 503." },
	{ "hashing_queue", "passwords", SETTING_COUNT, AT(hashing_queue), .fallback = "64",
	  .low = 0, .high = 1024, .text = "Logins that may wait in each worker in addition to its "
	  "working threads." },

	{ "account_tries", "guessing", SETTING_COUNT, AT(account_limit.tries), .fallback = "10",
	  .low = 1, .high = 1000000, .text = "Wrong tries for one account, from any address, "
	  "before the next one must wait." },
	{ "account_wait", "guessing", SETTING_DURATION, AT(account_limit.wait_ms),
	    .fallback = "1 min",
	  .low = 1, .high = UNITS_DAY, .text = "How long that one waits; each further one waits "
	  "twice as long." },
	{ "account_forget", "guessing", SETTING_DURATION, AT(account_limit.forget_ms),
	    .fallback = "1 h",
	  .low = 1, .high = 30 * UNITS_DAY,
	  .text = "The time after which one wrong try for an account is forgotten; also the "
	  "longest wait." },
	{ "device_tries", "guessing", SETTING_COUNT, AT(device_tries), .fallback = "30",
	  .low = 1, .high = 1000000, .text = "The same as account_tries, separately for each "
	  "device that has signed in before." },
	{ "known_devices", "guessing", SETTING_COUNT, AT(known_devices), .fallback = "20",
	  .low = 1, .high = 1000, .text = "Devices of a user that are remembered as having signed "
	  "in." },
	{ "address_tries", "guessing", SETTING_COUNT, AT(address_limit.tries), .fallback = "30",
	  .low = 1, .high = 1000000, .text = "Wrong tries from one address, for any account, "
	  "before the next one must wait." },
	{ "address_wait", "guessing", SETTING_DURATION, AT(address_limit.wait_ms),
	    .fallback = "1 min",
	  .low = 1, .high = UNITS_DAY, .text = "How long that one waits; each further one waits "
	  "twice as long." },
	{ "address_forget", "guessing", SETTING_DURATION, AT(address_limit.forget_ms),
	    .fallback = "6 min",
	  .low = 1, .high = 30 * UNITS_DAY,
	  .text = "The time after which one wrong try from an address is forgotten; also the "
	  "longest wait." },

	{ "state_folder", "store", SETTING_PATH, AT(state_folder), .fallback = PINTLE_STATE_FOLDER,
	  .text = "Holds the database, the keys and the hashing slots." },
	{ "store_size", "store", SETTING_SIZE, AT(map_bytes), .fallback = STORE_SIZE,
	  .low = UNITS_MIB, .high = STORE_SIZE_MAX,
	  .text = "How far the database may grow; the file takes only the space that it needs." },
	{ "store_readers", "store", SETTING_COUNT, AT(readers), .fallback = "2048",
	  .low = 126, .high = 8192, .text = "Threads of all processes that may read at the same "
	  "time." },
	{ "ended_keep", "store", SETTING_DURATION, AT(ended_keep_ms), .fallback = "30 d",
	  .low = 0, .high = 3650 * UNITS_DAY,
	  .text = "How long an ended session is kept, so that its browser can be told why it "
	  "ended." },
	{ "audit_keep", "store", SETTING_DURATION, AT(audit_keep_ms), .fallback = "90 d",
	  .low = 0, .high = 36500 * UNITS_DAY, .text = "How long audit events are kept." },
	{ "audit_max", "store", SETTING_COUNT, AT(audit_max), .fallback = "1000000",
	  .low = 1, .high = INT64_C(1000000000), .text = "How many audit events are kept." },

	{ "socket", "worker", SETTING_PATH, AT(socket_path), .fallback = "/run/pintle/pintle.sock",
	  .text = "Where the worker listens when its --socket names nothing else." },
	{ "socket_mode", "worker", SETTING_MODE, AT(socket_mode), .fallback = "0660", .high = 0770,
	  .text = "Permissions of the socket; whoever can connect can claim to be anybody." },
	{ "socket_owner", "worker", SETTING_ACCOUNT, AT(socket_owner), .fallback = "",
	  .text = "Owner of the socket." },
	{ "socket_group", "worker", SETTING_ACCOUNT, AT(socket_group), .fallback = "",
	  .text = "Group of the socket; usually the web server's." },
	{ "authorizer", "worker", SETTING_LOOPBACK, AT(authorizer), .fallback = "",
	  .text = "Where Apache asks whether a guarded request may pass, if it cannot ask at the "
	  "socket." },
	{ "user", "worker", SETTING_ACCOUNT, AT(user), .fallback = "",
	  .text = "User that a worker started by root becomes; pintle init gives the state folder "
	  "to that user." },
	{ "workers", "worker", SETTING_COUNT, AT(workers), .fallback = "1",
	  .low = 1, .high = 64, .text = "Processes that serve the socket, unless --workers says "
	  "otherwise." },
	{ "threads", "worker", SETTING_COUNT, AT(threads), .fallback = "8",
	  .low = 1, .high = 256, .text = "Requests that each of them works on at the same time." },
	{ "request_timeout", "worker", SETTING_DURATION, AT(request_timeout_ms), .fallback = "10 s",
	  .low = 100, .high = 10 * UNITS_MINUTE,
	  .text = "How long the web server may take to send a request or to read its answer." },
	{ "sandbox", "worker", SETTING_WORD, AT(sandbox), .fallback = "required",
	    .words = sandbox_modes,
	  .text = "Whether a worker refuses to work without its sandbox." },

	{ "log", "log", SETTING_WORD, AT(log_target), .fallback = "stderr", .words = log_targets,
	  .text = "Where the log goes." },
	{ "log_level", "log", SETTING_WORD, AT(log_level), .fallback = "info", .words = log_levels,
	  .text = "The least important level that is written." },

	{ .name = NULL },
};

_Static_assert(sizeof(setting_table) / sizeof(setting_table[0]) <= SETTING_MAX + 1,
    "SETTING_MAX is too small");

size_t
setting_count(void)
{
	return sizeof(setting_table) / sizeof(setting_table[0]) - 1;
}
