-- For mod_magnet: what an application behind a guarded place is told.
-- What `pintle config lighttpd` prints names this file.
--
-- It runs before the authorizer is asked and again after it said yes. Only then
-- is AUTH_USER in the environment, which no client can set; until then
-- Authorization has to stay, since the authorizer judges it.
local r = lighty.r
local told = {
	["x-auth-user"] = "AUTH_USER",
	["x-auth-groups"] = "AUTH_GROUPS",
	["x-auth-session"] = "AUTH_SESSION",
}
local claimed = {}

-- What the client claims to be, however it is spelt: to many an application
-- X_Auth.User is X-Auth-User.
for name in pairs(r.req_header) do
	local plain = name:lower():gsub("[^a-z0-9]", "-")
	if told[plain] then
		claimed[#claimed + 1] = name
	end
end
for _, name in ipairs(claimed) do
	r.req_header[name] = nil
end

-- From here on lighttpd is the proxy: what the client says of others is hearsay.
for _, name in ipairs({ "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto" }) do
	r.req_header[name] = nil
end

if r.req_env["AUTH_USER"] then
	r.req_header["Authorization"] = nil
	for name, variable in pairs(told) do
		r.req_header[name] = r.req_env[variable]
	end
end
return 0
