-- For mod_magnet: what an application behind lighttpd is told, and who may keep what it answers.
-- What `pintle config lighttpd` prints names this file, and tells it by the environment, which no
-- client can set: PINTLE_COOKIES, PINTLE_SCHEME, and at a guarded place PINTLE_PLACE and others.
--
-- At a guarded place it runs before the authorizer is asked, and again after it said yes. Only then is
-- AUTH_PLACE in the environment; until then cookies and Authorization have to stay, since
-- the authorizer judges them. The third time is when the answer is about to be sent.
local r = lighty.r
local env, head, attr = r.req_env, r.req_header, r.req_attr
local place = env["PINTLE_PLACE"]
local passed = place ~= nil and env["AUTH_PLACE"] == place

local told = {
	["x-auth-user"] = "AUTH_USER",
	["x-auth-groups"] = "AUTH_GROUPS",
	["x-auth-session"] = "AUTH_SESSION",
}

-- The cookies without pintle's own; all others stay as they came and in their order.
local function others(cookies)
	local own, kept = {}, {}
	for name in (env["PINTLE_COOKIES"] or ""):gmatch("%S+") do
		own[name] = true
	end
	for before, pair in (";" .. cookies):gmatch("([;,])([^;,]*)") do
		local name = pair:match("^[ \t]*(.-)[ \t]*=")
		if not (name and own[name]) then
			kept[#kept + 1] = before .. pair
		end
	end
	return (table.concat(kept):gsub("^[;,][ \t]*", ""))
end

-- A page, and what is looked at as one, is kept by nobody; pictures, styles and scripts in the person's own browser.
local looked_at = { document = true, frame = true, iframe = true, object = true, embed = true }

local function is_page(kind)
	kind = kind:lower()
	return looked_at[r.req_header["Sec-Fetch-Dest"] or ""] or (kind:find("^text/") and not kind:find("^text/css") and not kind:find("^text/javascript"))
		or kind:find("^application/xhtml") or kind:find("^application/xml") or kind:find("^application/pdf")
end

local function answer()
	local kind, said = r.resp_header["Content-Type"] or "", r.resp_header["Cache-Control"]
	if is_page(kind) then
		r.resp_header["Cache-Control"] = (said and said .. ", " or "") .. "private, no-store"
	else
		r.resp_header["Cache-Control"] = said and said .. ", private" or "private, no-cache"
	end
end

if passed and env["PINTLE_HANDED_ON"] then
	answer()
	return 0
end

-- What the client claims to be, however it is spelt: to many an application
-- X_Auth.User is X-Auth-User.
local claimed = {}
for name in pairs(head) do
	if told[name:lower():gsub("[^a-z0-9]", "-")] then
		claimed[#claimed + 1] = name
	end
end
for _, name in ipairs(claimed) do
	head[name] = nil
end

-- From here on lighttpd is the proxy: what the client says of others is hearsay.
for _, name in ipairs({ "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto" }) do
	head[name] = nil
end
-- Who the client is behind a front that mod_extforward believes; mod_proxy appends the front.
if env["_L_EXTFORWARD_ACTUAL_FOR"] then
	head["X-Forwarded-For"] = attr["request.remote-addr"]
end
-- Another upgrade than a WebSocket's would be a way past the guard.
if head["Upgrade"] and head["Upgrade"]:lower() ~= "websocket" then
	head["Upgrade"] = nil
end

if place and not passed then
	return 0
end

if head["Cookie"] then
	local kept = others(head["Cookie"])
	head["Cookie"] = kept ~= "" and kept or nil
end
if not place then
	return 0
end

env["PINTLE_HANDED_ON"] = "yes"
if env["AUTH_BY"] == "bearer" or env["PINTLE_AUTHORIZATION"] ~= "keep" then
	head["Authorization"] = nil
end
for name, variable in pairs(told) do
	local value = env[variable]
	head[name] = value ~= "" and value or nil
end
if env["PINTLE_SCHEME"] then
	attr["uri.scheme"] = env["PINTLE_SCHEME"]
end
-- The address goes on as it was sent, which the worker has looked at; not one that goes up, which
-- would be another to an application that does not follow it.
if env["PINTLE_PROXIED"] then
	local sent = attr["request.orig-uri"]
	local path = sent:match("^[^?]*"):lower():gsub("%%2e", "."):gsub("%%2f", "/") .. "/"
	if not (path:find("/./", 1, true) or path:find("/../", 1, true)) then
		attr["request.uri"] = sent
	end
end
-- A front controller runs for what is neither a script nor a file.
local front, folder = env["PINTLE_FRONT"], env["PINTLE_FOLDER"]
if front and folder then
	local path = attr["uri.path"]
	if not (path:find("%.php/") or path:find("%.php$")) and not lighty.stat(folder .. path:sub(#place)) then
		attr["uri.path"] = front
	end
end
return 0
