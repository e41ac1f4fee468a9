// What the application learns; whatever the client claims under these names, in any spelling, is removed.
const TOLD = ["x-auth-user", "x-auth-groups", "x-auth-session"];
const isTold = (name) => TOLD.includes(name.toLowerCase().replace(/[^a-z0-9]/g, "-"));
const told = (claims) => ({
	"X-Auth-User": claims.preferred_username, "X-Auth-Groups": claims.groups.join(","), "X-Auth-Session": claims.sid,
});
