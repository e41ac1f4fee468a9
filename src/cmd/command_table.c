#include "cmd/command.h"

#define BIT(option) (1u << (option))

const struct option_info option_table[OPTION_COUNT] = {
	[OPTION_CONFIG] = { "config", "FILE", "read this configuration" },
	[OPTION_HELP] = { "help", NULL, "say what the command does" },
	[OPTION_VERSION] = { "version", NULL, "say which pintle this is" },
	[OPTION_JSON] = { "json", NULL, "write JSON, for programs" },
	[OPTION_ISSUER] = { "issuer", "URL", "write a configuration for this issuer if there is none" },
	[OPTION_OWNER] = { "owner", "USER", "give the state folder to this user of the system: the worker's" },
	[OPTION_STATE_FOLDER] = { "state-folder", "FOLDER", "name this state folder in the new configuration" },
	[OPTION_GROUPS] = { "groups", "GROUPS", "the user's groups, separated by commas" },
	[OPTION_PASSWORD_STDIN] = { "password-stdin", NULL, "read the password from standard input, even from a terminal" },
	[OPTION_NO_PASSWORD] = { "no-password", NULL, "set none: nobody can log in by one" },
	[OPTION_YES] = { "yes", NULL, "do not ask first" },
	[OPTION_USER] = { "user", "NAME", "only of this user; of doctor, log in as this user" },
	[OPTION_ALL] = { "all", NULL, "of all users" },
	[OPTION_ENDED] = { "ended", NULL, "also sessions that have ended" },
	[OPTION_KEEP_SESSIONS] = { "keep-sessions", NULL, "leave sessions as the backup has them, revoked since or not" },
	[OPTION_SESSION] = { "session", "ID", "only about this session" },
	[OPTION_ADDRESS] = { "address", "IP", "only from this address" },
	[OPTION_KIND] = { "kind", "EVENT", "only this kind of event" },
	[OPTION_SINCE] = { "since", "WHEN", "only from then on: 2h, 2026-11-24 or 2026-11-24T08:00:00Z" },
	[OPTION_LAST] = { "last", "COUNT", "only the newest so many" },
	[OPTION_CERTIFICATE] = { "certificate", "FILE", "the certificate with its chain, PEM" },
	[OPTION_KEY] = { "key", "FILE", "the certificate's private key, PEM" },
	[OPTION_WORKER] = { "worker", "FILE", "where pintle.fcgi is, for servers that start it" },
	[OPTION_AUTHORIZER] = { "authorizer", "ADDR:PORT", "where pintle.fcgi --listen answers Apache" },
	[OPTION_SCRIPT] = { "script", "FILE", "where pintle.lua is, for lighttpd" },
	[OPTION_GUARDED] = { "guarded", "PATHS", "look at these guarded places too, with commas between them" },
	[OPTION_PLAIN] = { "plain", "URL", "the same site without TLS, where that is not at port 80" },
	[OPTION_CACERT] = { "cacert", "FILE", "trust these certificates in place of the system's, PEM" },
	[OPTION_INSECURE] = { "insecure", NULL, "look at no certificate" },
	[OPTION_FOLLOW] = { "follow", NULL, "go on with what happens from now on" },
};

#define NEW_PASSWORD (BIT(OPTION_PASSWORD_STDIN) | BIT(OPTION_NO_PASSWORD))
#define LOG_FILTERS (BIT(OPTION_USER) | BIT(OPTION_SESSION) | BIT(OPTION_ADDRESS) | BIT(OPTION_KIND) | \
	BIT(OPTION_SINCE) | BIT(OPTION_LAST))

const struct command command_table[] = {
	{ NULL, "init", NULL, "make the state folder, the keys and the store",
	  BIT(OPTION_ISSUER) | BIT(OPTION_OWNER) | BIT(OPTION_STATE_FOLDER), cmd_init },
	{ NULL, "check", NULL, "say what is wrong with this site, and what mends it", BIT(OPTION_JSON), cmd_check },
	{ NULL, "config", "KIND", "print the configuration of a web server: nginx and others, see the manual",
	  BIT(OPTION_CERTIFICATE) | BIT(OPTION_KEY) | BIT(OPTION_WORKER) | BIT(OPTION_AUTHORIZER) |
	  BIT(OPTION_SCRIPT), cmd_config },
	{ NULL, "doctor", "[URL]", "look at the live site as a client would; say what is wrong, and what mends it",
	  BIT(OPTION_JSON) | BIT(OPTION_PASSWORD_STDIN) | BIT(OPTION_USER) | BIT(OPTION_GUARDED) | BIT(OPTION_PLAIN) |
	  BIT(OPTION_CACERT) | BIT(OPTION_INSECURE), cmd_doctor },
	{ "user", "add", "NAME", "add a user", BIT(OPTION_GROUPS) | NEW_PASSWORD, cmd_user_add },
	{ "user", "list", NULL, "list all users", BIT(OPTION_JSON), cmd_user_list },
	{ "user", "show", "NAME", "show one user", BIT(OPTION_JSON), cmd_user_show },
	{ "user", "passwd", "NAME", "set a new password, which ends all sessions of the user", NEW_PASSWORD,
	  cmd_user_passwd },
	{ "user", "groups", "NAME GROUPS", "set a user's groups, separated by commas (\"\" for none)", 0,
	  cmd_user_groups },
	{ "user", "disable", "NAME", "let a user in no more, and end all its sessions", 0, cmd_user_disable },
	{ "user", "enable", "NAME", "let a user log in again; what ended stays ended", 0, cmd_user_enable },
	{ "user", "delete", "NAME", "delete a user and all its sessions", BIT(OPTION_YES), cmd_user_delete },
	{ "session", "list", NULL, "list sessions", BIT(OPTION_USER) | BIT(OPTION_ENDED) | BIT(OPTION_JSON),
	  cmd_session_list },
	{ "session", "revoke", "[ID]", "end one session, those of one user, or all",
	  BIT(OPTION_USER) | BIT(OPTION_ALL), cmd_session_revoke },
	{ "session", "why", "ID", "tell the story of a session, and why it ended", BIT(OPTION_JSON), cmd_session_why },
	{ "key", "list", NULL, "list the signing keys", BIT(OPTION_JSON), cmd_key_list },
	{ NULL, "gc", NULL, "remove what has expired, at once", 0, cmd_gc },
	{ NULL, "backup", "FILE", "copy the store into a new file, while the worker runs", 0, cmd_backup },
	{ NULL, "restore", "FILE", "put a backup in the place of the store, and end its sessions",
	  BIT(OPTION_KEEP_SESSIONS) | BIT(OPTION_YES), cmd_restore },
	{ NULL, "stats", NULL, "show how much the store holds", BIT(OPTION_JSON), cmd_stats },
	{ NULL, "log", NULL, "show the audit log", LOG_FILTERS | BIT(OPTION_FOLLOW) | BIT(OPTION_JSON), cmd_log },
	{ .name = NULL },
};
